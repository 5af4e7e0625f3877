import Logging
import Messages
import Synchronization
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
