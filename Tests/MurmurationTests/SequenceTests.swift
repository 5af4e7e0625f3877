import Messages
import TestSupport
import Testing

@testable import Murmuration

/// Under which sequence a worker reports when it does not know what became of the last one.
@Suite(.timeLimit(.minutes(5)))
struct SequenceTests {
    @Test func `A sequence that another report took is an error, and nothing is asked again`()
        async throws
    {
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report: .refusal(.conflict)
            case .leave: .left(WireLeft())
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            let error = await #expect(throws: MurmurationError.self) {
                try await worker.report(step: 10, score: 1)
            }
            #expect(error == .conflict("The script says CONFLICT."))
            #expect(error?.description == "The script says CONFLICT.")
            #expect(coordinator.reports.count == 1)
            try await worker.leave()
            #expect(coordinator.requests.last?.leave.lease == 5)
        }
    }

    @Test func `After a conflict the next call asks where the lease stands`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join(let join):
                join.lease == 0
                    ? .lease(5) : .lease(5, step: 50, checkpoint: "there.pt", sequence: 7)
            case .report: memory.requests.count == 2 ? .refusal(.conflict) : .same(targetStep: 70)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            await #expect(throws: MurmurationError.conflict("The script says CONFLICT.")) {
                try await worker.report(step: 10, score: 1, checkpoint: "a")
            }
            let directive = try await worker.report(step: 10, score: 2, checkpoint: "b")
            #expect(directive.action == .switch)
            #expect(!directive.recorded)
            #expect(directive.checkpoint == "there.pt")
            #expect(coordinator.requests.last?.join.lease == 5)
            #expect(try await worker.report(step: 60, score: 3, checkpoint: "c").recorded)
            #expect(coordinator.reports.map(\.sequence) == [1, 8])
        }
    }

    @Test func `A report whose answer cannot be read has its sequence all the same`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report:
                memory.requests.count == 2 ? .left(WireLeft()) : .same(targetStep: 70)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            let error = await #expect(throws: MurmurationError.self) {
                try await worker.report(step: 10, score: 1, checkpoint: "a")
            }
            #expect(error?.description.contains("does not know; update") == true)
            #expect(worker.step == 10)
            let next = try await worker.report(step: 20, score: 2, checkpoint: "b")
            #expect(next.action == .continue)
            #expect(next.recorded)
            #expect(coordinator.reports.map(\.sequence) == [1, 2])
        }
    }
}
