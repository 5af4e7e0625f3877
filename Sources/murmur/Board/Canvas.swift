import Plotting

/// What stands on a terminal, and how to make it something else with few bytes.
///
/// It uses only what terminals commonly know. A line is placed by its number, so that one as wide as
/// the window cannot shift those below it, and only lines that changed are written.
struct Canvas {
    private var lines: [BoardRenderer.Line]?
    private var size = Size(width: 0, height: 0)

    struct Size: Equatable, Sendable {
        var width: Int
        var height: Int
    }

    /// The next drawing writes everything: something else may have written to the terminal.
    mutating func forget() {
        lines = nil
    }

    /// What to write to show these lines; empty when they are there already.
    mutating func draw(_ new: [BoardRenderer.Line], size: Size) -> String {
        if size != self.size { forget() }
        let old = lines
        lines = new
        self.size = size
        var text = ""
        for (row, line) in new.enumerated() {
            if let old, row < old.count, old[row] == line { continue }
            text += Self.place(row) + line.text
            // At the end of a full line some terminals would clear its last cell.
            if line.width < size.width { text += Self.clearLine }
        }
        let hasMoreBelow = old.map { $0.count > new.count } ?? true
        if hasMoreBelow, new.count < size.height { text += Self.place(new.count) + Self.clearBelow }
        guard !text.isEmpty else { return "" }
        // What a user types stands at the cursor, which scrolls least from the first line.
        return Self.beginUpdate + text + Self.place(0) + Self.endUpdate
    }

    /// To the alternate screen, where nothing wraps, without a cursor.
    static let open = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    /// The terminal as it was.
    static let close = endUpdate + "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// Terminals that know it show all that comes in between at once; others leave it out.
    private static let beginUpdate = "\u{1B}[?2026h"
    private static let endUpdate = "\u{1B}[?2026l"
    private static let clearLine = "\u{1B}[K"
    private static let clearBelow = "\u{1B}[J"

    private static func place(_ row: Int) -> String { "\u{1B}[\(row + 1);1H" }
}
