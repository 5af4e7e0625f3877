import Foundation

/// Estimates the time left from the pace of late.
///
/// What is long ago counts less and less: by time while many reports come, and by reports while few
/// do, so that the estimate follows a change of pace and one report does not toss it about.
struct TimeLeft: Sendable {
    private var last: (steps: Int, reports: Int, time: Duration)?
    private var seen = 0
    /// Steps and seconds, the late ones in full.
    private var steps = 0.0
    private var seconds = 0.0

    /// After so much time and so many reports, the pace counts a third.
    private static let memory = 20.0
    private static let reportMemory = 50
    private static let fewestReports = 4
    /// A longer time is not known, but guessed.
    private static let longest = Duration.seconds(100 * 86_400)

    /// Learns from a board.
    mutating func observe(_ view: BoardView, at now: Duration) {
        defer { last = (view.totalSteps, view.reports, now) }
        guard let last else { return }
        let reports = view.reports - last.reports
        guard reports >= 0 else {
            self = TimeLeft()
            return
        }
        // Neither a pause nor the time in which workers start says anything of their pace.
        guard view.status == .active, view.reports > 0 else { return }
        let time = (now - last.time) / .seconds(1)
        let horizon = max(Double(Self.reportMemory), 2 * Double(view.training))
        let decay = exp(-min(time / Self.memory, Double(reports) / horizon))
        steps = steps * decay + Double(view.totalSteps - last.steps)
        seconds = seconds * decay + time
        // No more than the last board counts, which may be any number.
        seen = min(seen, view.reports - reports) + reports
    }

    /// - Returns: `nil` when there is nothing to say: nothing is left, nobody knows how much, or it
    ///   does not go on.
    func estimate(_ view: BoardView) -> Duration? {
        // Workers that began together report together: one round of reports shows the pace.
        guard view.status == .active, view.training > 0, let left = view.stepsLeft, left > 0,
            seen >= max(Self.fewestReports, view.training), steps > 0, seconds > 0
        else { return nil }
        let estimate = Duration.seconds(min(Double(left) * seconds / steps, 1e15))
        return estimate <= Self.longest ? estimate : nil
    }
}

extension Duration {
    /// As coarse as an estimate is, so that it does not change at every look.
    var approximate: Duration {
        let unit: Duration =
            switch self {
            case ..<(.seconds(20)): .seconds(1)
            case ..<(.seconds(120)): .seconds(5)
            case ..<(.seconds(1200)): .seconds(30)
            case ..<(.seconds(7200)): .seconds(60)
            case ..<(.seconds(86_400)): .seconds(600)
            default: .seconds(3600)
            }
        return unit * max(1, (self / unit).rounded())
    }
}
