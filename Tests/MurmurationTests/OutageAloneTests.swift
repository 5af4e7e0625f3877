import Foundation
import Logging
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

/// A coordinator that is away for an hour, with all times shortened alike.
@Suite(.tags(.realTime), .alone, .timeLimit(.minutes(5)))
struct OutageAloneTests {
    private static let usual = ConnectionTiming()
    private static let hour = Duration.seconds(3600)
    /// So many seconds of an outage pass in one here.
    private static let scale = 600.0
    /// What a busy machine may add.
    private static let slack = Duration.seconds(10)

    private static var scaled: ConnectionTiming {
        var timing = usual
        timing.answer = usual.answer / scale
        timing.longestWait = usual.longestWait / scale
        timing.relink = usual.relink / scale
        timing.reconnect =
            usual.reconnect.lowerBound / scale...usual.reconnect.upperBound / scale
        timing.word = usual.word / scale
        return timing
    }

    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    @Test func `One that hears and does not answer is asked ever more rarely, and comes back`()
        async throws
    {
        let lines = Lines()
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let spread = Duration.milliseconds(100)
            await coordinator.welcome(within: spread, heartbeat: .seconds(10) / Self.scale)
            let worker = try await WorkerTests.join(
                coordinator, patience: nil, logger: lines.logger, timing: Self.scaled)
            await coordinator.keepSilent(true)
            coordinator.memory.withLock { $0.arrivals = [] }
            let report = Task { try await worker.report(step: 10, score: 1, checkpoint: "x") }
            try await Task.sleep(for: Self.hour / Self.scale)
            let arrivals = coordinator.memory.withLock { $0.arrivals }
            await coordinator.keepSilent(false)
            let back = ContinuousClock.now
            #expect(try await report.value.action == .continue)
            #expect(.now - back < Self.scaled.longestWait * 1.25 + spread + Self.slack)

            // No wait is shorter than three quarters of the longest, once they have grown; the
            // lease's heartbeats end with the first socket.
            let mostAsked = Int(Self.hour / (Self.usual.longestWait * 0.75)) + 20
            #expect((20...mostAsked).contains(arrivals.count), "\(arrivals.count)")
            #expect(arrivals.reduce(0) { $0 + $1.bytes } < 100 * mostAsked)
            let sockets = Set(arrivals.map(\.peer)).count
            #expect((5...mostAsked / 2).contains(sockets), "\(sockets)")
            let gaps = zip(arrivals, arrivals.dropFirst())
                .filter { $0.peer == $1.peer && $0.isHello }.map { $1.time - $0.time }
            let late = gaps.suffix(gaps.count / 2).sorted()
            #expect(late[late.count / 2] > Self.scaled.longestWait * 0.7)
            #expect(late[0] < late[late.count - 1] * 0.95, "they are jittered")
            // The one report, however often it was sent.
            #expect(Set(coordinator.reports.map(\.sequence)) == [1])
            #expect(Set(coordinator.reports.map(\.lease)) == [5])
            let said = lines.all.filter { $0.contains("Waiting for it") }
            #expect((3...12).contains(said.count), "\(said)")
            #expect(said.contains { $0.contains("does not answer") })
            // Turns go on, ten in a second, until one finds the answer.
            while !lines.all.contains(where: { $0.contains("answers again") }) {
                try await moment(waitingFor: "the log")
            }
        }
    }

    @Test func `A tunnel that breaks off while the coordinator is away is waited for`()
        async throws
    {
        try await ScriptedCoordinator.with(secret: ConnectionTests.secret) { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let port = try await ConnectionTests.restart(
                coordinator, at: { UInt16.random(in: 20_000..<30_000) })
            let worker = try await WorkerTests.join(
                coordinator, patience: nil, timing: Self.scaled)
            await coordinator.closeSockets()
            var tunnel: HangingUp?
            while tunnel == nil { tunnel = try? HangingUp(port: port) }
            let report = Task { try await worker.report(step: 10, score: 1, checkpoint: "x") }
            try await Task.sleep(for: Self.hour / Self.scale)
            let attempts = tunnel?.close() ?? 0
            // A socket makes four attempts before it is given up.
            let most = 5 * Int(Self.hour / (Self.usual.longestWait * 0.75)) + 50
            #expect((20...most).contains(attempts), "\(attempts)")
            _ = try await ConnectionTests.restart(coordinator, at: { port })
            let back = ContinuousClock.now
            #expect(try await report.value.action == .continue)
            #expect(.now - back < Self.scaled.longestWait * 1.25 + Self.slack)
        }
    }

    @Test func `Where nothing listens one socket is enough for an hour, and little work`()
        async throws
    {
        try await ScriptedCoordinator.with { request, _ in
            switch request.body {
            case .join: .lease(5)
            case .report(let report): .same(targetStep: report.step + 10)
            default: nil
            }
        } _: { coordinator in
            let port = try await ConnectionTests.restart(
                coordinator, at: { UInt16.random(in: 20_000..<30_000) })
            let worker = try await WorkerTests.join(
                coordinator, patience: nil, timing: Self.scaled)
            await coordinator.closeSockets()
            let report = Task { try await worker.report(step: 10, score: 1, checkpoint: "x") }
            try await Task.sleep(for: Self.hour / Self.scale)
            #expect(await worker.connection.linkCount <= 3)
            _ = try await ConnectionTests.restart(coordinator, at: { port })
            let back = ContinuousClock.now
            #expect(try await report.value.action == .continue)
            #expect(.now - back < Self.scaled.reconnect.upperBound + Self.slack)
            #expect(coordinator.reports.count == 1)
        }
    }

    @Test func `Waiting takes little of the processor`() async throws {
        await #expect(processExitsWith: .exitCode(7)) {
            try await ScriptedCoordinator.with { _, _ in
                .lease(5)
            } _: { coordinator in
                let worker = try await WorkerTests.join(
                    coordinator, patience: nil, timing: ConnectionTiming())
                await coordinator.closeSockets()
                let report = Task { try await worker.report(step: 10, score: 1) }
                let before = Self.processorTime()
                try await Task.sleep(for: .seconds(5))
                let used = Self.processorTime() - before
                report.cancel()
                // By itself it takes about a hundredth of one, with the coordinator's.
                exit(used < .milliseconds(500) ? 7 : 8)
            }
        }
    }
}

/// Accepts every connection at a port of this machine, and closes it.
private final class HangingUp: Sendable {
    private let descriptor: Int32
    private let accepted = Mutex(0)

    init(port: UInt16) throws {
        let descriptor = try tcpSocket()
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = port.bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    && listen(descriptor, 64) == 0
            }
        }
        guard isBound else {
            Foundation.close(descriptor)
            throw CancellationError()
        }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                accepted.withLock { $0 += 1 }
                Foundation.close(client)
            }
        }
    }

    /// - Returns: how many there were.
    func close() -> Int {
        // Closing alone does not wake the thread that accepts.
        shutdown(descriptor, Int32(SHUT_RDWR))
        Foundation.close(descriptor)
        return accepted.withLock { $0 }
    }
}
