/// Columns of text under headings, as wide as what is in them.
package struct TextTable {
    package var headings: [String]
    /// The columns whose cells end at the right, as numbers do.
    package var rightAligned: Set<Int> = []
    package var rows: [[String]] = []

    package init(
        headings: [String], rightAligned: Set<Int> = [], rows: [[String]] = []
    ) {
        self.headings = headings
        self.rightAligned = rightAligned
        self.rows = rows
    }

    package func lines() -> [String] {
        let all = ([headings] + rows).map { $0.map(Terminal.escaped) }
        let widths = headings.indices.map { column in
            all.map { Terminal.width($0[column]) }.max() ?? 0
        }
        return all.map { row in
            let cells = row.enumerated().map { column, cell in
                Terminal.fitted(cell, widths[column], right: rightAligned.contains(column))
            }
            return Terminal.trimmingEnd(cells.joined(separator: "  "))
        }
    }
}
