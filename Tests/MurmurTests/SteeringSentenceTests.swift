import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

/// What is said after a population was steered, and what an ended one ends.
struct SteeringSentenceTests {
    @Test(arguments: [
        (0, "no worker trains it, and none will until murmur resume."),
        (1, "its worker waits after its next report."),
        (4, "its 4 workers wait after their next report."),
    ])
    func `A pause says what the workers do`(training: Int, sentence: String) {
        var population = population()
        population.training = training
        #expect(Steering.paused(population) == "The population digits is paused: \(sentence)")
    }

    @Test func `Each change says what is so now`() {
        var population = population()
        population.training = 2
        #expect(
            Steering.ended(population)
                == "The population digits is ended: its 2 workers stop after their next report.")
        #expect(
            Steering.resumed(population)
                == "The population digits is active: 5 of its 5 members have steps to go.")
        #expect(
            Steering.added(1, to: population)
                == "The population digits has 1 member more, 5 in all.")
        #expect(
            Steering.removed(7, from: population)
                == "Member 7 of digits is removed, and 5 members are left; its history stays.")
        #expect(
            Steering.set(["max_steps": 200, "fraction": 0.2], of: population) == """
                The population digits evolves with max_steps 200, fraction 0.2 from now on.
                """)
        population.settings["frequencies"] = .numbers([1, 10])
        #expect(
            Steering.set(["frequencies": .numbers([1, 10])], of: population) == """
                The population digits evolves with frequencies [1, 10] from now on.
                """)
        population.finished = 5
        #expect(Steering.resumed(population).contains("give it more steps with murmur set"))
    }

    private static func board(
        members: Int = 2, finished: Int = 0, training: Int = 0,
        status: Population.Status = .active, grows: Bool = false
    ) -> Leaderboard {
        Leaderboard(
            population: "digits", minimize: false, epoch: 1, committed: 1, offset: 0, entries: [],
            summary: .init(
                members: members, ranked: 0, training: training, finished: finished, reports: 0,
                exploits: 0, quantiles: [], totalSteps: 0, insecure: false, lost: 0,
                status: status, grows: grows))
    }

    @Test(arguments: [
        (board(), false, false),
        (board(members: 0, grows: true), false, false),
        // All were removed.
        (board(members: 0), true, true),
        (board(finished: 2), true, true),
        (board(status: .paused), false, false),
        // The others still report once.
        (board(training: 1, status: .ended), true, false),
        (board(status: .ended), true, true),
        (board(members: 0, status: .ended), true, true),
    ])
    func `A population that was ended is over, and shown until its last worker stopped`(
        board: Leaderboard, needsNoWorkers: Bool, isOver: Bool
    ) {
        #expect(board.needsNoWorkers == needsNoWorkers)
        #expect(board.isOver == isOver)
    }

    @Test func `The best state is that of all time or of now, and has a finite score`() {
        var board = Self.board()
        #expect(BestState(board, isCurrent: false) == nil)
        #expect(BestState(board, isCurrent: true) == nil)
        var entry = Leaderboard.Entry(
            rank: 1, member: 3, step: 20, score: 0.1 + 0.2, checkpoint: "/c/3",
            hyperparameters: ["rate": 0.1, "layers": 2], state: .waiting, inherited: false)
        board.entries = [entry]
        entry.member = 4
        board.best = entry
        #expect(BestState(board, isCurrent: true)?.member == 3)
        #expect(
            BestState(board, isCurrent: false)?.table.lines().dropFirst() == [
                "member      4", "score       0.30000000000000004", "step        20",
                "checkpoint  /c/3", "rate        0.1", "layers      2",
            ])
        board.entries[0].score = .nan
        #expect(BestState(board, isCurrent: true) == nil)
    }
}
