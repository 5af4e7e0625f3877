import Histories
import Murmuration

/// A board as lines for a pipe or a file: one when something changed, not too often.
struct PlainBoard {
    private var last: (view: BoardView, notable: Notable, time: Duration)?

    /// What is worth a line soon.
    private struct Notable: Equatable {
        var best: Double?
        var finished: Int
        var lost: Int
        var status: Population.Status
        var isSilent: Bool
        var quietMembers: [Int]?

        init(_ view: BoardView) {
            best = view.best
            finished = view.finished
            lost = view.lost
            status = view.status
            isSilent = view.silence != nil
            quietMembers = view.quiet?.members
        }
    }

    private static let pause = Duration.seconds(1)
    private static let longPause = Duration.seconds(10)

    /// - Parameter isLast: No other board follows, so what is new is said now.
    mutating func line(_ view: BoardView, at now: Duration, isLast: Bool = false) -> String? {
        let notable = Notable(view)
        if let last {
            guard last.notable != notable || view.hasProgressed(since: last.view) else {
                return nil
            }
            let pause = last.notable == notable ? Self.longPause : Self.pause
            guard isLast || now - last.time >= pause else { return nil }
        }
        last = (view, notable, now)
        return Self.text(view)
    }

    static func text(_ view: BoardView) -> String {
        var parts = [Terminal.escaped(view.population)]
        if view.status != .active { parts.append(view.status.rawValue) }
        let steps = "step \(view.totalSteps)"
        parts.append(view.allSteps.map { "\(steps)/\($0)" } ?? steps)
        if let generation = view.generationText { parts.append(generation) }
        if let best = view.best {
            let member = view.entries.first.map { " (member \($0.member))" } ?? ""
            parts.append("best \(NumberText.score(best))\(member)")
        }
        if view.quantiles.count == 5 {
            parts.append("median \(NumberText.score(view.quantiles[2]))")
        }
        parts.append("training \(view.training)")
        if view.lost > 0 { parts.append("lost \(view.lost)") }
        parts.append("finished \(view.finished)/\(view.members)")
        parts.append("reports \(view.reports)")
        if let rate = view.reportRate { parts[parts.count - 1] += " (\(NumberText.rate(rate)))" }
        parts.append("exploits \(view.exploits)")
        if let left = view.left { parts.append("about \(left.approximate.shortText) left") }
        if let obstacle = view.obstacle {
            parts.append(view.status == .ended ? Terminal.escaped(obstacle) : "nobody copies")
        }
        if view.isInsecure { parts.append("insecure") }
        if let quiet = view.quiet { parts.append(quiet.text) }
        if let silence = view.silence {
            parts.append("nothing heard for \(silence.approximate.shortText)")
        }
        return parts.joined(separator: "  ")
    }
}

extension BoardView {
    /// Whether something happened in the population, and not only time went by.
    fileprivate func hasProgressed(since other: BoardView) -> Bool {
        reports != other.reports || exploits != other.exploits || totalSteps != other.totalSteps
            || training != other.training || members != other.members
    }
}
