import Foundation
import Logging
import Messages
import TestSupport
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct WorkerTests {
    /// So that what is tried again is tried soon.
    static var quick: ConnectionTiming {
        var timing = ConnectionTiming()
        timing.answer = .milliseconds(50)
        timing.longestWait = .milliseconds(50)
        timing.reconnect = .milliseconds(5)...Duration.milliseconds(20)
        return timing
    }

    /// So that nothing is asked twice, however slow the machine is.
    static var calm: ConnectionTiming {
        var timing = quick
        timing.answer = .seconds(3600)
        timing.longestWait = .seconds(3600)
        timing.misses = .max
        return timing
    }

    static func join(
        _ coordinator: ScriptedCoordinator, space: String = "", keeps: Bool = false,
        deletesReleased: URL? = nil, patience: Duration? = .seconds(30),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        timing: ConnectionTiming = calm
    ) async throws -> Worker {
        let address = try #require(coordinator.address.withLock { $0 })
        let joining = Joining(
            population: address.population ?? "", worker: "w", space: space, keeps: keeps,
            patience: patience, logger: logger)
        return try await Worker.join(
            at: address, by: joining, deletesReleased: deletesReleased, timing: timing)
    }

    @Test func `A worker gets a member and reports under its lease, counting from 1`() async throws
    {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(77)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator, space: "lr,0,1,linear")
            #expect(worker.member == 3)
            #expect(worker.population == "digits")
            #expect(worker.targetStep == 10)
            #expect(worker.checkpoint == nil)
            #expect(try worker.hyperparameters.number("lr") == 0.1)
            #expect(try worker.hyperparameters.integer("units") == 32)
            #expect(worker.hyperparameters.names == ["lr", "units"])

            let first = try await worker.report(
                step: 10, score: 0.5, checkpoint: "a.pt", metrics: ["b": 2, "a": 1])
            #expect(first.action == .continue)
            #expect(first.checkpoint == nil)
            #expect(worker.step == 10)
            #expect(worker.targetStep == 20)
            _ = try await worker.report(step: 20, score: .nan, hyperparameters: ["lr": 0.2])
            _ = try await worker.report(step: 30, score: 0)

            let reports = coordinator.reports
            #expect(reports.map(\.sequence) == [1, 2, 3])
            #expect(reports.map(\.lease) == [77, 77, 77])
            #expect(reports.map(\.hasScore) == [true, true, true])
            #expect(reports[0].metrics.map(\.name) == ["a", "b"])
            #expect(reports[0].checkpoint == "a.pt")
            // They travel only when they differ from what the coordinator has.
            #expect(reports.map(\.hyperparameters.count) == [0, 2, 0])
            #expect(reports[1].hyperparameters[0].value.number == 0.2)
            #expect(coordinator.joins.map(\.space) == ["lr,0,1,linear"])
            #expect(coordinator.joins.map(\.population) == ["digits"])
            #expect(coordinator.joins[0].key.count == Limits.keyBytes)
        }
    }

    @Test func `An exploit says what to load, and the next report that it was applied`()
        async throws
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
            let worker = try await Self.join(coordinator)
            let directive = try await worker.report(step: 10, score: 0.1, checkpoint: "own.pt")
            #expect(directive.action == .exploit)
            #expect(directive.checkpoint == "donor.pt")
            #expect(directive.donor == 9)
            #expect(directive.donorStep == 30)
            #expect(directive.donorScore == 0.9)
            #expect(directive.donorHyperparameters == ["lr": 0.1, "units": 32])
            #expect(directive.step == 30)
            #expect(directive.targetStep == 40)
            #expect(directive.hyperparameters == ["lr": 0.12, "units": 40])
            #expect(worker.hyperparameters == directive.hyperparameters)
            #expect(worker.step == 30)

            // The member is its donor until it commits a state of its own.
            _ = try await worker.report(step: 40, score: 0.2)
            _ = try await worker.report(step: 50, score: 0.3, checkpoint: "own.pt")
            _ = try await worker.report(step: 60, score: 0.3)
            let effects = coordinator.reports.map(\.effect)
            #expect(effects == [.unspecified, .applied, .applied, .unspecified])
            #expect(coordinator.reports[1].hyperparameters.isEmpty)
        }
    }

    @Test func `A lease that is over when its answer comes is asked for anew`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            guard case .join = request.body else { return nil }
            guard memory.requests.count > 1 else {
                return .error(WireError(.leaseLapsed, "It is over."))
            }
            return .lease(2)
        } _: { coordinator in
            _ = try await Self.join(coordinator)
            #expect(Set(coordinator.joins.map(\.key)).count == 2)
        }
    }

    @Test func `A worker that found no member asks again with a fresh key`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            guard case .join = request.body else { return nil }
            return memory.requests.count < 3 ? .wait : .lease(5)
        } _: { coordinator in
            _ = try await Self.join(coordinator)
            #expect(coordinator.joins.count == 3)
            #expect(Set(coordinator.joins.map(\.key)).count == 3)
        }
    }

    @Test func `After a report a wait is slept through too`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: memory.requests.count == 1 ? .lease(5) : .lease(6, member: 4)
            case .report: .wait
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(directive.action == .switch)
            #expect(directive.member == 4)
            #expect(worker.member == 4)
        }
    }

    @Test(arguments: [WireError.Code.leaseLapsed, .unknownLease])
    func `A lease that is gone makes the worker join anew and says what to load`(
        code: WireError.Code
    ) async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                memory.requests.count == 1
                    ? .lease(5)
                    : .lease(6, member: 8, step: 20, checkpoint: "committed.pt", sequence: 4)
            case .report(let report):
                report.lease == 5 ? .refusal(code) : .same(targetStep: 40)
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(directive.action == .switch)
            #expect(directive.member == 8)
            #expect(directive.checkpoint == "committed.pt")
            #expect(directive.step == 20)
            #expect(!directive.recorded)
            _ = try await worker.report(step: 30, score: 1)
            #expect(coordinator.reports.last?.lease == 6)
            #expect(coordinator.reports.last?.sequence == 5)
        }
    }

    @Test func `A member that inherited owes an effect with its first report`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5, checkpoint: "donor.pt", inherited: true)
            case .report: .same(targetStep: 20)
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            #expect(worker.checkpoint == "donor.pt")
            _ = try await worker.report(step: 10, score: 1)
            #expect(coordinator.reports.map(\.effect) == [.applied])
        }
    }

    @Test func `A worker declines until something loads, or it starts anew`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5, checkpoint: "lost.pt")
            case .decline(let decline):
                decline.reason == "lost.pt"
                    ? .lease(5, step: 10, checkpoint: "donor.pt", sequence: 2, inherited: true)
                    : .lease(5, step: 0, sequence: 2)
            case .report(let report): .same(targetStep: report.step + 1)
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            while let checkpoint = worker.checkpoint {
                let directive = try await worker.decline(reason: checkpoint)
                #expect(directive.action == .switch)
            }
            #expect(worker.step == 0)
            let reasons = coordinator.requests.map(\.decline.reason).filter { !$0.isEmpty }
            #expect(reasons == ["lost.pt", "donor.pt"])
            _ = try await worker.report(step: 1, score: 1)
            #expect(coordinator.reports.map(\.sequence) == [3])
            #expect(coordinator.reports.map(\.effect) == [.unspecified])
        }
    }

    @Test func `A worker that declines loads what it is told instead`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5, checkpoint: "lost.pt")
            case .decline: .lease(5, step: 10, checkpoint: "before.pt", sequence: 2)
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            let directive = try await worker.decline(reason: "The file is gone.")
            #expect(directive.action == .switch)
            #expect(directive.checkpoint == "before.pt")
            #expect(coordinator.requests.last?.decline.reason == "The file is gone.")
            #expect(coordinator.requests.last?.decline.lease == 5)
        }
    }

    @Test func `A stop ends the worker with the coordinator's reason`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report: .stop("All have finished.")
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            let directive = try await worker.report(step: 10, score: 1)
            #expect(directive.action == .stop)
            #expect(directive.reason == "All have finished.")
            await #expect(throws: MurmurationError.finished(reason: "All have finished.")) {
                try await worker.report(step: 20, score: 1)
            }
            try await worker.leave()
            #expect(coordinator.requests.count == 2, "there is no lease to leave")
        }
    }

    @Test func `A population without work refuses a worker with the reason`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            .stop("All have finished.")
        } _: { coordinator in
            await #expect(throws: MurmurationError.finished(reason: "All have finished.")) {
                _ = try await Self.join(coordinator)
            }
        }
    }

    @Test func `Leaving gives the lease back, once`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .leave: .left(WireLeft())
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            try await worker.leave()
            try await worker.leave()
            #expect(coordinator.requests.map(\.leave.lease) == [0, 5])
            await #expect(throws: MurmurationError.left) {
                try await worker.report(step: 1, score: 1)
            }
        }
    }

    @Test func `A refused report may be corrected and takes the same sequence`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                report.metrics.isEmpty ? .same(targetStep: 20) : .refusal(.invalid)
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            await #expect(throws: MurmurationError.invalid("The script says INVALID.")) {
                try await worker.report(step: 10, score: 1, metrics: ["loss": 1])
            }
            _ = try await worker.report(step: 10, score: 1)
            #expect(coordinator.reports.map(\.sequence) == [1, 1])
        }
    }

    @Test func `A report that was given up is settled before the next one`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            // The first one is heard and not answered before its caller gives up.
            case .report(let report):
                memory.requests.count > 2 ? .same(targetStep: report.step + 10) : nil
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            let report = Task { try await worker.report(step: 10, score: 1) }
            while coordinator.reports.isEmpty { try await moment(waitingFor: "the report") }
            report.cancel()
            await #expect(throws: CancellationError.self) { try await report.value }

            _ = try await worker.report(step: 20, score: 2)
            let steps = coordinator.reports.map { [$0.sequence, $0.step] }
            #expect(steps == [[1, 10], [1, 10], [2, 20]])
        }
    }

    @Test func `A report that was given up and is made again counts once`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                memory.requests.count > 2 ? .same(targetStep: report.step + 10) : nil
            default: nil
            }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            let report = Task { try await worker.report(step: 10, score: .nan, checkpoint: "a") }
            while coordinator.reports.isEmpty { try await moment(waitingFor: "the report") }
            report.cancel()
            await #expect(throws: CancellationError.self) { try await report.value }

            let directive = try await worker.report(step: 10, score: .nan, checkpoint: "a")
            #expect(directive.action == .continue)
            #expect(coordinator.reports.map(\.sequence) == [1, 1])
        }
    }

    @Test func `Heartbeats go on while the caller computes without ever suspending`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            if case .join = request.body { .lease(5) } else { nil }
        } _: { coordinator in
            let worker = try await Self.join(coordinator)
            // Busy as training is: nothing is awaited here.
            while coordinator.memory.withLock({ $0.heartbeats.count { $0.leases == [5] } }) < 3 {}
            #expect(worker.member == 3)
        }
    }

    @Test func `A worker that is dropped sends no more heartbeats`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            if case .join = request.body { .lease(memory.requests.count == 1 ? 5 : 6) } else { nil }
        } _: { coordinator in
            func heartbeats(of lease: UInt64) -> Int {
                coordinator.memory.withLock { $0.heartbeats.count { $0.leases == [lease] } }
            }
            do {
                let worker = try await Self.join(coordinator)
                while heartbeats(of: 5) == 0 { try await moment(waitingFor: "a heartbeat") }
                _ = consume worker
            }
            // The other one's heartbeats tell the time: as many would have come of the first.
            let other = try await Self.join(coordinator)
            while heartbeats(of: 6) < 3 { try await moment(waitingFor: "heartbeats") }
            let before = heartbeats(of: 5)
            let start = heartbeats(of: 6)
            while heartbeats(of: 6) < start + 5 { try await moment(waitingFor: "more heartbeats") }
            #expect(heartbeats(of: 5) == before)
            #expect(other.member == 3)
        }
    }
}
