import ArgumentParser
import Evolution
import Foundation
import Histogram

/// What a decision takes by itself, without a server.
struct Decisions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decides on reports for a population in this process.")

    @Option(help: "Members of the population.")
    var members = 1000

    @Option(help: "Reports to measure, rounded up to whole batches of 64.")
    var reports = 100_000

    /// Looking at the clock takes a good part of a decision's time.
    private static let batch = 64

    func validate() throws {
        try demand(members, "--members", in: Self.batch...1_000_000)
        try demand(reports, "--reports", in: 1...1_000_000_000)
    }

    func run() throws {
        let process = ServerProcess(id: Int(getpid()))
        let before = try process.memory(.now)
        var population = try SyntheticPopulation(size: members)
        for _ in 0..<members { _ = population.addMember() }
        for member in 0..<members { _ = population.report(for: member) }
        var outcome = Outcome()
        outcome.members = members
        outcome.bytesPerMember = try bytesPerMember(process, since: before)

        var times = Histogram<UInt64>(
            highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
        var order = population.shuffledMembers()
        var next = 0
        while outcome.reports < reports {
            if next + Self.batch > order.count {
                order = population.shuffledMembers()
                next = 0
            }
            let due = order[next..<(next + Self.batch)].map { population.nextReport(of: $0) }
            next += Self.batch
            let start = monotonicNanoseconds()
            let events = due.map { population.decide($0) }
            let time = monotonicNanoseconds() - start
            times.record(time)
            outcome.mean += Double(time)
            outcome.reports += due.count
            for (event, report) in zip(events, due) {
                outcome.exploits += event.exploit == nil ? 0 : 1
                population.settle(event, after: report)
            }
        }
        func microseconds(_ percentile: Double) -> Double {
            Double(times.valueAtPercentile(percentile)) / 1000 / Double(Self.batch)
        }
        outcome.p50 = microseconds(50)
        outcome.p99 = microseconds(99)
        outcome.mean /= 1000 * Double(outcome.reports)
        outcome.bytesPerMemberAtEnd = try bytesPerMember(process, since: before)
        guard population.population.reports == members + outcome.reports else {
            throw LoadError(
                "The population counts \(population.population.reports) reports, and was given "
                    + "\(members + outcome.reports).")
        }
        try printAsJSON(outcome)
    }

    private func bytesPerMember(_ process: ServerProcess, since before: Double) throws -> Double {
        (try process.memory(.now) - before) * 1_048_576 / Double(members)
    }

    struct Outcome: Codable {
        var members = 0
        var reports = 0
        var exploits = 0
        /// Microseconds of a decision, of batches' means.
        var p50 = 0.0
        var p99 = 0.0
        var mean = 0.0
        /// Resident, when each had one committed state.
        var bytesPerMember = 0.0
        /// When the reports were made, after which most have a state to fall back to as well.
        var bytesPerMemberAtEnd = 0.0
    }
}
