import Histories
import Murmuration

extension Picture {
    /// Goes through the events twice, to keep no more of them than what is drawn.
    package init(
        of name: String, metric: String?, title: String?, asking questions: Questions
    ) async throws {
        let population = try await questions.population(named: name)
        var standings = Standings()
        try await questions.eachEvent(of: population.name) { standings.add($0) }
        try Self.check(standings, of: population, metric: metric)

        let board = try await questions.leaderboard(of: population.name).entries.map(\.member)
        let order = standings.order(minimize: population.minimize, board: board)
        let drawn = LineChoice.places(of: order.count)
        var tracks = Tracks(
            members: drawn.map { order[$0].member }, space: PlottedSpace(population.space),
            metric: metric, last: standings.last)
        try await questions.eachEvent(of: population.name) { tracks.add($0) }
        self.init(
            of: population, standings: standings, order: order, drawn: drawn, tracks: tracks,
            metric: metric, title: title)
    }

    private static func check(
        _ standings: Standings, of population: Population, metric: String?
    ) throws {
        guard standings.reports > 0 else {
            throw Failure(
                """
                Nothing was reported in '\(population.name)' yet; plot it when a worker has \
                trained.
                """)
        }
        guard let metric, !standings.metrics.contains(metric) else { return }
        let known = standings.metrics.sorted().prefix(8).map(Terminal.escaped)
        throw Failure(
            known.isEmpty
                ? """
                No report of '\(population.name)' has a metric but its score; leave --metric out.
                """
                : """
                No report of '\(population.name)' has a metric '\(Terminal.escaped(metric))'; \
                there are: \(known.joined(separator: ", ")).
                """)
    }
}
