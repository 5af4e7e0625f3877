import Murmuration

/// The best committed state of a population.
struct BestState: Encodable, Equatable {
    var population: String
    var minimize: Bool
    var member: Int
    var score: Double
    var step: Int
    var checkpoint: String
    var hyperparameters: Hyperparameters
    /// Whose line of descent scored best on average, when that was asked for.
    var smoothed: Smoothed?

    /// How a state was chosen by the mean of the last scores on its line.
    struct Smoothed: Encodable, Equatable {
        /// So many scores, at most.
        var window: Int
        var mean: Double
        /// The state with the best score of all, and the mean on its line.
        var best: Peak
    }

    struct Peak: Encodable, Equatable {
        var member: Int
        var step: Int
        var score: Double
        var mean: Double
    }

    init(
        population: String, minimize: Bool, state: Descent.State, report: Event.Report,
        smoothed: Smoothed
    ) {
        self.population = population
        self.minimize = minimize
        member = state.name.member
        score = report.score
        step = report.step
        checkpoint = report.checkpoint ?? ""
        hyperparameters = report.hyperparameters
        self.smoothed = smoothed
    }

    /// - Parameter isCurrent: of the members' present states; otherwise of all that there were.
    /// - Returns: `nil` while there is none with a finite score.
    init?(_ board: Leaderboard, isCurrent: Bool) {
        guard let entry = isCurrent ? board.entries.first : board.best, entry.score.isFinite
        else { return nil }
        population = board.population
        minimize = board.minimize
        member = entry.member
        score = entry.score
        step = entry.step
        checkpoint = entry.checkpoint
        hyperparameters = entry.hyperparameters
    }

    /// A row for each part, under headings that say nothing new.
    var table: TextTable {
        let own = [
            ["member", "\(member)"], ["score", "\(score)"], ["step", "\(step)"],
            ["checkpoint", checkpoint],
        ]
        let means = smoothed.map { smoothed in
            let best = smoothed.best
            return [
                ["mean of \(smoothed.window)", "\(smoothed.mean)"],
                [
                    "best ever",
                    "\(best.score) by member \(best.member) at step \(best.step), "
                        + "mean \(best.mean)",
                ],
            ]
        }
        return TextTable(
            headings: ["", ""],
            rows: own + (means ?? []) + hyperparameters.map { [$0, $1.description] })
    }
}
