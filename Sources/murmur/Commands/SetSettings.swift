import ArgumentParser
import Murmuration

struct SetSettings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Changes how a population evolves from now on.",
        discussion: """
              murmur set digits --max-steps 400 --fraction 0.25
              murmur set digits --max-steps none

            What was decided stays. The settings that are left out stay as they are.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The step at which a member has finished, or none.", valueName: "steps"),
        transform: Self.maxSteps)
    var maxSteps: Int?

    @Option(
        help: ArgumentHelp(
            "Steps between two reports at which a member may copy another one.",
            valueName: "steps"))
    var interval: Int?

    @Option(help: ArgumentHelp("Steps before which no member copies.", valueName: "steps"))
    var burnIn: Int?

    @Option(help: "The fraction of the members that copies another one, from 0 to 0.5.")
    var fraction: Double?

    @Option(
        help: ArgumentHelp("With fewer members that have reported nobody copies.", valueName: "n"))
    var minPopulationSize: Int?

    @Option(
        help: ArgumentHelp(
            "The chance that a copier draws a hyperparameter anew, from 0 to 1.", valueName: "p"))
    var resampleProbability: Double?

    @OptionGroup var coordinator: CoordinatorOptions

    private var settings: Population.Settings {
        Population.Settings(
            maxSteps: maxSteps, interval: interval, burnIn: burnIn, fraction: fraction,
            minPopulationSize: minPopulationSize, resampleProbability: resampleProbability)
    }

    func validate() throws {
        guard settings != Population.Settings() else {
            throw ValidationError(
                """
                There is nothing to change; name a setting, as in --max-steps 400 or \
                --fraction 0.25.
                """)
        }
        let counts = [
            ("--interval", interval, 1), ("--burn-in", burnIn, 0),
            ("--min-population-size", minPopulationSize, 2),
        ]
        for case (let name, let number?, let least) in counts where number < least {
            throw ValidationError("\(name) \(number) is too small; use \(least) or more.")
        }
        let shares = [
            ("--fraction", fraction, 0.5), ("--resample-probability", resampleProbability, 1),
        ]
        for case (let name, let share?, let most) in shares where !(0...most).contains(share) {
            throw ValidationError(
                "\(name) \(share) is out of bounds; use a number from 0 to \(most).")
        }
    }

    func run() async throws {
        let settings = settings
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.set(settings, of: name)
        }
        OutputFile.say(Steering.set(population))
    }

    private static func maxSteps(_ text: String) throws -> Int {
        if text == "none" { return Population.Settings.endless }
        guard let steps = Int(text), steps >= 1 else {
            throw ValidationError(
                "'\(text)' is no last step; write a number from 1 on, or none to train for ever.")
        }
        return steps
    }
}
