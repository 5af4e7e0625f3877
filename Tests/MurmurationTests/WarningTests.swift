import Messages
import TestSupport
import Testing

@testable import Murmuration

/// What a worker leaves out or finds strange, and says once.
@Suite(.timeLimit(.minutes(5)))
struct WarningTests {
    private static func with(
        _ body: (Worker, ScriptedCoordinator, Lines) async throws -> Void
    ) async throws {
        let lines = Lines()
        var timing = WorkerTests.calm
        timing.word = .seconds(3600)
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5, step: 30, checkpoint: "given.pt")
            case .report(let report):
                report.step == 90
                    ? .lease(6, step: 10, checkpoint: "other.pt")
                    : .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let worker = try await WorkerTests.join(
                coordinator, logger: lines.logger, timing: timing)
            try await body(worker, coordinator, lines)
        }
    }

    // MARK: - Metrics

    @Test func `Any printable text names a metric`() async throws {
        let names = [
            "metrics/mAP50-95(B)", "val acc", "précision", "损失", "a=b, c", "\"quoted\"",
            String(repeating: "x", count: Limits.metricNameBytes),
        ]
        try await Self.with { worker, coordinator, lines in
            _ = try await worker.report(
                step: 40, score: 1,
                metrics: Dictionary(uniqueKeysWithValues: names.map { ($0, 0.5) }))
            #expect(coordinator.reports[0].metrics.map(\.name) == names.sorted())
            #expect(lines.all == [])
        }
    }

    @Test func `What cannot name one is left out with one warning, and the score is not`()
        async throws
    {
        let tooLong = String(repeating: "é", count: Limits.metricNameBytes / 2 + 1)
        try await Self.with { worker, coordinator, lines in
            for step in [40, 50, 60] {
                let directive = try await worker.report(
                    step: step, score: 0.5, checkpoint: "x",
                    metrics: ["": 1, "two\nlines": 2, tooLong: 3, "loss": 4, "\u{1B}[2J": 5])
                #expect(directive.recorded)
            }
            #expect(coordinator.reports.map(\.score) == [0.5, 0.5, 0.5])
            for report in coordinator.reports { #expect(report.metrics.map(\.name) == ["loss"]) }
            #expect(lines.all.count == 1)
            let line = lines.all.first ?? ""
            #expect(line.hasPrefix("4 metrics such as “"))
            #expect(line.contains("\(Limits.metricNameBytes) bytes of printable text"))
            #expect(!line.contains("\u{1B}"))
        }
    }

    @Test func `As many metrics are sent as a report may have`() async throws {
        func metrics(_ count: Int) -> [String: Double] {
            Dictionary(uniqueKeysWithValues: (0..<count).map { ("class \($0)", Double($0)) })
        }
        try await Self.with { worker, coordinator, lines in
            _ = try await worker.report(step: 40, score: 1, metrics: metrics(Limits.metrics))
            #expect(coordinator.reports[0].metrics.count == Limits.metrics)
            #expect(lines.all == [])
            for step in [50, 60] {
                _ = try await worker.report(
                    step: step, score: 1, metrics: metrics(Limits.metrics + 3))
            }
            #expect(coordinator.reports.allSatisfy { $0.metrics.count == Limits.metrics })
            #expect(lines.all.count == 1)
            #expect(lines.all.first?.hasPrefix("3 metrics, from “class 997” on") == true)
        }
    }

    @Test func `As many metrics are sent as a message holds`() async throws {
        let long = String(repeating: "x", count: Limits.metricNameBytes - 3)
        let metrics = Dictionary(uniqueKeysWithValues: (100..<900).map { ("\($0)\(long)", 1.0) })
        try await Self.with { worker, coordinator, lines in
            _ = try await worker.report(
                step: 40, score: 1,
                checkpoint: String(repeating: "c", count: Limits.checkpointBytes), metrics: metrics)
            let names = coordinator.reports[0].metrics.map(\.name)
            #expect(names == Array(metrics.keys.sorted().prefix(names.count)))
            #expect(names.count > 200)
            #expect(coordinator.requests.map(\.bytes.count).max() ?? 0 <= Limits.messageBytes)
            #expect(lines.all.count == 1)
        }
    }

    // MARK: - Steps

    @Test func `A step below an earlier one is sent, and one warning says so`() async throws {
        try await Self.with { worker, coordinator, lines in
            _ = try await worker.report(step: 10, score: 1)
            #expect(lines.all.count == 1)
            let line = lines.all.first ?? ""
            #expect(line.hasPrefix("A report says step 10, and member 3 was at step 30 already"))
            _ = try await worker.report(step: 20, score: 1)
            _ = try await worker.report(step: 15, score: 1)
            #expect(coordinator.reports.map(\.step) == [10, 20, 15])
            #expect(lines.all.count == 1)
        }
    }

    @Test func `Who is taken back, or does not take over, is behind for good reason`() async throws
    {
        try await Self.with { worker, coordinator, lines in
            _ = try await worker.report(step: 20, score: 1, declined: true)
            _ = try await worker.report(step: 20, score: 1)
            #expect(try await worker.report(step: 90, score: 1).action == .switch)
            _ = try await worker.report(step: 20, score: 1)
            #expect(coordinator.reports.map(\.step) == [20, 20, 90, 20])
            #expect(lines.all == [])
        }
    }
}
