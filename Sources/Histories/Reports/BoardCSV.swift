import Murmuration

/// A board as a CSV file: a row for each member.
package struct BoardCSV {
    private let board: Leaderboard
    private let hyperparameters: [String]

    package init(_ board: Leaderboard, hyperparameters: [String]) {
        self.board = board
        self.hyperparameters = hyperparameters
    }

    package var lines: [String] {
        let header =
            ["rank", "member", "step", "score", "state", "donor", "inherited", "checkpoint"]
            + hyperparameters.map { "hyperparameter.\($0)" }
        return [CSVRow(header).line] + board.entries.map(row)
    }

    private func row(_ entry: Leaderboard.Entry) -> String {
        var row = CSVRow()
        row.add(entry.rank)
        row.add(entry.member)
        row.add(entry.step)
        row.add(entry.score)
        row.add(entry.state.rawValue)
        row.add(entry.donor)
        row.add(entry.inherited ? 1 : 0)
        row.add(entry.checkpoint)
        for name in hyperparameters { row.add(entry.hyperparameters[name]) }
        return row.line
    }
}
