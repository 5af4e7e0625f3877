import Testing

@testable import murmur

struct WorkerSupervisionTests {
    private static let policy = WorkerSupervision.Policy(
        firstPause: .seconds(1), longestPause: .seconds(5), longLife: .seconds(60),
        atOnce: .seconds(2), attempts: 3,
        attemptsToReport: 5, attemptsAmongOthers: 20, provenLife: .seconds(600))

    private func supervision(_ workers: Int = 1) -> WorkerSupervision {
        WorkerSupervision(workers: workers, policy: Self.policy)
    }

    @Test func `The pause doubles with each death, up to its limit`() {
        var supervision = supervision()
        supervision.progressed()
        let pauses = (0..<5).map { attempt in
            supervision.started(0, at: .seconds(attempt))
            return supervision.exited(0, at: .seconds(attempt))
        }
        #expect(
            pauses
                == [1, 2, 4, 5, 5].map { .restart(after: .seconds($0)) })
    }

    @Test func `A long life makes the pause short again`() {
        var supervision = supervision()
        supervision.progressed()
        for start in 0..<3 {
            supervision.started(0, at: .seconds(start))
            _ = supervision.exited(0, at: .seconds(start))
        }
        supervision.started(0, at: .seconds(10))
        #expect(supervision.exited(0, at: .seconds(70)) == .restart(after: .seconds(1)))
    }

    @Test func `The third death at once of the only worker ends the run`() {
        var supervision = supervision()
        var decisions: [WorkerSupervision.Decision] = []
        for start in 0..<3 {
            supervision.started(0, at: .seconds(start))
            decisions.append(supervision.exited(0, at: .seconds(start + 2)))
        }
        #expect(
            decisions
                == [
                    .restart(after: .seconds(1)), .restart(after: .seconds(2)),
                    .giveUp(.endsAtOnce),
                ])
    }

    @Test func `The run goes on while one worker has not failed often enough`() {
        var supervision = supervision(2)
        for start in 0..<6 {
            supervision.started(0, at: .seconds(start))
            #expect(supervision.exited(0, at: .seconds(start)).isRestart)
        }
        for _ in 0..<2 {
            supervision.started(1, at: .seconds(7))
            #expect(supervision.exited(1, at: .seconds(7)).isRestart)
        }
        supervision.started(1, at: .seconds(8))
        #expect(supervision.exited(1, at: .seconds(8)) == .giveUp(.endsAtOnce))
    }

    @Test func `The fifth end of the only worker ends a run that nobody has reported in`() {
        var supervision = supervision()
        for (attempt, life) in [50, 50, 1, 50].enumerated() {
            supervision.started(0, at: .seconds(100 * attempt))
            #expect(supervision.exited(0, at: .seconds(100 * attempt + life)).isRestart)
        }
        supervision.started(0, at: .seconds(400))
        #expect(supervision.exited(0, at: .seconds(450)) == .giveUp(.neverReports))
    }

    @Test func `A run without a report goes on while one worker has not ended often enough`() {
        var supervision = supervision(2)
        supervision.started(1, at: .zero)
        for start in 0..<20 {
            supervision.started(0, at: .seconds(100 * start))
            #expect(supervision.exited(0, at: .seconds(100 * start + 50)).isRestart)
        }
    }

    @Test func `Beside others that report, a command that always fails is given up in the end`() {
        var supervision = supervision(2)
        supervision.mayHaveProgressed()
        // One of them goes on for long before the other one has failed often enough.
        for worker in 0..<2 {
            for start in 1...19 {
                supervision.started(worker, at: .seconds(100 * start))
                #expect(supervision.exited(worker, at: .seconds(100 * start + 50)).isRestart)
            }
        }
        supervision.started(0, at: .seconds(2000))
        #expect(supervision.exited(0, at: .seconds(2050)).isRestart)
        supervision.started(1, at: .seconds(2000))
        #expect(supervision.exited(1, at: .seconds(2050)) == .giveUp(.keepsFailing))
    }

    @Test(arguments: [(WorkerExit.code(0), 50), (.signal(9), 600)])
    func `Beside others that report, one that ends well or lives for long is started for ever`(
        exit: WorkerExit, life: Int
    ) {
        var supervision = supervision()
        supervision.mayHaveProgressed()
        for start in 0..<100 {
            supervision.started(0, at: .seconds(1000 * start))
            let well = start % 10 == 0
            let end = Duration.seconds(1000 * start + (well ? life : 50))
            #expect(supervision.exited(0, with: well ? exit : .code(1), at: end).isRestart)
        }
    }

    @Test func `A coordinator that is away says nothing of the command`() {
        var supervision = supervision()
        for start in 0..<100 {
            supervision.started(0, at: .seconds(start))
            let decision = supervision.exited(0, at: .seconds(start), isJudged: false)
            #expect(decision == .restart(after: .seconds(min(5, 1 << min(start, 3)))))
        }
        for start in 100..<102 {
            supervision.started(0, at: .seconds(start))
            #expect(supervision.exited(0, at: .seconds(start)).isRestart)
        }
    }

    @Test func `Reports of others do not excuse a command that ends at once`() {
        var supervision = supervision()
        supervision.mayHaveProgressed()
        for start in 0..<2 {
            supervision.started(0, at: .seconds(start))
            #expect(supervision.exited(0, at: .seconds(start)).isRestart)
        }
        supervision.started(0, at: .seconds(3))
        #expect(supervision.exited(0, at: .seconds(3)) == .giveUp(.endsAtOnce))
    }

    @Test func `A report forgives deaths at once`() {
        var supervision = supervision()
        supervision.progressed()
        for start in 0..<10 {
            supervision.started(0, at: .seconds(start))
            #expect(supervision.exited(0, at: .seconds(start)).isRestart)
        }
    }

    @Test(arguments: [
        (Int32(0), WorkerExit.code(0)), (1, .code(1)), (137, .signal(9)), (255, .code(255)),
    ])
    func `The holder's exit code tells how the command ended`(code: Int32, exit: WorkerExit) {
        #expect(WorkerExit(holderCode: code) == exit)
        #expect(exit.holderCode == code)
    }
}

extension WorkerSupervision.Decision {
    fileprivate var isRestart: Bool {
        if case .restart = self { true } else { false }
    }
}
