import Murmuration

/// What a run has come to, for the end of its output.
struct RunResult {
    /// With the best member, when one has reported.
    var board: Leaderboard
    /// The best member's.
    var schedule: [Segment] = []

    func lines(_ outcome: RunOutcome, directory: RunDirectory) -> [String] {
        [title(outcome), ""] + best + ["", "logs  \(directory.logs)/worker-*.log"]
            + ["data  \(directory.path)"] + after(outcome)
    }

    private func title(_ outcome: RunOutcome) -> String {
        let summary = board.summary
        let what =
            switch outcome {
            case .finished: "Finished"
            case .timeOver: "The time is over"
            case .interrupted: "Stopped"
            }
        return """
            \(what): \(summary.members) members, \(summary.reports) reports, \
            \(summary.exploits) exploits.
            """
    }

    private var best: [String] {
        guard let best = board.entries.first else { return ["No member has reported yet."] }
        let checkpoint = best.checkpoint.isEmpty ? "none" : Terminal.escaped(best.checkpoint)
        return [
            "best member  \(best.member)",
            "score        \(NumberText.score(best.score))\(board.minimize ? " (lower is better)" : "")",
            "step         \(best.step)",
            "checkpoint   \(checkpoint)",
            "schedule",
        ] + steps.lines().map { "  " + $0 }
    }

    /// The hyperparameters along the best member's line of descent.
    private var steps: TextTable {
        let names = schedule.first?.hyperparameters.names ?? []
        var table = TextTable(
            headings: ["steps", "member"] + names.map(Terminal.escaped),
            rightAligned: Set(0..<names.count + 2))
        for segment in schedule {
            table.rows.append(
                ["\(segment.start)–\(segment.end)", "\(segment.member)"]
                    + names.map { name in
                        segment.hyperparameters[name].map(NumberText.hyperparameter) ?? ""
                    })
        }
        return table
    }

    private func after(_ outcome: RunOutcome) -> [String] {
        outcome.isEnd ? [] : ["", "The same command goes on where this run stopped."]
    }
}
