import Histories

/// A table whose rows are written as they come: a column is as wide as its heading or the widest
/// cell so far.
struct GrowingTable {
    struct Column {
        var heading: String
        var width: Int
        var isRight: Bool

        init(_ heading: String, width: Int = 0, isRight: Bool = false) {
            self.heading = heading
            self.width = max(width, Terminal.width(heading))
            self.isRight = isRight
        }
    }

    private var columns: [Column]

    init(_ columns: [Column]) {
        self.columns = columns
    }

    var heading: String {
        var copy = self
        return copy.line(columns.map(\.heading))
    }

    mutating func line(_ cells: [String]) -> String {
        var parts: [String] = []
        for (index, cell) in cells.enumerated() {
            let text = Terminal.escaped(cell)
            columns[index].width = max(columns[index].width, Terminal.width(text))
            parts.append(
                Terminal.fitted(text, columns[index].width, right: columns[index].isRight))
        }
        return Terminal.trimmingEnd(parts.joined(separator: "  "))
    }
}
