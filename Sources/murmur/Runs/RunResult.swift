import Histories
import Murmuration

/// What a run has come to, for the end of its output.
struct RunResult {
    /// With the best member, when one has reported.
    var board: Leaderboard
    /// Of the best state that there ever was.
    var schedule: [Segment] = []

    func lines(_ outcome: RunOutcome, directory: RunDirectory) -> [String] {
        [title(outcome)] + reason(outcome) + [""] + best
            + ["", "logs  \(directory.logs)/worker-*.log", "data  \(directory.path)"]
            + after(outcome)
    }

    private func title(_ outcome: RunOutcome) -> String {
        let summary = board.summary
        let what =
            switch outcome {
            case .finished: "Finished"
            case .ended: "Ended"
            case .timeOver: "The time is over"
            case .interrupted: "Stopped"
            }
        return """
            \(what): \(NumberText.count(summary.members, "member")), \
            \(NumberText.count(summary.reports, "report")), \
            \(NumberText.count(summary.exploits, "exploit")).
            """
    }

    /// Why the population ended by itself.
    private func reason(_ outcome: RunOutcome) -> [String] {
        outcome == .ended ? [board.summary.obstacle].compactMap(\.self) : []
    }

    private var best: [String] {
        guard let best = board.best ?? board.entries.first else {
            return [BoardHead.nobody(BoardView(board))]
        }
        let checkpoint = best.checkpoint.isEmpty ? "none" : Terminal.escaped(best.checkpoint)
        let steps = ScheduleText(
            population: board.population, member: best.member, minimize: board.minimize,
            segments: schedule)
        return [
            "best member  \(best.member)",
            "score        \(NumberText.score(best.score))\(board.minimize ? " (lower is better)" : "")",
            "step         \(best.step)",
            "checkpoint   \(checkpoint)",
        ] + now(after: best)
            + (schedule.isEmpty ? [] : ["schedule"] + steps.table.lines().map { "  " + $0 })
    }

    /// Who leads the board at the end, where nobody is as good any more as the best once was.
    private func now(after best: Leaderboard.Entry) -> [String] {
        guard let leader = board.entries.first, leader.score != best.score, best.score.isFinite
        else { return [] }
        return [
            """
            best now     member \(leader.member), \(NumberText.score(leader.score)) at step \
            \(leader.step)
            """
        ]
    }

    private func after(_ outcome: RunOutcome) -> [String] {
        outcome.isEnd ? [] : ["", "The same command goes on where this run stopped."]
    }
}
