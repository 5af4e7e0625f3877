import Foundation
import Messages
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct ComingBackTests {
    /// Counts how many of the numbers from 0 to 1 lie in each tenth.
    private static func tenths(_ shares: [Double]) -> [Int] {
        shares.reduce(into: Array(repeating: 0, count: 10)) {
            $0[min(9, max(0, Int($1 * 10)))] += 1
        }
    }

    @Test func `10 000 clients spread their return evenly over the time that they are given`() {
        let timing = ConnectionTiming()
        let spread = Duration.seconds(5)
        let draws = (0..<10_000).map { _ in timing.comeBack(within: spread) }
        #expect(draws.allSatisfy { $0 >= .zero && $0 < spread })
        // 1 000 in each, with a deviation of 30.
        #expect(Self.tenths(draws.map { $0 / spread }).allSatisfy { (850...1150).contains($0) })
        #expect(timing.comeBack(within: nil) == .zero)
    }

    @Test func `Waits grow to the longest one, and differ by a quarter`() {
        let timing = ConnectionTiming()
        for (attempt, seconds) in [5.0, 10, 20, 30, 30, 30].enumerated() {
            let waits = (0..<1000).map { _ in timing.wait(attempt: attempt) / .seconds(1) }
            #expect(waits.allSatisfy { $0 >= 0.75 * seconds && $0 <= 1.25 * seconds })
            #expect(waits.contains { $0 < 0.8 * seconds } && waits.contains { $0 > 1.2 * seconds })
        }
        #expect(timing.wait(attempt: .max) <= .seconds(37.5))
    }

    enum Loss: CaseIterable {
        /// libzmq makes the connection again.
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
                while asked() < clients { try await Task.sleep(for: .milliseconds(5)) }
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
            let bins = Self.tenths(first.map { ($0.time - start) / spread }.filter { $0 < 1 })
            // Ten each; what goes beyond the spread only took long to connect.
            #expect(bins.allSatisfy { $0 <= 3 * clients / 10 }, "\(bins)")
            #expect(bins.count { $0 > 0 } >= 8, "\(bins)")
            #expect(bins.reduce(0, +) >= clients / 2, "\(bins)")
            for worker in workers { await worker.connection.close() }
        }
    }
}
