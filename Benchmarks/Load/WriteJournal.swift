import ArgumentParser
import Foundation
import Journal

/// A directory as a coordinator leaves it that has run for a long time.
struct WriteJournal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Writes a journal with a population that was trained for long.")

    @Argument(help: "The data directory, which must not have a journal yet.")
    var directory: String

    @Option(help: "Members of the population.")
    var members = 1000

    @Option(help: "Events, about.")
    var events = 100_000

    @Option(help: "Leases that are live at the end: 0, or as many workers as there were all along.")
    var leases = 512

    func validate() throws {
        try demand(members, "--members", in: 1...1_000_000)
        try demand(events, "--events", in: members...1_000_000_000)
        try demand(leases, "--leases", in: 0...members)
    }

    func run() throws {
        let path = directory + "/" + Journal.fileName
        guard !FileManager.default.fileExists(atPath: path) else {
            throw LoadError("There is a journal in \(directory); name another directory.")
        }
        let start = monotonicNanoseconds()
        let history = try PastTraining(directory: directory, members: members, leases: leases)
        var outcome = try history.write(events: events)
        outcome.seconds = Double(monotonicNanoseconds() - start) / 1e9
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        outcome.mebibytes = Double(size ?? 0) / 1_048_576
        try printAsJSON(outcome)
    }

    struct Outcome: Codable {
        var members = 0
        var events = 0
        var reports = 0
        var exploits = 0
        var leases = 0
        var seconds = 0.0
        var mebibytes = 0.0
    }
}
