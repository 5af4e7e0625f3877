import Histories
import Murmuration

/// The first lines of a board: how the population as a whole does.
struct BoardHead {
    var width: Int
    var isShort: Bool
    var glyphs: Glyphs

    func lines(_ view: BoardView) -> [StyledLine] {
        var lines = [title(view), progress(view), best(view)]
        if !isShort, view.quantiles.count == 5 { lines.append(quartiles(view)) }
        lines += [members(view)]
        if let generation = view.generationText { lines.append(StyledLine(generation)) }
        lines += [counts(view)]
        if let obstacle = view.obstacle {
            lines.append(StyledLine(Terminal.escaped(obstacle), .yellow))
        }
        if view.isInsecure {
            lines.append(StyledLine("insecure: the coordinator serves without encryption", .alarm))
        }
        return lines
    }

    private func title(_ view: BoardView) -> StyledLine {
        var line = StyledLine("murmur", .dim)
        line.append("  " + Terminal.escaped(view.population), .bold)
        if view.status != .active { line.append("  " + view.status.rawValue, .alarm) }
        let elapsed = view.elapsed?.whole.shortText
        let left = view.left.map { "about \($0.approximate.shortText) left" }
        let both = [elapsed, left].compactMap(\.self)
        let texts = [both.joined(separator: ", "), left, elapsed].compactMap(\.self)
        let fitting = texts.first { line.width + Self.gap + Terminal.width($0) <= width }
        if let fitting { line.append(atRight: fitting, .plain, width: width) }
        return line
    }

    private func progress(_ view: BoardView) -> StyledLine {
        guard let all = view.allSteps, all > 0 else {
            return StyledLine("\(NumberText.count(view.totalSteps)) steps, without an end")
        }
        let share = min(1, Double(view.totalSteps) / Double(all))
        let percent = "  \(NumberText.percent(share))"
        var steps = "   \(NumberText.count(view.totalSteps)) of \(NumberText.count(all)) steps"
        if percent.count + steps.count + Self.shortestBar > width { steps = "" }
        let room = max(0, width - percent.count - steps.count)
        let cells = min(max(Self.usualBar, width / 2), Self.longestBar, room)
        let filled = Int(Double(cells) * share)
        var line = StyledLine(
            String(repeating: glyphs.full, count: filled),
            view.status == .active ? .green : .yellow)
        line.append(String(repeating: glyphs.empty, count: cells - filled), .dim)
        line.append(percent + steps)
        return line
    }

    // MARK: - Scores

    /// Why there is no best member.
    static func nobody(_ view: BoardView) -> String {
        if view.reports == 0 { return "No member has reported yet." }
        if !view.entries.isEmpty { return "No member has a finite score." }
        return view.members == 0
            ? "All its members were removed."
            : "No member has reported a checkpoint, so none is ranked."
    }

    private func best(_ view: BoardView) -> StyledLine {
        guard let best = view.best else {
            return StyledLine(Self.nobody(view), .dim)
        }
        var line = StyledLine("best ", .dim)
        line.append(NumberText.score(best), .green)
        let rise = rise(view)
        var both = rise
        both.append(ever(view, best))
        // What is longest gives way first, and a trend needs some room beside it.
        let beside = line.width + 2 + Self.shortestTrend
        let rest =
            [both, rise].first { beside + $0.width <= width }
            ?? [rise, StyledLine()].first { line.width + $0.width <= width } ?? StyledLine()
        let cells = min(
            max(Self.usualTrend, width / 4), Trend.capacity / 2, width - line.width - rest.width - 2
        )
        if cells >= Self.shortestTrend, view.trend.values.count > 1 {
            let trend = Sparkline.text(view.trend.cells(cells), glyphs: glyphs)
            line.append("  " + trend, .cyan)
        }
        line.append(rest)
        return line
    }

    /// The best one that any member ever had, when it has it no more.
    private func ever(_ view: BoardView, _ best: Double) -> StyledLine {
        guard let ever = view.bestEver, ever != best, ever.isFinite else { return StyledLine() }
        var line = StyledLine("   ever ", .dim)
        line.append(NumberText.score(ever))
        return line
    }

    private func rise(_ view: BoardView) -> StyledLine {
        guard let rise = view.rise else { return StyledLine() }
        let isBetter = view.isMinimizing ? rise.amount < 0 : rise.amount > 0
        var line =
            rise.amount == 0
            ? StyledLine("  unchanged", .dim)
            : StyledLine("  " + NumberText.change(rise.amount), isBetter ? .green : .yellow)
        let isMinute = rise.time >= .seconds(60)
        line.append(" in \(isMinute ? "a minute" : rise.time.whole.shortText)", .dim)
        return line
    }

    private func quartiles(_ view: BoardView) -> StyledLine {
        var line = StyledLine("quartiles ", .dim)
        line.append(
            view.quantiles[1...3].reversed().map(NumberText.score).joined(separator: "  "))
        line.append("   worst ", .dim)
        line.append(NumberText.score(view.quantiles[0]))
        if view.isMinimizing { line.append("   lower is better", .dim, within: width) }
        return line
    }

    // MARK: - Counts

    private func members(_ view: BoardView) -> StyledLine {
        let line = members(view, NumberText.count)
        return line.width <= width ? line : members(view, NumberText.shortCount)
    }

    /// What does not fit is left out, from the right.
    private func members(_ view: BoardView, _ number: (Int) -> String) -> StyledLine {
        var line = StyledLine("\(number(view.members)) member", .bold)
        if view.members != 1 { line.append("s", .bold) }
        line.append(": \(number(view.training)) training")
        if view.lost > 0 { line.append(", \(number(view.lost)) lost", .alarm) }
        line.append(", \(number(view.waiting)) waiting")
        line.append(", \(number(view.finished)) finished")
        return line.wholeSpans(within: width)
    }

    private func counts(_ view: BoardView) -> StyledLine {
        var line = StyledLine()
        let counts = [
            (view.reports, "report", view.reportRate), (view.exploits, "exploit", view.exploitRate),
        ]
        for (index, (count, noun, rate)) in counts.enumerated() {
            let gap = index == 0 ? "" : "   "
            line.append("\(gap)\(NumberText.count(count, noun))")
            if let rate { line.append("  " + NumberText.rate(rate), .cyan) }
        }
        return line.wholeSpans(within: width)
    }

    private static let gap = 3
    private static let usualBar = 40
    private static let longestBar = 100
    private static let shortestBar = 10
    private static let usualTrend = 30
    private static let shortestTrend = 8
}

extension Duration {
    /// In whole seconds.
    var whole: Duration { .seconds(components.seconds) }
}
