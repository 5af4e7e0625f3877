import Murmuration

extension Questions {
    /// - Throws: `Failure` when the population has no such member.
    package func check(member: Int, of population: String) async throws {
        // The first event of each member is that it was made.
        let page = try await history(of: population, member: member, limit: 1)
        guard page.events.isEmpty else { return }
        throw Failure(
            """
            The population \(population) has no member \(member); murmur leaderboard shows its \
            members.
            """)
    }
}
