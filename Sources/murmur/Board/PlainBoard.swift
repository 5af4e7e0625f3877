/// A board as lines for a pipe or a file: one when something changed, not too often.
struct PlainBoard {
    private var last: (text: String, notable: Notable, time: Duration)?

    /// What is worth a line soon.
    private struct Notable: Equatable {
        var best: Double?
        var finished: Int
    }

    private static let pause = Duration.seconds(1)
    private static let longPause = Duration.seconds(10)

    /// - Parameter isLast: No other board follows, so what is new is said now.
    mutating func line(_ view: BoardView, at now: Duration, isLast: Bool = false) -> String? {
        let text = Self.text(view)
        let notable = Notable(best: view.quantiles.last, finished: view.finished)
        if let last {
            guard last.text != text else { return nil }
            let pause = last.notable == notable ? Self.longPause : Self.pause
            guard isLast || now - last.time >= pause else { return nil }
        }
        last = (text, notable, now)
        return text
    }

    static func text(_ view: BoardView) -> String {
        var parts = [Terminal.escaped(view.population)]
        let steps = "step \(view.totalSteps)"
        parts.append(view.allSteps.map { "\(steps)/\($0)" } ?? steps)
        if let best = view.quantiles.last {
            let member = view.entries.first.map { " (member \($0.member))" } ?? ""
            parts.append("best \(NumberText.score(best))\(member)")
        }
        if view.quantiles.count == 5 {
            parts.append("median \(NumberText.score(view.quantiles[2]))")
        }
        parts.append("training \(view.training)")
        parts.append("finished \(view.finished)/\(view.members)")
        parts.append("exploits \(view.exploits)")
        return parts.joined(separator: "  ")
    }
}
