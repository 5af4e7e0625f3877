import Histories
import Murmuration

/// Says what is so after a population was steered, in a sentence.
enum Steering {
    static func paused(_ population: Population) -> String {
        "The population \(population.name) is paused: "
            + workers(
                population, "wait", none: "no worker trains it, and none will until murmur resume.")
    }

    static func resumed(_ population: Population) -> String {
        if population.members > 0, population.finished == population.members {
            return """
                The population \(population.name) is active, but every member has finished; give \
                it more steps with murmur set --max-steps.
                """
        }
        return """
            The population \(population.name) is active: \
            \(population.members - population.finished) of its \
            \(NumberText.count(population.members, "member")) have steps to go.
            """
    }

    static func ended(_ population: Population) -> String {
        "The population \(population.name) is ended: "
            + workers(population, "stop", none: "no worker trains it any more.")
    }

    static func added(_ members: Int, to population: Population) -> String {
        """
        The population \(population.name) has \(NumberText.count(members, "member")) more, \
        \(population.members) in all.
        """
    }

    static func removed(_ member: Int, from population: Population) -> String {
        """
        Member \(member) of \(population.name) is removed, and \
        \(NumberText.count(population.members, "member")) \(population.members == 1 ? "is" : "are") left; \
        its history stays.
        """
    }

    static func set(_ changed: Population.Settings, of population: Population) -> String {
        let settings = changed.names.map { name in
            Population.Settings.text(name, population.settings[name])
        }
        return """
            The population \(population.name) evolves with \
            \(settings.joined(separator: ", ")) from now on.
            """
    }

    /// What the workers do after a pause or an end.
    private static func workers(_ population: Population, _ what: String, none: String) -> String {
        switch population.training {
        case 0: none
        case 1: "its worker \(what)s after its next report."
        case let training: "its \(training) workers \(what) after their next report."
        }
    }
}
