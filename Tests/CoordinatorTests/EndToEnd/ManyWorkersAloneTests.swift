import Coordinator
import Foundation
import Journal
import Messages
import Murmuration
import TestSupport
import Testing

/// Half of the workers in Swift, half in Python, on one coordinator with encryption.
@Suite(.alone, .timeLimit(.minutes(10))) struct ManyWorkersAloneTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let python = repository.appendingPathComponent(".venv/bin/python").path
    private static let script =
        repository
        .appendingPathComponent("Tests/Program/many_workers.py").path

    @Test
    func `Each of 64 workers reports 250 times, and the journal holds exactly 16 000 reports`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(
            in: directory, secret: "0123456789abcdefghijkl")
        let url = try #require(coordinator.url)
        try await Administrator.with(Address(url)) { administrator in
            var creation = WireCreatePopulation()
            creation.name = "many"
            creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
            creation.source = "many.csv"
            creation.populationSize = 64
            _ = try await administrator.createPopulation(creation)
        }
        let swift = 32
        let pythonProcesses = 4
        let reports = 250
        try await withThrowingTaskGroup { group in
            for _ in 0..<pythonProcesses {
                group.addTask {
                    try await Self.runPython([
                        Self.script, "\(32 / pythonProcesses)", "\(reports)", url,
                    ])
                }
            }
            for number in 0..<swift {
                group.addTask {
                    let worker = try await Worker.join(url: url)
                    for report in 1...reports {
                        let step = worker.targetStep
                        _ = try await worker.report(
                            step: step, score: Double((worker.member * 7919 + report) % 1000),
                            checkpoint: "/swift/\(number)/\(report)")
                    }
                    try await worker.leave()
                }
            }
            try await group.waitForAll()
        }
        await coordinator.shutDown()
        let journal = try Journal(directory: directory.path, access: .read)
        let reported = try journal.events(of: 0, after: 0, limit: .max).compactMap { record in
            if case .reported(let reported) = record.event.kind { reported } else { nil }
        }
        #expect(reported.count == 16_000)
        #expect(Set(reported.compactMap(\.checkpoint)).count == 16_000)
        #expect(reported.contains { $0.exploit != nil })
        #expect(try journal.members(of: 0).map(\.reports).reduce(0, +) == 16_000)
    }

    private static func runPython(_ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(status == 0)
    }
}
