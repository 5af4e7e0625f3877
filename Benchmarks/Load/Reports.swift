import ArgumentParser
import Foundation
import Histogram
import Messages
import ZeroMQ

/// Workers that report as fast as they are answered, or at a rate of their own.
struct Reports: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reports for a population's members, each as soon as the last was answered.")

    @Argument(help: "The server's address.")
    var url: String

    @Flag(help: "The server is the floor: it sends back what it gets.")
    var floor = false

    @Option(help: "The server's process, to count what it uses.")
    var server: Int

    @OptionGroup var size: TeamSize

    @Option(help: "How long to load before measuring, in seconds.")
    var warmUp = 0.5

    @Option(help: "How long to measure, in seconds.")
    var seconds = 2.0

    @Option(help: "Seconds between two reports of a worker, beside which it sends heartbeats.")
    var every: Double?

    @Option(help: "How many addresses of this machine to connect from.")
    var sources = 1

    @Option(help: "How many more populations the server has, of which nobody reports.")
    var others = 0

    @Option(help: "The population, which is made here.")
    var population = "bench"

    func run() throws {
        OpenFiles.raiseLimit()
        let place = try Place(url, sockets: size.connections + 16)
        let team = try Team(place, size, every: every, sources: sources, isFloor: floor)
        let start = monotonicNanoseconds()
        if !floor {
            let administration = try Administration(place)
            try administration.create(population, members: size.members)
            for number in 0..<others {
                try administration.create("\(population)-\(number)", members: 1)
            }
            try team.join(population)
        }
        let joined = monotonicNanoseconds()
        var outcome = try team.measure(
            warmUp: warmUp, seconds: seconds, server: ServerProcess(id: server))
        outcome.joinSeconds = Double(joined - start) / 1e9
        try printAsJSON(outcome)
    }
}

/// What was measured.
struct Outcome: Codable {
    /// Reports that were answered while it was measured.
    var reports = 0
    var seconds = 0.0
    var reportsPerSecond = 0.0
    /// From a report's leaving to its directive, in microseconds.
    var p50 = 0.0
    var p99 = 0.0
    var p999 = 0.0
    var most = 0.0
    /// What the server spent on a report, in microseconds.
    var serverMicroseconds = 0.0
    /// What the load spent on one.
    var loadMicroseconds = 0.0
    var serverMebibytes = 0.0
    var exploits = 0
    /// To another member.
    var switches = 0
    /// Reports that were sent again because there was no answer for a second.
    var retries = 0
    /// All reports that were answered, also while it was not measured.
    var acknowledged = 0
    var bytesPerReport = 0.0
    var bytesPerDirective = 0.0
    var joinSeconds = 0.0
}
