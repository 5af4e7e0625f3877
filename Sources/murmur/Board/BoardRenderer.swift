/// Draws a board as lines of text.
struct BoardRenderer {
    var width: Int
    /// At most this many lines.
    var height: Int
    var colour: Bool

    func lines(_ view: BoardView) -> [String] {
        var head = [title(view), progress(view), members(view), scores(view)]
        if view.isInsecure {
            head.append(StyledLine("insecure: the coordinator serves without encryption", .alarm))
        }
        head.append(StyledLine())
        let foot = foot(view)
        let room = height - head.count - foot.count - 1
        let entries = Array(view.entries.prefix(max(1, room)))
        let lines = head + MemberTable.lines(entries, width: width) + foot
        return lines.prefix(height).map { $0.rendered(width: width, colour: colour) }
    }

    private func title(_ view: BoardView) -> StyledLine {
        var line = StyledLine("murmur", .dim)
        line.append("  " + Terminal.escaped(view.population), .bold)
        let times = [view.elapsed?.shortText, view.left.map { "about \($0.shortText) left" }]
        line.append(
            atRight: times.compactMap(\.self).joined(separator: ", "), .plain, width: width)
        return line
    }

    private func progress(_ view: BoardView) -> StyledLine {
        guard let all = view.allSteps, all > 0 else {
            return StyledLine("\(NumberText.count(view.totalSteps)) steps, without an end")
        }
        let share = min(1, Double(view.totalSteps) / Double(all))
        let text =
            "  \(NumberText.percent(share))   \(NumberText.count(view.totalSteps)) of"
            + " \(NumberText.count(all)) steps"
        let cells = min(Self.longestBar, max(0, width - text.count))
        let filled = Int(Double(cells) * share)
        var line = StyledLine(String(repeating: "█", count: filled), .green)
        line.append(String(repeating: "░", count: cells - filled), .dim)
        line.append(text)
        return line
    }

    private func members(_ view: BoardView) -> StyledLine {
        func count(_ number: Int, _ noun: String) -> String {
            "\(NumberText.count(number)) \(noun)\(number == 1 ? "" : "s")"
        }
        let states = [
            "\(NumberText.count(view.training)) training",
            "\(NumberText.count(view.waiting)) waiting",
            "\(NumberText.count(view.finished)) finished",
        ]
        var line = StyledLine(count(view.members, "member"), .bold)
        line.append(": " + states.joined(separator: ", "))
        line.append("   \(count(view.reports, "report"))   \(count(view.exploits, "exploit"))")
        return line
    }

    private func scores(_ view: BoardView) -> StyledLine {
        guard let best = view.quantiles.last, view.quantiles.count == 5 else {
            return StyledLine("No member has reported yet.", .dim)
        }
        var line = StyledLine("best ", .dim)
        line.append(NumberText.score(best), .green)
        line.append("   quartiles ", .dim)
        line.append(
            view.quantiles[1...3].reversed().map(NumberText.score).joined(separator: "  "))
        line.append("   worst ", .dim)
        line.append(NumberText.score(view.quantiles[0]))
        if view.isMinimizing { line.append("   lower is better", .dim) }
        return line
    }

    private func foot(_ view: BoardView) -> [StyledLine] {
        var lines: [StyledLine] = []
        if let logs = view.logs {
            var line = StyledLine("logs  ", .dim)
            line.append(Terminal.escaped(logs) + "/worker-*.log")
            lines.append(line)
        }
        if let event = view.event { lines.append(StyledLine(Terminal.escaped(event), .yellow)) }
        return lines.isEmpty ? [] : [StyledLine()] + lines
    }

    private static let longestBar = 40
}
