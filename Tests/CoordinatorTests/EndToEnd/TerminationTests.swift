import Coordinator
import Evolution
import Foundation
import Journal
import Messages
import Murmuration
import TestSupport
import Testing

/// Processes that are told to end while they train, and what the journal says of them.
@Suite(.timeLimit(.minutes(5)))
struct TerminationTests {
    /// Runs `body` beside a coordinator with so many members, and returns how leases were released.
    ///
    /// Leases last an hour, so that none lapses while the test runs.
    private func released(
        members: UInt64, _ body: (String) async throws -> Void
    ) async throws -> [ReleaseReason] {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(
            in: directory, secret: "0123456789abcdefghijkl", lease: .seconds(3600))
        let url = try #require(coordinator.url)
        try await Administrator.with(Address(url)) { administrator in
            var creation = WireCreatePopulation()
            creation.name = "p"
            creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
            creation.source = "p.csv"
            creation.populationSize = members
            _ = try await administrator.createPopulation(creation)
        }
        try await body(url)
        await coordinator.shutDown()
        let journal = try Journal(directory: directory.path, access: .read)
        return try journal.events(of: 0, after: 0, limit: .max).compactMap { record in
            if case .released(let reason) = record.event.kind { reason } else { nil }
        }
    }

    /// Another worker gets the only member, which would take an hour if its lease had to lapse.
    private func inherit(at url: String) async throws {
        let heir = try await Worker.join(url: url)
        #expect(heir.member == 0)
        try await heir.leave()
    }

    @Test func `A process that is told to end gives its member to another worker at once`()
        async throws
    {
        let reasons = try await released(members: 1) { url in
            await #expect(processExitsWith: .signal(SIGTERM)) { [url = url as String] in
                let worker = try await Worker.join(url: url, leavesOnTermination: true)
                kill(getpid(), SIGTERM)
                try await Task.sleep(for: .seconds(60))
                withExtendedLifetime(worker) {}
            }
            try await inherit(at: url)
        }
        #expect(reasons == [.left, .left])
    }

    @Test func `So does one whose training keeps every thread busy`() async throws {
        let reasons = try await released(members: 1) { url in
            await #expect(processExitsWith: .signal(SIGTERM)) { [url = url as String] in
                let worker = try await Worker.join(url: url, leavesOnTermination: true)
                await withTaskGroup { group in
                    for _ in 0..<4 * ProcessInfo.processInfo.activeProcessorCount {
                        // Nothing is awaited here.
                        group.addTask { while worker.step == 0 {} }
                    }
                    kill(getpid(), SIGTERM)
                    while worker.step == 0 {}
                }
            }
            try await inherit(at: url)
        }
        #expect(reasons == [.left, .left])
    }

    @Test func `Several workers of a process all leave`() async throws {
        let reasons = try await released(members: 3) { url in
            await #expect(processExitsWith: .signal(SIGTERM)) { [url = url as String] in
                var workers: [Worker] = []
                for _ in 0..<3 {
                    try await workers.append(Worker.join(url: url, leavesOnTermination: true))
                }
                kill(getpid(), SIGTERM)
                try await Task.sleep(for: .seconds(60))
                withExtendedLifetime(workers) {}
            }
        }
        #expect(reasons == [.left, .left, .left])
    }

    /// A report's answer may bring another lease at the very moment of the signal.
    @Test(arguments: 0..<8)
    func `A process that is told to end amid its reports leaves no lease behind`(run: Int)
        async throws
    {
        let reasons = try await released(members: 3) { url in
            await #expect(processExitsWith: .signal(SIGTERM)) { [url = url as String] in
                let worker = try await Worker.join(url: url, leavesOnTermination: true)
                let delay = Duration.microseconds(Int.random(in: 0..<20_000))
                Thread.detachNewThread {
                    usleep(useconds_t(delay / .microseconds(1)))
                    kill(getpid(), SIGTERM)
                }
                while true {
                    let step = worker.targetStep
                    // When the worker has left, the process is about to end.
                    let directive = try? await worker.report(
                        step: step, score: 1, checkpoint: "/c/\(worker.member)/\(step)")
                    if directive == nil { try await Task.sleep(for: .seconds(60)) }
                }
            }
        }
        #expect(reasons.count { $0 == .left } == 1, "\(reasons)")
        #expect(!reasons.contains(.lapsed))
        #expect(reasons.last == .left)
    }

    @Test func `A worker that waits for a member ends too`() async throws {
        let reasons = try await released(members: 1) { url in
            let holder = try await Worker.join(url: url)
            await #expect(processExitsWith: .signal(SIGTERM)) { [url = url as String] in
                Task {
                    try await Task.sleep(for: .milliseconds(300))
                    kill(getpid(), SIGTERM)
                }
                _ = try await Worker.join(url: url, leavesOnTermination: true)
            }
            try await holder.leave()
        }
        #expect(reasons == [.left])
    }
}
