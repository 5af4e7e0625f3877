import Murmuration

/// How fast a population does, over the last while.
struct Pace {
    private struct Sample {
        var time: ContinuousClock.Instant
        var reports: Int
        var exploits: Int
        var steps: Int
    }

    struct Rates {
        var reportsPerSecond: Double?
        var exploitsPerSecond: Double?
        var secondsLeft: Double?
    }

    private var samples: [Sample] = []

    private static let span = Duration.seconds(60)
    private static let spacing = Duration.milliseconds(500)
    /// What is shorter says nothing of a rate.
    private static let least = Duration.seconds(2)
    /// Longer ones are guessed.
    private static let longest = 100.0 * 86_400

    mutating func add(_ board: Leaderboard, at now: ContinuousClock.Instant) {
        let sample = Sample(
            time: now, reports: board.summary.reports, exploits: board.summary.exploits,
            steps: board.summary.totalSteps)
        if samples.count > 1, now - samples[samples.count - 2].time < Self.spacing {
            samples.removeLast()
        }
        samples.append(sample)
        samples.removeAll { now - $0.time > Self.span }
    }

    func rates(of board: Leaderboard) -> Rates {
        guard let first = samples.first, let last = samples.last,
            last.time - first.time >= Self.least
        else { return Rates() }
        let seconds = (last.time - first.time) / .seconds(1)
        var rates = Rates(
            reportsPerSecond: Double(last.reports - first.reports) / seconds,
            exploitsPerSecond: Double(last.exploits - first.exploits) / seconds)
        let summary = board.summary
        guard let most = summary.maxSteps, summary.status == .active, summary.training > 0,
            last.steps > first.steps
        else { return rates }
        let left = Double(most) * Double(summary.members) - Double(summary.totalSteps)
        let time = left * seconds / Double(last.steps - first.steps)
        if left > 0, time <= Self.longest { rates.secondsLeft = time }
        return rates
    }
}
