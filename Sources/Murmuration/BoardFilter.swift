import Messages

/// Lets through what is newer than what was seen.
struct BoardFilter: Sendable {
    /// Boards come every second. After this long without a newer one, an older one is not late: it
    /// is of a coordinator that began again with an empty directory.
    static let memory = Duration.seconds(3)

    private var last: (epoch: UInt64, counter: UInt64, time: ContinuousClock.Instant)?

    mutating func admit(_ message: WireBroadcast, at now: ContinuousClock.Instant) -> Leaderboard? {
        guard case .leaderboard(let board) = message.body else { return nil }
        if let last, (message.epoch, message.counter) <= (last.epoch, last.counter),
            now - last.time < Self.memory
        {
            return nil
        }
        last = (message.epoch, message.counter, now)
        return Leaderboard(board, epoch: message.epoch, committed: message.committed)
    }
}
