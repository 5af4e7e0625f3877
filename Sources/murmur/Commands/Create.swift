import ArgumentParser
import Foundation
import Messages
import Murmuration

struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes a population.",
        discussion: """
              murmur create digits --space space.csv --population-size 16 --max-steps 100

            The space file has a line for each hyperparameter, `name,min,max,scale` with a scale \
            of `log` or `linear`, or is YAML (.yaml), which can also say all that the options say.
            """)

    @Argument(help: "Its name: letters, digits, dots, dashes and underscores.")
    var name: String

    @OptionGroup var population: PopulationOptions

    @Option(help: "The seed of its random choices. (default: the space file's, or 0)")
    var seed: UInt64?

    @Option(
        help: """
            The fraction of the members that copies another one. (default: 0.25; 0.2 in a \
            synchronous population)
            """)
    var fraction: Double?

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        var creation = try population.creation(name: name, space: try population.spaceFile())
        if let seed { creation.seed = seed }
        if let fraction { creation.fraction = fraction }
        let request = creation
        let made = try await Administrator.with(coordinator.address()) {
            try await $0.createPopulation(request)
        }
        let end = made.maxSteps.map { ", each until step \($0)" } ?? ""
        OutputFile.say(
            """
            The population \(made.name) has \(NumberText.count(made.members, "member"))\(end); its hyperparameters \
            are \(made.space.map(\.name).joined(separator: ", ")).
            """)
    }
}
