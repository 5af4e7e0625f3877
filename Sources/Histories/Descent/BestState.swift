import Murmuration

/// The best committed state of a population.
package struct BestState: Encodable, Equatable {
    package var population: String
    package var minimize: Bool
    package var member: Int
    package var score: Double
    package var step: Int
    package var checkpoint: String
    package var hyperparameters: Hyperparameters
    /// Whose line of descent scored best on average, when that was asked for.
    package var smoothed: Smoothed?

    /// How a state was chosen by the mean of the last scores on its line.
    package struct Smoothed: Encodable, Equatable {
        /// So many scores, at most.
        package var window: Int
        package var mean: Double
        /// The state with the best score of all, and the mean on its line.
        package var best: Peak
    }

    package struct Peak: Encodable, Equatable {
        package var member: Int
        package var step: Int
        package var score: Double
        package var mean: Double
    }

    package init(
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
    package init?(_ board: Leaderboard, isCurrent: Bool) {
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
    package var table: TextTable {
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
