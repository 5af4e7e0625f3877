import ArgumentParser
import Histories
import Murmuration

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the populations of a coordinator.",
        discussion: """
              murmur list --data murmuration-data

            With --json it prints an array with an object for each population: `name`, its \
            `settings` by the names that murmur set has (`max_steps` is 0 for none), `space` with \
            `name`, `kind` (number, integer, choice, ordinal or fixed), `log` and, for numbers, \
            `min` and `max` of each hyperparameter, and how far it is.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let populations = try await Populations(place: coordinator.place()).list()
        if json {
            return OutputFile.say(JSONLine.text(populations))
        }
        guard !populations.isEmpty else {
            return OutputFile.say(
                "There is no population; make one with murmur create NAME --space FILE.")
        }
        for line in Self.table(populations).lines() { OutputFile.say(line) }
    }

    static func table(_ populations: [Population]) -> TextTable {
        // Most coordinators have asynchronous populations only, which have no generations.
        let hasGenerations = populations.contains(where: \.synchronous)
        let generation = hasGenerations ? ["generation"] : []
        var table = TextTable(
            headings: [
                "population", "members", "training", "finished", "max steps", "reports",
                "exploits",
            ] + generation + ["status", "hyperparameters"], rightAligned: Set(1...6))
        for population in populations {
            let generation = hasGenerations ? [Self.generation(of: population)] : []
            let counts = [
                population.name, "\(population.members)", "\(population.training)",
                "\(population.finished)", population.maxSteps.map(String.init) ?? "-",
                "\(population.reports)", "\(population.exploits)",
            ]
            let space = population.space.map(\.name)
            table.rows.append(
                counts + generation + [population.status.rawValue, space.joined(separator: ", ")])
        }
        return table
    }

    private static func generation(of population: Population) -> String {
        guard population.synchronous else { return "-" }
        return "\(population.generation): \(population.generationReported)/\(population.members) "
            + "reported"
    }
}
