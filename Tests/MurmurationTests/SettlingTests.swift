import Foundation
import Messages
import TestSupport
import Testing

@testable import Murmuration

/// What a worker does about a request that its caller gave up.
@Suite(.timeLimit(.minutes(5)))
struct SettlingTests {
    /// Answers a Join with lease 5, keeps silent about the first other request, and answers what
    /// comes then by `answer`.
    private static func withOneGivenUp(
        _ give: @escaping @Sendable (Worker) async throws -> Void,
        answer: @escaping @Sendable (WireRequest) -> WireReply.OneOf_Body?,
        _ body: (Worker, ScriptedCoordinator) async throws -> Void
    ) async throws {
        try await ScriptedCoordinator.with { request, memory in
            if memory.requests.count == 1 { return .lease(5, checkpoint: "given.pt") }
            return memory.requests.count == 2 ? nil : answer(request)
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            try await giveUp(coordinator, after: 2) { try await give(worker) }
            try await body(worker, coordinator)
        }
    }

    /// Cancels `give` once so many requests have come.
    private static func giveUp(
        _ coordinator: ScriptedCoordinator, after count: Int,
        _ give: @escaping @Sendable () async throws -> Void
    ) async throws {
        let task = Task { try await give() }
        while coordinator.requests.count < count { try await moment(waitingFor: "the request") }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private static let exploit = WireReply.OneOf_Body.exploit(
        WireReply.OneOf_Body.hyperparameters(0.12, 40))

    private static func answer(_ action: Directive.Action) -> WireReply.OneOf_Body {
        switch action {
        case .continue: .same(targetStep: 20)
        case .exploit:
            .same(targetStep: 40, exploit: exploit)
        case .switch: .lease(6, member: 4, step: 30, checkpoint: "other.pt")
        case .stop: .stop("All have finished.")
        }
    }

    @Test(arguments: [Directive.Action.exploit, .switch, .stop])
    func `The answer to a report that was given up does not pass for the next one's`(
        action: Directive.Action
    ) async throws {
        try await Self.withOneGivenUp { worker in
            _ = try await worker.report(step: 10, score: 1, checkpoint: "a")
        } answer: { request in
            request.report.step == 10 ? Self.answer(action) : .same(targetStep: 50)
        } _: { worker, coordinator in
            let directive = try await worker.report(step: 20, score: 2, checkpoint: "b")
            #expect(directive.action == action)
            #expect(!directive.recorded)
            #expect(coordinator.reports.map(\.step) == [10, 10])
            guard action != .stop else { return }
            let next = try await worker.report(step: 40, score: 3, checkpoint: "c")
            #expect(next.recorded)
            #expect(coordinator.reports.last?.step == 40)
            #expect(coordinator.reports.last?.lease == (action == .switch ? 6 : 5))
        }
    }

    @Test(arguments: [Directive.Action.exploit, .switch, .stop])
    func `Made again, the report is the one that its answer is about`(
        action: Directive.Action
    ) async throws {
        try await Self.withOneGivenUp { worker in
            _ = try await worker.report(
                step: 10, score: .nan, checkpoint: "a", metrics: ["loss": .nan])
        } answer: { _ in
            Self.answer(action)
        } _: { worker, coordinator in
            let directive = try await worker.report(
                step: 10, score: .nan, checkpoint: "a", metrics: ["loss": .nan])
            #expect(directive.action == action)
            #expect(directive.recorded)
            #expect(coordinator.reports.map(\.sequence) == [1, 1])
        }
    }

    enum Difference: CaseIterable { case metrics, hyperparameters, checkpoint }

    @Test(arguments: Difference.allCases)
    func `A report that differs in anything is another one`(difference: Difference) async throws {
        try await Self.withOneGivenUp { worker in
            _ = try await worker.report(step: 10, score: 1, checkpoint: "a")
        } answer: { _ in
            Self.answer(.continue)
        } _: { worker, coordinator in
            let directive = try await worker.report(
                step: 10, score: 1, checkpoint: difference == .checkpoint ? "b" : "a",
                metrics: difference == .metrics ? ["loss": 1] : [:],
                hyperparameters: difference == .hyperparameters ? ["lr": 0.3] : [:])
            #expect(directive.recorded)
            #expect(coordinator.reports.map(\.sequence) == [1, 1, 2])
            #expect(coordinator.reports[0] == coordinator.reports[1])
            #expect(coordinator.reports[1] != coordinator.reports[2])
        }
    }

    @Test(arguments: [Directive.Action.continue, .switch])
    func `Declining settles the report that was given up first`(
        action: Directive.Action
    ) async throws {
        try await Self.withOneGivenUp { worker in
            _ = try await worker.report(step: 10, score: 1, checkpoint: "a")
        } answer: { request in
            switch request.body {
            case .report: Self.answer(action)
            case .decline: .lease(5, checkpoint: "before.pt", sequence: 1)
            default: nil
            }
        } _: { worker, coordinator in
            let directive = try await worker.decline(reason: "gone")
            #expect(directive.action == .switch)
            let declines = coordinator.requests.filter { !$0.decline.key.isEmpty }
            // What could not be loaded is not what there is to load now.
            #expect(declines.count == (action == .continue ? 1 : 0))
            #expect(directive.checkpoint == (action == .continue ? "before.pt" : "other.pt"))
            #expect(coordinator.reports.count == 2)
        }
    }

    @Test func `A report settles the decline that was given up first`() async throws {
        try await Self.withOneGivenUp { worker in
            _ = try await worker.decline(reason: "gone")
        } answer: { request in
            switch request.body {
            case .decline: .lease(5, step: 10, checkpoint: "before.pt", sequence: 2)
            case .report: .same(targetStep: 20)
            default: nil
            }
        } _: { worker, coordinator in
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "a")
            #expect(directive.action == .switch)
            #expect(directive.checkpoint == "before.pt")
            #expect(!directive.recorded)
            #expect(coordinator.reports.isEmpty)
            let keys = coordinator.requests.map(\.decline.key).filter { !$0.isEmpty }
            #expect(keys.count == 2 && Set(keys).count == 1)
            #expect(try await worker.report(step: 20, score: 1).recorded)
            #expect(coordinator.reports.map(\.sequence) == [3])
        }
    }

    // MARK: - Leaving

    @Test(arguments: [Directive.Action.continue, .switch, .stop])
    func `Leaving gives the lease back that the report's answer brought`(
        action: Directive.Action
    ) async throws {
        try await Self.withOneGivenUp { worker in
            _ = try await worker.report(step: 10, score: 1, checkpoint: "a")
        } answer: { request in
            if case .leave = request.body { .left(WireLeft()) } else { Self.answer(action) }
        } _: { worker, coordinator in
            try await worker.leave()
            let left = coordinator.requests.map(\.leave.lease).filter { $0 != 0 }
            let expected: [UInt64] =
                switch action {
                case .continue, .exploit: [5]
                case .switch: [6]
                case .stop: []
                }
            #expect(left == expected)
        }
    }

    @Test(arguments: [true, false])
    func `A Join that was given up is made again under its key`(leaves: Bool) async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                switch memory.requests.count(where: { !$0.join.key.isEmpty }) {
                case 1: .lease(5)
                case 2: nil
                default: .lease(6, step: 10)
                }
            case .report: .refusal(.leaseLapsed)
            case .leave: .left(WireLeft())
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            try await Self.giveUp(coordinator, after: 3) {
                _ = try await worker.report(step: 10, score: 1)
            }
            if leaves {
                try await worker.leave()
                #expect(coordinator.requests.last?.leave.lease == 6)
            } else {
                let directive = try await worker.report(step: 20, score: 1)
                #expect(directive.action == .switch)
                #expect(!directive.recorded)
            }
            #expect(coordinator.joins.count == 3)
            #expect(Set(coordinator.joins.dropFirst().map(\.key)).count == 1)
        }
    }

    // MARK: - Several at once

    @Test func `While a report is under way another one is refused, and is not sent`() async throws
    {
        try await ScriptedCoordinator.with { request, _ in
            if case .join = request.body { .lease(5, checkpoint: "given.pt") } else { nil }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            let report = Task { try await worker.report(step: 10, score: 1) }
            while coordinator.reports.isEmpty { try await moment(waitingFor: "the report") }
            await #expect(throws: MurmurationError.alreadyReporting) {
                try await worker.report(step: 11, score: 1)
            }
            await #expect(throws: MurmurationError.alreadyReporting) {
                try await worker.decline(reason: "gone")
            }
            #expect(coordinator.requests.count == 2)
            report.cancel()
            await #expect(throws: CancellationError.self) { try await report.value }
        }
    }

    @Test func `Each report of many tasks that is acknowledged is recorded once`() async throws {
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 1)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            let acknowledged = try await withThrowingTaskGroup(of: [UInt64].self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var steps: [UInt64] = []
                        for step in 1...25 {
                            let step = 100 * task + step
                            do {
                                let directive = try await worker.report(step: step, score: 1)
                                if directive.recorded { steps.append(UInt64(step)) }
                            } catch MurmurationError.alreadyReporting {
                                await Task.yield()
                            }
                        }
                        return steps
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(!acknowledged.isEmpty)
            #expect(coordinator.reports.map(\.step).sorted() == acknowledged.sorted())
            #expect(coordinator.reports.map(\.sequence) == Array(1...UInt64(acknowledged.count)))
        }
    }
}
