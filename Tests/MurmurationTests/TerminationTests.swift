import Foundation
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct TerminationTests {
    /// When the process was told to end.
    private static let told = Mutex(ContinuousClock.now)

    @Test func `A second SIGTERM ends a process at once whose coordinator does not answer`()
        async throws
    {
        await #expect(processExitsWith: .exitCode(7)) {
            // The handler of the program; it is called when the library is done.
            signal(SIGTERM) { _ in _exit(7) }
            // After the first one, this test would be over long before the process.
            try await Self.terminate(farewell: .seconds(3600)) { coordinator in
                while coordinator.requests.last?.leave.lease != 5 {
                    try await moment(waitingFor: "the worker to leave")
                }
                kill(getpid(), SIGTERM)
            }
        }
    }

    @Test func `A coordinator that does not answer is waited for, though not for long`()
        async throws
    {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGTERM) { _ in
                let time = ContinuousClock.now - TerminationTests.told.withLock { $0 }
                _exit(time >= .seconds(0.5) ? 7 : 8)
            }
            Self.told.withLock { $0 = .now }
            try await Self.terminate(farewell: .seconds(0.5)) { _ in }
        }
    }

    @Test func `Who asks after the signal is told that the worker has left`() async throws {
        await #expect(processExitsWith: .exitCode(7)) {
            // The program goes on after it.
            signal(SIGTERM) { _ in }
            try await Self.terminate(farewell: .seconds(0.5)) { coordinator in
                while coordinator.requests.last?.leave.lease != 5 {
                    try await moment(waitingFor: "the worker to leave")
                }
            } then: { worker in
                // The second one comes when all is over.
                for _ in 0..<2 {
                    await #expect(throws: MurmurationError.left) {
                        try await worker.report(step: 10, score: 1)
                    }
                }
                exit(7)
            }
        }
    }

    @Test(arguments: 0..<5)
    func `A signal is handled from the moment that somebody handles it`(run: Int) async {
        await #expect(processExitsWith: .exitCode(7)) {
            let count = Mutex(0)
            let signals = Signals([SIGTERM]) { _ in count.withLock { $0 += 1 } }
            // One that is lost is waited for in vain.
            for sent in 1...100 {
                kill(getpid(), SIGTERM)
                while count.withLock({ $0 < sent }) {
                    try await moment(waitingFor: "signal \(sent)")
                }
            }
            withExtendedLifetime(signals) {}
            exit(7)
        }
    }

    @Test func `A signal that was ignored stays so, during and after`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGHUP, SIG_IGN)
            let received = Mutex<[Int32]>([])
            do {
                let signals = Signals([SIGHUP, SIGUSR1]) { number in
                    received.withLock { $0.append(number) }
                }
                #expect(signals.numbers == [SIGUSR1])
                kill(getpid(), SIGHUP)
                kill(getpid(), SIGUSR1)
                while !received.withLock({ $0.contains(SIGUSR1) }) {
                    try await moment(waitingFor: "the other signal")
                }
                withExtendedLifetime(signals) {}
            }
            #expect(received.withLock { $0 } == [SIGUSR1])
            #expect(Signals.isIgnored(SIGHUP))
            signal(SIGTERM, SIG_DFL)
            #expect(!Signals.isIgnored(SIGTERM))
            signal(SIGTERM) { _ in }
            #expect(!Signals.isIgnored(SIGTERM))
            // It would end this process.
            kill(getpid(), SIGHUP)
            exit(7)
        }
    }

    @Test func `A worker whose process ignores SIGTERM trains on`() async throws {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGTERM, SIG_IGN)
            try await Self.terminate(farewell: .seconds(0.5)) { coordinator in
                func heartbeats() -> Int { coordinator.memory.withLock { $0.heartbeats.count } }
                // Each comes 0.01 s after the one before: time enough to be handled.
                let start = heartbeats()
                while heartbeats() < start + 30 { try await moment(waitingFor: "heartbeats") }
                #expect(!coordinator.requests.contains { $0.leave.lease == 5 })
            } then: { worker in
                try await worker.leave()
                exit(7)
            } leave: {
                .left(WireLeft())
            }
        }
    }

    /// Tells this process to end while it has a worker, whose Leave nobody answers
    /// unless `leave` does.
    private static func terminate(
        farewell: Duration, meanwhile: @Sendable (ScriptedCoordinator) async throws -> Void,
        then: @Sendable (Worker) async throws -> Void = { _ in },
        leave: @escaping @Sendable () -> WireReply.OneOf_Body? = { nil }
    ) async throws {
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .leave: leave()
            default: nil
            }
        } _: { coordinator in
            var joining = Joining(population: "digits", worker: "w", space: "", patience: nil)
            joining.leavesOnTermination = true
            let address = try #require(coordinator.address.withLock { $0 })
            var timing = WorkerTests.calm
            timing.farewell = farewell
            let worker = try await Worker.join(at: address, by: joining, timing: timing)
            kill(getpid(), SIGTERM)
            try await meanwhile(coordinator)
            try await then(worker)
            // Training that goes on for ever.
            for await _ in AsyncStream<Never>.makeStream().stream {}
            withExtendedLifetime(worker) {}
        }
    }
}
