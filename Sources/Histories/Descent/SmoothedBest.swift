import Murmuration

/// The state whose line of descent scored best on average: the best score of all is mostly a lucky one.
package enum SmoothedBest {
    /// - Parameter window: how many of the last scores on a line are averaged.
    /// - Throws: `Failure` while there is no state with a finite score.
    package static func state(
        of name: String, over window: Int, asking questions: Questions
    ) async throws -> BestState {
        let board = try await questions.leaderboard(of: name, limit: 1)
        var descent = Descent()
        try await questions.eachEvent(of: board.population, part: .descent) { try descent.add($0) }
        let none = Failure.noBest(of: board.population)
        guard let peak = board.best,
            let top = descent.states.lastIndex(where: {
                $0.name.member == peak.member && $0.step == peak.step && $0.score == peak.score
            }),
            let choice = try descent.smoothedBest(
                beside: top, over: window, minimize: board.minimize)
        else { throw none }
        let state = descent.states[choice]
        var found: Event.Report?
        try await questions.eachEvent(of: board.population, member: state.name.member) { event in
            if let report = event.report, report.number == state.name.report { found = report }
        }
        guard let found else { throw none }
        return BestState(
            population: board.population, minimize: board.minimize, state: state, report: found,
            smoothed: .init(
                window: window, mean: descent.mean(of: choice, over: window).value,
                best: .init(
                    member: peak.member, step: peak.step, score: peak.score,
                    mean: descent.mean(of: top, over: window).value)))
    }
}

extension Descent {
    /// The place of the state whose line scored best on average, of those that members have now and
    /// the one at `top`; `nil` when no line has a finite mean.
    ///
    /// A line with fewer scores than are averaged only counts while there is no longer one.
    package func smoothedBest(beside top: Int, over window: Int, minimize: Bool) throws -> Int? {
        let candidates = Set(try holders.keys).union([top]).sorted()
        let means = candidates.map { (place: $0, mean: mean(of: $0, over: window)) }
            .filter { $0.mean.value.isFinite }
        guard let longest = means.map(\.mean.count).max() else { return nil }
        let complete = means.filter { $0.mean.count == longest }
        return complete.min { one, other in
            minimize ? one.mean.value < other.mean.value : one.mean.value > other.mean.value
        }?.place
    }

    /// The mean of the last scores on a state's line of descent, and how many they are.
    package func mean(of place: Int, over window: Int) -> (value: Double, count: Int) {
        var scores: [Double] = []
        var next: Int? = place
        while let place = next, scores.count < window {
            scores.append(states[place].score)
            next = states[place].base
        }
        return (scores.reduce(0) { $0 + $1 / Double(scores.count) }, scores.count)
    }
}
