/// Columns of text under headings, as wide as what is in them.
struct TextTable {
    var headings: [String]
    /// The columns whose cells end at the right, as numbers do.
    var rightAligned: Set<Int> = []
    var rows: [[String]] = []

    func lines() -> [String] {
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
