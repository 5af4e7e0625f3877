/// Decides when it is time to say that something is still waited for: after a while, and then at
/// ever longer intervals, so that a log of hours stays short.
struct Reminder: Hashable, Sendable {
    static let growth = 3
    static let longest = Duration.seconds(3600)

    private var interval: Duration
    private var next: Duration
    /// It was said at least once in this wait.
    private(set) var hasSpoken = false

    init(first: Duration) {
        interval = first
        next = first
    }

    /// - Parameter waited: the time of this wait so far.
    mutating func isDue(after waited: Duration) -> Bool {
        guard waited >= next else { return false }
        hasSpoken = true
        interval = min(interval * Self.growth, Self.longest)
        next = waited + interval
        return true
    }
}
