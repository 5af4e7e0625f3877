import ArgumentParser
import Foundation
import Histories
import Simulation

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the coordinator on simulated machines that fail.",
        discussion: """
              murmur simulate --seeds 10000
              murmur simulate --seed 4711

            Each seed is a few populations with their workers, on a network that loses, doubles and \
            delays messages, with a disk that refuses, machines that stand still and processes that \
            are killed, at moments that the seed decides. After each step it is looked at whether \
            all holds that must; then the faults stop, and every member must finish. A seed that \
            fails is printed; alone it runs again as it did, and tells all that happens.
            """)

    @Option(help: "How many seeds to run. (default: 100, or the one that --seed names)")
    var seeds: UInt64?

    @Option(help: "The first seed; alone, the one to run and tell of.")
    var seed: UInt64?

    func validate() throws {
        if seeds == 0 { throw ValidationError("--seeds 0 runs nothing; use 1 or more.") }
        if (seed ?? 0).addingReportingOverflow(seeds ?? 1).overflow {
            throw ValidationError("There are not so many seeds; use a lower --seed.")
        }
    }

    func run() async throws {
        if let seed, seeds == nil { return try replay(seed) }
        let first = seed ?? 0
        let summary = try await runAll(first..<(first + (seeds ?? 100)))
        OutputFile.say(summary)
    }

    private func replay(_ seed: UInt64) throws {
        do {
            let summary = try Simulator.run(seed: seed) { OutputFile.say(Terminal.escaped($0)) }
            OutputFile.say("Seed \(seed) passes: \(Self.text(summary)).")
        } catch {
            throw Failure("Seed \(seed) fails: \(error).")
        }
    }

    /// Runs them on all processors.
    private func runAll(_ seeds: Range<UInt64>) async throws -> String {
        var total = SimulationSummary()
        var progress = SimulationProgress(isShown: Screen(of: STDERR_FILENO).isTerminal)
        defer { progress.clear() }
        try await withThrowingTaskGroup(of: SimulationSummary.self) { group in
            var next = seeds.lowerBound
            func add() {
                guard next < seeds.upperBound else { return }
                let seed = next
                next += 1
                group.addTask { try Self.run(seed) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { add() }
            var done = 0
            while let summary = try await group.next() {
                total += summary
                done += 1
                progress.tell(done, of: seeds.count)
                add()
            }
        }
        return "\(NumberText.count(seeds.count, "seed")) passed: \(Self.text(total))."
    }

    private static func run(_ seed: UInt64) throws -> SimulationSummary {
        do {
            return try Simulator.run(seed: seed)
        } catch {
            throw Failure(
                "Seed \(seed) fails: \(error); see what led to it with "
                    + "murmur simulate --seed \(seed).")
        }
    }

    private static func text(_ summary: SimulationSummary) -> String {
        [
            NumberText.count(summary.reports, "report"),
            NumberText.count(summary.exploits, "exploit"),
            NumberText.count(summary.generations, "generation"),
            NumberText.count(summary.declines, "decline"),
            NumberText.count(summary.retries, "request") + " asked again",
            NumberText.count(summary.losses, "link") + " lost",
            NumberText.count(summary.lapses, "lease") + " lapsed",
            NumberText.count(summary.kills, "kill") + " of the coordinator",
            NumberText.count(summary.refusedCommits, "refused commit"),
            NumberText.count(summary.lost, "message") + " lost",
            NumberText.count(summary.doubled) + " doubled",
            NumberText.count(summary.delayed) + " late",
        ].joined(separator: ", ")
    }
}

/// How many seeds are done, in a line of the terminal that goes when all are.
struct SimulationProgress {
    var isShown: Bool
    private var shown = 0

    init(isShown: Bool) { self.isShown = isShown }

    mutating func tell(_ done: Int, of all: Int) {
        guard isShown, done * 100 / all != shown else { return }
        shown = done * 100 / all
        OutputFile.write("\r\(done) of \(all) seeds (\(shown) %)", to: STDERR_FILENO)
    }

    func clear() {
        // Erases the line.
        if shown > 0 { OutputFile.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }
}
