import Murmuration

extension Questions {
    /// The events from which a member's story is told, as of now: its own, and those of its population.
    package func story(of member: Int, in population: String) async throws -> [Event] {
        // Both up to the same one: that its generation closed means something else without the copy
        // that comes right after it.
        let end = try await leaderboard(of: population, limit: 1).committed
        var events: [Event] = []
        try await eachEvent(of: population, through: end, member: member) { events.append($0) }
        try await eachEvent(of: population, part: .population, through: end) { events.append($0) }
        return events.sorted { $0.sequence < $1.sequence }
    }
}
