import Messages

extension Administrator {
    /// Gives back what the workers in these places hold, none of which lives any more.
    package func giveBack(places: [String]) async throws {
        for place in places {
            var leave = WireLeave()
            leave.key = Limits.newKey()
            leave.place = place
            _ = try await ask(.leave(leave))
        }
    }
}
