import Histories
import Plotting

/// Draws a board as lines of text.
struct BoardRenderer {
    var width: Int
    /// At most this many lines.
    var height: Int
    var colour = false
    var glyphs = Glyphs.unicode

    struct Line: Equatable {
        var text: String
        /// In cells.
        var width: Int
    }

    func lines(_ view: BoardView) -> [Line] {
        let foot = foot(view)
        var lines = BoardHead(width: width, isShort: isShort, glyphs: glyphs).lines(view)
        if !isShort { lines.append(StyledLine()) }
        lines += body(view, room: height - lines.count - foot.count)
        // What went wrong is worth more than the last members.
        lines = lines.prefix(max(1, height - foot.count)) + foot
        return lines.prefix(height).map { line in
            Line(
                text: line.rendered(width: width, colour: colour, glyphs: glyphs),
                width: min(width, line.width))
        }
    }

    /// There is no room for empty lines and lesser things.
    private var isShort: Bool { height < Self.shortHeight }

    /// The members, and below them who copied whom: a quarter of the room, or what the members
    /// leave.
    private func body(_ view: BoardView, room: Int) -> [StyledLine] {
        let members = view.entries.isEmpty ? 0 : view.entries.count + 1
        let copies = min(
            view.copies.count, Self.mostCopies, max(room / 4, room - members - 1), room - 1)
        let table = room - (copies > 0 ? copies + 1 : 0)
        var lines: [StyledLine] = []
        if table >= 2 {
            lines = MemberTable.lines(Array(view.entries.prefix(table - 1)), width: width)
        }
        guard copies > 0 else { return lines }
        if !lines.isEmpty { lines.append(StyledLine()) }
        return lines
            + CopyList(width: width, glyphs: glyphs).lines(Array(view.copies.prefix(copies)))
    }

    private func foot(_ view: BoardView) -> [StyledLine] {
        var lines: [StyledLine] = []
        if let logs = view.logs, !isShort {
            var line = StyledLine("logs  ", .dim)
            line.append(Terminal.escaped(logs) + "/worker-*.log")
            lines.append(line)
        }
        if let quiet = view.quiet { lines.append(StyledLine(quiet.text, .alarm)) }
        if let silence = view.silence {
            let time = silence.approximate.shortText
            lines.append(StyledLine("nothing heard of the coordinator for \(time)", .alarm))
        }
        if let event = view.event { lines.append(StyledLine(Terminal.escaped(event), .yellow)) }
        return lines.isEmpty || isShort ? lines : [StyledLine()] + lines
    }

    private static let shortHeight = 15
    private static let mostCopies = 10
}
