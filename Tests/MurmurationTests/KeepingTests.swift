import Foundation
import Messages
import TestSupport
import Testing

@testable import Murmuration

/// Workers that keep their member, and what they do with released checkpoints.
@Suite(.timeLimit(.minutes(5)))
struct KeepingTests {
    @Test(arguments: [true, false])
    func `After a lapse a worker names the lease that it had`(
        keeps: Bool
    ) async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                switch memory.requests.count {
                case 1: .lease(5)
                case 3: .wait
                default: .lease(6)
                }
            case .report(let report): report.lease == 5 ? .refusal(.leaseLapsed) : nil
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, keeps: keeps)
            _ = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(coordinator.joins.map(\.keeps) == [keeps, keeps, keeps])
            #expect(coordinator.joins.map(\.former) == [0, 5, 5])
        }
    }

    @Test func `After a wait, the member as it was left is trained on`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                memory.requests.count == 1
                    ? .lease(5) : .lease(6, step: 10, checkpoint: "x", sequence: 0)
            case .report(let report): report.lease == 5 ? .wait : .same(targetStep: 30)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, keeps: true)
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(directive.action == .continue)
            #expect(directive.checkpoint == nil)
            #expect(directive.targetStep == 20)
            #expect(directive.recorded)
            _ = try await worker.report(step: 20, score: 1, checkpoint: "y")
            #expect(coordinator.reports.map(\.lease) == [5, 6])
            #expect(coordinator.reports.map(\.sequence) == [1, 1])
        }
    }

    @Test(arguments: [false, true])
    func `An exploit is told after a wait, unless the member was copied onto another one meanwhile`(
        isChanged: Bool
    ) async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                memory.requests.count == 1
                    ? .lease(5)
                    : .lease(
                        6, step: 30, checkpoint: isChanged ? "other.pt" : "donor.pt",
                        hyperparameters: WireReply.OneOf_Body.hyperparameters(0.12, 40),
                        inherited: true)
            case .report(let report):
                report.lease == 5
                    ? .wait(
                        exploit: WireReply.OneOf_Body.exploit(
                            WireReply.OneOf_Body.hyperparameters(0.12, 40)))
                    : .same(targetStep: 40)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, keeps: true)
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(directive.action == (isChanged ? .switch : .exploit))
            #expect(directive.donorHyperparameters?["lr"] == (isChanged ? nil : 0.1))
            #expect(directive.hyperparameters == ["lr": 0.12, "units": 40])
            #expect(directive.step == 30)
            _ = try await worker.report(step: 40, score: 1, checkpoint: "y")
            #expect(coordinator.reports.map(\.effect) == [.unspecified, .applied])
        }
    }

    /// Whoever keeps its member goes on under the lease that it had.
    @Test(arguments: [false, true], [false, true])
    func `What was decided when a generation closed is told by joining`(
        declines: Bool, keeps: Bool
    ) async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                memory.requests.count == 1
                    ? .lease(5)
                    : .lease(
                        keeps ? 5 : 6, step: 30, checkpoint: "donor.pt",
                        hyperparameters: WireReply.OneOf_Body.hyperparameters(0.12, 40),
                        sequence: keeps ? 1 : 0, inherited: true,
                        exploit: WireReply.OneOf_Body.exploit(
                            WireReply.OneOf_Body.hyperparameters(0.12, 40)))
            case .report(let report): report.step == 10 ? .wait : .same(targetStep: 40)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, keeps: keeps)
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(directive.action == .exploit)
            #expect(directive.donorHyperparameters?["lr"] == 0.1)
            #expect(directive.checkpoint == "donor.pt")
            #expect(directive.recorded)
            let step = declines ? 20 : 40
            _ = try await worker.report(
                step: step, score: 1, checkpoint: "y", declined: declines)
            #expect(coordinator.reports.last?.effect == (declines ? .declined : .applied))
            #expect(coordinator.reports.last?.lease == (keeps ? 5 : 6))
            #expect(coordinator.reports.last?.sequence == (keeps ? 2 : 1))
            // A decline says what was trained with, whatever the exploit was told to replace.
            #expect(coordinator.reports.last?.hyperparameters.isEmpty == !declines)
            #expect(coordinator.joins.map(\.former) == [0, 5])
        }
    }

    @Test func `A report that was accepted before its lease lapsed is not lost`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join:
                memory.requests.count == 1 ? .lease(5) : .lease(6, step: 10, checkpoint: "x")
            case .report: .refusal(.leaseLapsed)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, keeps: true)
            let directive = try await worker.report(step: 10, score: 1, checkpoint: "x")
            #expect(directive.action == .continue)
            #expect(directive.recorded)
        }
    }

    // MARK: - Released checkpoints

    @Test func `Releases are named with the next report, and again until that is answered`()
        async throws
    {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(memory.requests.count == 1 ? 5 : 6)
            case .report(let report):
                switch report.step {
                case 10: .same(targetStep: 20, releasing: [1: "/a", 2: "/b"])
                case 20: .refusal(.leaseLapsed)
                default: .same(targetStep: 40)
                }
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator)
            for step in [10, 20, 30, 40] { _ = try await worker.report(step: step, score: 1) }
            #expect(coordinator.reports.map(\.released) == [[], [1, 2], [1, 2], []])
        }
    }

    @Test func `Asked to, a worker deletes what is released in a directory, and says so`()
        async throws
    {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "murmuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let inside = directory.appending(path: "a").path
        let tooLong = directory.appending(path: String(repeating: "x", count: 300)).path
        try Data("a".utf8).write(to: URL(filePath: inside))
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                .same(
                    targetStep: report.step + 10,
                    releasing: [1: inside, 2: "/elsewhere/b", 3: tooLong])
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, deletesReleased: directory)
            for step in [10, 20] { _ = try await worker.report(step: step, score: 1) }
            // What could not be deleted is not said to be, so that it is told again.
            #expect(coordinator.reports.map(\.released) == [[], [1, 2]])
            #expect(!FileManager.default.fileExists(atPath: inside))
        }
    }

    @Test func `What the answer to an older report releases is left for a newer one to tell`()
        async throws
    {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "murmuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "a").path
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                memory.requests.count == 2
                    ? nil
                    : .same(
                        targetStep: report.step + 10,
                        releasing: report.step == 10 ? [1: file] : [:])
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(coordinator, deletesReleased: directory)
            let report = Task { try await worker.report(step: 10, score: 1) }
            while coordinator.reports.isEmpty { try await moment(waitingFor: "the report") }
            report.cancel()
            await #expect(throws: CancellationError.self) { try await report.value }
            // The next checkpoint is written to the place of one that is released.
            try Data("new".utf8).write(to: URL(filePath: file))
            _ = try await worker.report(step: 20, score: 1, checkpoint: file)
            #expect(FileManager.default.fileExists(atPath: file))
            #expect(coordinator.reports.map(\.released) == [[], [], []])
        }
    }
}
