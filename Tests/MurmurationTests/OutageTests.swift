import Logging
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

/// Requests that ran out of patience, and what the log says of waiting.
@Suite(.timeLimit(.minutes(5)))
struct OutageTests {
    @Test func `A report that ran out of patience is made again and counts once`() async throws {
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(
                coordinator, patience: .seconds(8), timing: WorkerTests.quick)
            await coordinator.keepSilent(true)
            let error = await #expect(throws: MurmurationError.self) {
                try await worker.report(step: 10, score: 1, checkpoint: "x")
            }
            // It may be connecting anew just then.
            let address = worker.connection.address.description
            #expect([.silent(address: address), .unreachable(address: address)].contains(error))
            await coordinator.keepSilent(false)
            #expect(
                try await worker.report(step: 10, score: 1, checkpoint: "x").action == .continue)
            #expect(Set(coordinator.reports.map(\.sequence)) == [1])
        }
    }

    @Test func `A decline that ran out of patience is made again under its key`() async throws {
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join, .decline: .lease(5, checkpoint: "x")
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(
                coordinator, patience: .seconds(8), timing: WorkerTests.quick)
            await coordinator.keepSilent(true)
            coordinator.memory.withLock { $0.declines = [] }
            await #expect(throws: MurmurationError.self) {
                try await worker.decline(reason: "gone")
            }
            await coordinator.keepSilent(false)
            _ = try await worker.decline(reason: "gone")
            _ = try await worker.decline(reason: "gone")
            let keys = coordinator.memory.withLock { Set($0.declines.map(\.key)) }
            #expect(keys.count == 2, "one for the first two, and one for the last")
        }
    }

    @Test func `After a restart a worker takes its lease up again before it reports`() async throws
    {
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let joining = Joining(
                population: "", worker: "w", space: "lr,0,1,linear", keeps: true, patience: nil)
            let address = try #require(coordinator.address.withLock { $0 })
            let worker = try await Worker.join(at: address, by: joining, timing: WorkerTests.calm)
            await coordinator.restart()
            #expect(try await worker.report(step: 10, score: 1).action == .continue)
            let joins = coordinator.joins
            #expect(joins.map(\.lease) == [0, 5])
            #expect(joins[0].key != joins[1].key)
            // By now there may be other populations.
            #expect(joins.map(\.population) == ["", "digits"])
            #expect(joins[1].worker == "w")
            #expect(joins[1].space == "lr,0,1,linear")
            #expect(joins[1].keeps)
            // The report may have been under way when the restart showed; the last one comes after.
            #expect(coordinator.requests.last?.report.sequence == 1)
            #expect(Set(coordinator.reports).count == 1)
        }
    }

    @Test func `A worker whose lease is gone says so before its next report finds out`()
        async throws
    {
        let lines = Lines()
        try await ScriptedCoordinator.with { request, _ in
            if case .join = request.body { .lease(5) } else { nil }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, logger: lines.logger)
            await coordinator.lose([5])
            while !lines.all.contains(where: { $0.hasPrefix("A lease is over") }) {
                try await moment(waitingFor: "the log")
            }
            #expect(lines.all.count == 1)
            #expect(worker.member == 3)
        }
    }

    @Test func `A worker that waits for a member says so`() async throws {
        let lines = Lines()
        var timing = WorkerTests.calm
        timing.word = .milliseconds(20)
        try await ScriptedCoordinator.with { request, memory in
            guard case .join = request.body else { return nil }
            return lines.all.contains { $0.contains("no member") } ? .lease(5) : .wait
        } _: { coordinator in
            _ = try await WorkerTests.join(coordinator, logger: lines.logger, timing: timing)
            // A busy machine may keep it waiting for the coordinator too.
            #expect(
                lines.all.contains {
                    $0.hasPrefix("There is no member to train yet") && $0.contains("every 0.001 s")
                })
        }
    }
}

/// Keeps what a logger is told.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append(event.message.description) }
        }
    }
}
