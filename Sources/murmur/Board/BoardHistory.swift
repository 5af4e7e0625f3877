import Foundation
import Murmuration

/// What a board shows of a while rather than of a moment: rates, the trend, the copies, the time
/// left. Bounded, whatever is watched and for how long.
///
/// Times are durations since the watching began.
struct BoardHistory {
    private var latest: BoardView?
    private var heard = Duration.zero
    private var trend = Trend()
    private var timeLeft = TimeLeft()
    private var quietMembers = QuietMembers()
    private var window = SlidingWindow<Sample>(span: .seconds(60), spacing: .milliseconds(500))
    /// The newest first.
    private var copies: [(copy: BoardView.Copy, time: Duration)] = []

    private struct Sample {
        var reports: Int
        var exploits: Int
        var best: Double?
    }

    static let mostCopies = 50
    private static let short = Duration.seconds(10)
    /// Reports within the short while that are enough for a rate.
    private static let enough = 10
    /// What is shorter says nothing of a rate or a trend.
    private static let least = Duration.seconds(2)
    /// Boards come every second.
    private static let longestSilence = Duration.seconds(4)

    mutating func add(_ board: Leaderboard, at now: Duration) {
        let view = BoardView(board)
        if let latest, view.reports < latest.reports {
            // Another journal: nothing of the former one belongs to it.
            self = BoardHistory()
        }
        timeLeft.observe(view, at: now)
        quietMembers.observe(view, at: now)
        window.add(
            Sample(reports: view.reports, exploits: view.exploits, best: view.best), at: now)
        if let best = view.best { trend.add(best, at: now) }
        latest = view
        heard = now
    }

    /// - Parameter age: How long ago it happened.
    mutating func add(_ event: Event, at now: Duration, age: Duration) {
        guard let copy = BoardView.Copy(event, age: .zero) else { return }
        copies.insert((copy, now - max(.zero, age)), at: 0)
        if copies.count > Self.mostCopies { copies.removeLast() }
    }

    /// The latest board with all that is known about how it came to it; `nil` before the first one.
    func view(at now: Duration) -> BoardView? {
        guard var view = latest else { return nil }
        view.trend = trend
        view.rise = rise(of: view, at: now)
        view.reportRate = rate(\.reports, of: view.reports, at: now)
        view.exploitRate = rate(\.exploits, of: view.exploits, at: now)
        view.left = timeLeft.estimate(view)
        view.copies = copies.map { copy, time in
            var copy = copy
            copy.age = max(.zero, now - time)
            return copy
        }
        if now - heard >= Self.longestSilence {
            view.silence = now - heard
            view.left = nil
        } else if let quiet = quietMembers.quiet(view, at: now) {
            view.quiet = quiet
            // Without its steps the rest would be over soon.
            view.left = nil
        }
        return view
    }

    /// A second, over the last ten; over the last minute when there were few reports.
    private func rate(
        _ count: KeyPath<Sample, Int>, of present: Int, at now: Duration
    ) -> Double? {
        guard let late = window.sample(at: now - Self.short),
            let early = window.sample(at: now - window.span), now - early.time >= Self.least
        else { return nil }
        let isEnough = present - late.value[keyPath: count] >= Self.enough
        let first = isEnough && now - late.time >= Self.least ? late : early
        return Double(present - first.value[keyPath: count]) / ((now - first.time) / .seconds(1))
    }

    private func rise(of view: BoardView, at now: Duration) -> BoardView.Rise? {
        let first = window.sample(at: now - window.span) { $0.best != nil }
        guard let first, let former = first.value.best, let best = view.best,
            now - first.time >= Self.least
        else { return nil }
        return BoardView.Rise(amount: best - former, time: min(now - first.time, window.span))
    }
}
