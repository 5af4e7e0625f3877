import ArgumentParser
import Foundation
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
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let data = try encoder.encode(populations)
            return OutputFile.say(String(decoding: data, as: UTF8.self))
        }
        guard !populations.isEmpty else {
            return OutputFile.say(
                "There is no population; make one with murmur create NAME --space FILE.")
        }
        for line in Self.table(populations).lines() { OutputFile.say(line) }
    }

    static func table(_ populations: [Population]) -> TextTable {
        var table = TextTable(
            headings: [
                "population", "members", "training", "finished", "max steps", "reports",
                "exploits", "status", "hyperparameters",
            ], rightAligned: Set(1...6))
        for population in populations {
            table.rows.append([
                population.name, "\(population.members)", "\(population.training)",
                "\(population.finished)", population.maxSteps.map(String.init) ?? "-",
                "\(population.reports)", "\(population.exploits)", population.status.rawValue,
                population.space.map { Terminal.escaped($0.name) }.joined(separator: ", "),
            ])
        }
        return table
    }
}
