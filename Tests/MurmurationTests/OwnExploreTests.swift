import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

/// A worker's own function explores on from copies.
@Suite(.timeLimit(.minutes(5)))
struct OwnExploreTests {
    private struct Mistake: Error {}

    private func join(
        _ coordinator: ScriptedCoordinator, explore: @escaping Worker.Explore
    ) async throws -> Worker {
        let address = try #require(coordinator.address.withLock { $0 })
        let joining = Joining(
            population: address.population ?? "", worker: "w", space: "", explore: explore,
            patience: .seconds(30))
        return try await Worker.join(at: address, by: joining, timing: WorkerTests.calm)
    }

    @Test func `What it makes of a copy is in effect with the next report, once`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(1)
            case .report(let report):
                report.sequence == 1
                    ? .same(
                        targetStep: 40,
                        exploit: WireReply.OneOf_Body.exploit(
                            WireReply.OneOf_Body.hyperparameters(0.12, 40)))
                    : .same(targetStep: 50)
            default: nil
            }
        } _: { coordinator in
            let asked = Mutex<[Hyperparameters]>([])
            let worker = try await join(coordinator) { given in
                asked.withLock { $0.append(given) }
                return ["units": 48]
            }
            let early = asked.withLock { $0.count }
            #expect(early == 0)
            let directive = try await worker.report(step: 10, score: 0.1, checkpoint: "own.pt")
            #expect(directive.hyperparameters == ["lr": 0.12, "units": 48])
            #expect(worker.hyperparameters == directive.hyperparameters)
            _ = try await worker.report(step: 40, score: 0.2)
            _ = try await worker.report(step: 50, score: 0.3, checkpoint: "own.pt")
            let given = asked.withLock { $0 }
            #expect(given == [["lr": 0.12, "units": 40]])
            let told = coordinator.reports.map { Hyperparameters($0.hyperparameters) }
            #expect(told == [[:], ["lr": 0.12, "units": 48], [:]])
            #expect(worker.hyperparameters == ["lr": 0.12, "units": 48])
        }
    }

    @Test func `A copy that is declined is not explored`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(1)
            case .report(let report):
                report.sequence == 1
                    ? .same(
                        targetStep: 40,
                        exploit: WireReply.OneOf_Body.exploit(
                            WireReply.OneOf_Body.hyperparameters(0.12, 40)))
                    : .same(targetStep: 50)
            default: nil
            }
        } _: { coordinator in
            let worker = try await join(coordinator) { _ in ["units": 48] }
            _ = try await worker.report(step: 10, score: 0.1, checkpoint: "own.pt")
            _ = try await worker.report(step: 20, score: 0.2, checkpoint: "own.pt", declined: true)
            #expect(
                Hyperparameters(coordinator.reports[1].hyperparameters) == ["lr": 0.1, "units": 32])
            #expect(worker.hyperparameters == ["lr": 0.1, "units": 32])
        }
    }

    @Test func `What it throws is told, and it is asked again before the next report`() async throws
    {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(1)
            case .report(let report):
                report.sequence == 1
                    ? .same(
                        targetStep: 40,
                        exploit: WireReply.OneOf_Body.exploit(
                            WireReply.OneOf_Body.hyperparameters(0.12, 40)))
                    : .same(targetStep: 50)
            default: nil
            }
        } _: { coordinator in
            let calls = Mutex(0)
            let worker = try await join(coordinator) { _ in
                let call = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                if call <= 2 { throw Mistake() }
                return ["lr": 0.5]
            }
            await #expect(throws: Mistake.self) {
                _ = try await worker.report(step: 10, score: 0.1, checkpoint: "own.pt")
            }
            await #expect(throws: Mistake.self) {
                _ = try await worker.report(step: 40, score: 0.2, checkpoint: "own.pt")
            }
            #expect(coordinator.reports.count == 1)
            _ = try await worker.report(step: 40, score: 0.2, checkpoint: "own.pt")
            #expect(
                Hyperparameters(coordinator.reports[1].hyperparameters) == ["lr": 0.5, "units": 40])
        }
    }

    @Test func `A copy that is taken over is explored when the worker joins`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5, checkpoint: "donor.pt", inherited: true)
            case .report: .same(targetStep: 20)
            case .leave: .left(WireLeft())
            default: nil
            }
        } _: { coordinator in
            let worker = try await join(coordinator) { _ in ["lr": 0.3] }
            #expect(worker.hyperparameters == ["lr": 0.3, "units": 32])
            await #expect(throws: Mistake.self) {
                _ = try await join(coordinator) { _ in throw Mistake() }
            }
        }
    }
}
