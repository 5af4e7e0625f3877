import Histories
import Murmuration

/// The table of a board's best members: columns as wide as what is in them, the hyperparameters
/// in the room that is left.
struct MemberTable {
    private struct Column {
        var heading: String
        var cells: [String]
        var isRight = true
        var styles: [StyledLine.Style] = []

        var cellWidth: Int { cells.map(Terminal.width).max() ?? 0 }

        mutating func cut(to width: Int) {
            heading = Terminal.cut(heading, width)
            cells = cells.map { Terminal.cut($0, width) }
        }
    }

    /// A heading and one line for each entry.
    static func lines(_ entries: [BoardView.Entry], width: Int) -> [StyledLine] {
        guard !entries.isEmpty else { return [] }
        var columns = columns(entries)
        let used = columns.reduce(0) { $0 + self.width($1) + gap.count } - gap.count
        columns += fitted(hyperparameters(entries), room: width - used)
        return (-1..<entries.count).map { row in
            var line = StyledLine()
            for (index, column) in columns.enumerated() {
                let text = Terminal.fitted(
                    row < 0 ? column.heading : column.cells[row], self.width(column),
                    right: column.isRight)
                let style = column.styles.isEmpty ? rowStyle(row) : column.styles[max(row, 0)]
                line.append((index == 0 ? "" : gap) + text, row < 0 ? .dim : style)
            }
            return line
        }
    }

    private static func rowStyle(_ row: Int) -> StyledLine.Style { row == 0 ? .green : .plain }

    private static func width(_ column: Column) -> Int {
        max(column.cellWidth, Terminal.width(column.heading))
    }

    private static func columns(_ entries: [BoardView.Entry]) -> [Column] {
        [
            Column(heading: "rank", cells: entries.map { "\($0.rank)" }),
            Column(heading: "member", cells: entries.map { "\($0.member)" }),
            Column(heading: "score", cells: entries.map { NumberText.score($0.score) }),
            Column(heading: "step", cells: entries.map { "\($0.step)" }),
            // As wide as the longest state, so that the columns after it keep their places.
            Column(
                heading: "state   ", cells: entries.map(\.state.rawValue), isRight: false,
                styles: entries.map { style($0.state) }),
            // A star: the score is still the donor's.
            Column(
                heading: "donor ",
                cells: entries.map { entry in
                    entry.donor.map { "\($0)" + (entry.isInherited ? "*" : " ") } ?? "- "
                }, styles: entries.map { $0.isInherited ? .cyan : .plain }),
        ]
    }

    private static func style(_ state: BoardView.State) -> StyledLine.Style {
        switch state {
        case .training: .yellow
        case .waiting: .dim
        case .finished: .green
        case .lost: .alarm
        }
    }

    private static func hyperparameters(_ entries: [BoardView.Entry]) -> [Column] {
        names(of: entries).map { name in
            let cells = entries.map { entry in
                let value = entry.hyperparameters.first { $0.name == name }?.value
                return value.map(Terminal.escaped) ?? "-"
            }
            var column = Column(heading: Terminal.escaped(name), cells: cells)
            column.cut(to: longestHyperparameter)
            return column
        }
    }

    /// Those of all entries: what does not count for one is not among its own.
    private static func names(of entries: [BoardView.Entry]) -> [String] {
        let sets = entries.map { entry in
            entry.hyperparameters.reduce(into: Hyperparameters()) { $0[$1.name] = .flag(true) }
        }
        return sets.allNames
    }

    /// Headings give way first, then the last columns.
    private static func fitted(_ columns: [Column], room: Int) -> [Column] {
        func total(_ columns: [Column]) -> Int {
            columns.reduce(0) { $0 + width($1) + gap.count }
        }
        var fitted = columns
        var longest = longestHyperparameter
        while total(fitted) > room, longest > shortestHeading {
            longest -= 1
            for index in fitted.indices {
                fitted[index].heading = Terminal.cut(
                    fitted[index].heading, max(longest, fitted[index].cellWidth))
            }
        }
        var left = 0
        while total(fitted) + (left > 0 ? gap.count + "+\(left)".count : 0) > room {
            guard fitted.popLast() != nil else { return [] }
            left += 1
        }
        if left > 0 {
            fitted.append(
                Column(heading: "+\(left)", cells: Array(repeating: "", count: cellCount(columns))))
        }
        return fitted
    }

    private static func cellCount(_ columns: [Column]) -> Int { columns.first?.cells.count ?? 0 }

    private static let gap = "  "
    private static let longestHyperparameter = 16
    private static let shortestHeading = 4
}
