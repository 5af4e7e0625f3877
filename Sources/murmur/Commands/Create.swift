import ArgumentParser
import Foundation
import Histories
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

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let space = try population.spaceFile()
        let settings = population.settings
        let made = try await Administrator.with(coordinator.address()) {
            try await $0.createPopulation(
                name, space: space.text, source: space.path, settings: settings)
        }
        let end = made.maxSteps.map { ", each until step \($0)" } ?? ""
        StandardOutput.say(
            done: """
                The population \(made.name) has \(NumberText.count(made.members, "member"))\(end); its hyperparameters \
                are \(made.space.map(\.name).joined(separator: ", ")).
                """)
        if let obstacle = made.obstacle { OutputFile.say(obstacle) }
    }
}
