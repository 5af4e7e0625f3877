import ArgumentParser
import Foundation
import Messages

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the populations of a coordinator.",
        discussion: """
              murmur list --data murmuration-data

            With --json it prints an array with an object for each population.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let populations = try await Populations(place: coordinator.place()).list()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let data = try encoder.encode(populations.map(PopulationItem.init))
            return OutputFile.say(String(decoding: data, as: UTF8.self))
        }
        guard !populations.isEmpty else {
            return OutputFile.say(
                "There is no population; make one with murmur create NAME --space FILE.")
        }
        for line in Self.table(populations).lines() { OutputFile.say(line) }
    }

    static func table(_ populations: [WirePopulation]) -> TextTable {
        var table = TextTable(
            headings: [
                "population", "members", "training", "finished", "max steps", "reports",
                "exploits", "hyperparameters",
            ], rightAligned: Set(1...6))
        for population in populations {
            table.rows.append([
                population.name, "\(population.members)", "\(population.training)",
                "\(population.finished)",
                population.maxSteps == 0 ? "-" : "\(population.maxSteps)",
                "\(population.reports)", "\(population.exploits)",
                population.hyperparameters.joined(separator: ", "),
            ])
        }
        return table
    }
}

/// A population as `list --json` prints it.
struct PopulationItem: Encodable {
    var name: String
    var members: UInt64
    var minimize: Bool
    var interval: UInt64
    /// Absent when there is no end.
    var maxSteps: UInt64?
    var seed: UInt64
    var finished: UInt64
    var training: UInt64
    var reports: UInt64
    var exploits: UInt64
    var hyperparameters: [String]

    init(_ population: WirePopulation) {
        name = population.name
        members = population.members
        minimize = population.minimize
        interval = population.interval
        maxSteps = population.maxSteps == 0 ? nil : population.maxSteps
        seed = population.seed
        finished = population.finished
        training = population.training
        reports = population.reports
        exploits = population.exploits
        hyperparameters = population.hyperparameters
    }

    private enum CodingKeys: String, CodingKey {
        case name, members, minimize, interval, seed, finished, training, reports, exploits
        case maxSteps = "max_steps"
        case hyperparameters
    }
}
