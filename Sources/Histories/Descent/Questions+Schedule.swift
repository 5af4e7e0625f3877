import Murmuration

extension Questions {
    /// - Throws: `Failure` while nobody has a finite score.
    package func bestScheduleText(of board: Leaderboard) async throws -> ScheduleText {
        let population = board.population
        let segments = try await bestSchedule(in: population)
        // The line ends with the member that it leads to.
        guard let member = segments.last?.member else { throw Failure.noBest(of: population) }
        return ScheduleText(
            population: population, member: member, minimize: board.minimize, segments: segments)
    }
}

extension Leaderboard {
    /// - Throws: `Failure` while nobody has a finite score.
    package var bestMember: Int {
        get throws {
            guard let best = entries.first, best.score.isFinite else {
                throw Failure.noBest(of: population)
            }
            return best.member
        }
    }
}
