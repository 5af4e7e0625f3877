import Testing

@testable import Histories
@testable import murmur

@Suite(.timeLimit(.minutes(5)))
struct WorkerSupervisorTests {
    @Test func `A worker is started again after the pause, not before`() async throws {
        let clock = ManualClock()
        let (starts, started) = AsyncStream.makeStream(of: Int.self)
        let supervisor = WorkerSupervisor(
            workers: 1, clock: clock, look: { _ in .working },
            launch: { worker in
                started.yield(worker)
                return .code(0)
            })
        let run = Task { try await supervisor.run() }
        var start = starts.makeAsyncIterator()
        var pause = clock.pauses.makeAsyncIterator()
        var pauses: [Duration] = []
        for _ in 0..<3 {
            #expect(await start.next() == 0)
            let next = try #require(await pause.next())
            pauses.append(next)
            clock.advance(by: next)
        }
        run.cancel()
        try await run.value
        #expect(pauses == [.milliseconds(500), .seconds(1), .seconds(2)])
    }

    @Test func `A command that never works ends the run`() async throws {
        let clock = ManualClock()
        let supervisor = WorkerSupervisor(workers: 1, clock: clock) { _ in .code(3) }
        let run = Task { try await supervisor.run() }
        var pause = clock.pauses.makeAsyncIterator()
        for _ in 0..<2 {
            clock.advance(by: try #require(await pause.next()))
        }
        await #expect(throws: CommandFails(reason: .endsAtOnce, worker: 0, exit: .code(3))) {
            try await run.value
        }
    }

    @Test func `A command that never reports ends the run, however long it lives`() async throws {
        let clock = ManualClock()
        let supervisor = WorkerSupervisor(workers: 1, clock: clock) { _ in
            clock.advance(by: .seconds(20))
            return .code(1)
        }
        let run = Task { try await supervisor.run() }
        var pause = clock.pauses.makeAsyncIterator()
        for _ in 0..<4 {
            clock.advance(by: try #require(await pause.next()))
        }
        await #expect(throws: CommandFails(reason: .neverReports, worker: 0, exit: .code(1))) {
            try await run.value
        }
    }

    @Test(arguments: [Outlook.working, .perhapsWorking, .unknown])
    func `A command that lives and may have reported is started again`(
        outlook: Outlook
    ) async throws {
        let clock = ManualClock()
        let supervisor = WorkerSupervisor(
            workers: 1, clock: clock, look: { _ in outlook },
            launch: { _ in
                clock.advance(by: .seconds(20))
                return .code(1)
            })
        let run = Task { try await supervisor.run() }
        var pause = clock.pauses.makeAsyncIterator()
        for _ in 0..<7 {
            clock.advance(by: try #require(await pause.next()))
        }
        run.cancel()
        try await run.value
    }

    @Test func `An error of one worker ends the others before it is thrown`() async throws {
        let (ends, ended) = AsyncStream.makeStream(of: Int.self)
        let clock = ManualClock()
        let supervisor = WorkerSupervisor(workers: 2, clock: clock) { worker in
            if worker == 1 { throw Failure("The disk is full.") }
            try? await clock.sleep(for: .seconds(1))
            ended.yield(worker)
            return .code(0)
        }
        await #expect(throws: Failure("The disk is full.")) { try await supervisor.run() }
        ended.finish()
        #expect(await ends.reduce(into: []) { $0.append($1) } == [0])
    }

    @Test func `A worker that ends when there is nothing more to train stays ended`() async throws {
        let supervisor = WorkerSupervisor(
            workers: 3, clock: ManualClock(), look: { $0 == .code(0) ? .over : .unproven },
            launch: { _ in .code(0) })
        try await supervisor.run()
    }

    @Test func `A notice says what happened and what follows`() {
        let notice = WorkerNotice(worker: 3, exit: .code(1), pause: .milliseconds(500))
        #expect("\(notice)" == "worker 3 failed with exit code 1; it starts again in 0.5 s")
    }
}
