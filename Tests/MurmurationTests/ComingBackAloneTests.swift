import Foundation
import Messages
import TestSupport
import Testing

@testable import Murmuration

@Suite(.tags(.realTime), .alone, .timeLimit(.minutes(5)))
struct ComingBackAloneTests {
    enum Loss: CaseIterable {
        /// The connection breaks.
        case restart
        /// Nobody answers, so that a new socket is made.
        case silence
    }

    @Test(arguments: Loss.allCases)
    func `Hundreds that lost a coordinator greet it all through the spread, before all else`(
        loss: Loss
    ) async throws {
        let clients = 100
        let spread = Duration.seconds(4)
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            // Heartbeats of hundreds would keep a test's machine busy.
            await coordinator.welcome(within: spread, heartbeat: .seconds(60))
            let port = try await ConnectionTests.restart(
                coordinator, at: { UInt16.random(in: 20_000..<30_000) })
            var timing = WorkerTests.calm
            if loss == .silence {
                timing.answer = .seconds(1)
                timing.longestWait = .seconds(1)
                timing.misses = 2
            }
            var workers: [Worker] = []
            for _ in 0..<clients {
                try await workers.append(WorkerTests.join(coordinator, timing: timing))
            }
            let known = coordinator.memory.withLock { memory in
                defer { memory.arrivals = [] }
                return Set(memory.arrivals.map(\.peer))
            }
            await coordinator.keepSilent(true)
            let reports = workers.map { worker in
                Task { try await worker.report(step: 10, score: 1) }
            }
            if loss == .restart {
                let asked = { coordinator.memory.withLock { Set($0.arrivals.map(\.peer)).count } }
                while asked() < clients { try await moment(waitingFor: "all reports") }
                await coordinator.closeSockets()
                await coordinator.keepSilent(false)
                _ = try await ConnectionTests.restart(coordinator, at: { port })
            } else {
                // The first new sockets of all, some of which are given up again meanwhile.
                try await Task.sleep(for: .seconds(2.5) + spread)
                await coordinator.keepSilent(false)
            }
            for report in reports {
                let directive = try await report.value
                #expect(directive.action == .continue)
            }

            var first: [ScriptedCoordinator.Arrival] = []
            var seen = known
            for arrival in coordinator.memory.withLock({ $0.arrivals })
            where seen.insert(arrival.peer).inserted {
                first.append(arrival)
            }
            #expect(first.count >= clients)
            #expect(first.allSatisfy { $0.isHello }, "nothing jumps the queue")
            let start = try #require(first.first?.time)
            let bins = tenths(first.map { ($0.time - start) / spread }.filter { $0 < 1 })
            // Ten each; what goes beyond the spread only took long to connect.
            #expect(bins.allSatisfy { $0 <= 3 * clients / 10 }, "\(bins)")
            #expect(bins.count { $0 > 0 } >= 8, "\(bins)")
            #expect(bins.reduce(0, +) >= clients / 2, "\(bins)")
            for worker in workers { await worker.connection.close() }
        }
    }
}
