/// How often each checkpoint is held: by a member's latest or previous state, or as the best ever.
///
/// It knows addresses, never bytes. An address is released when its last holder lets it go.
struct Checkpoints: Sendable {
    /// The addresses that are held, and how often.
    private(set) var held: [String: Int] = [:]
    private var released: [String] = []

    func holds(_ checkpoint: String) -> Bool { held[checkpoint] != nil }

    mutating func hold(_ states: [CommittedState]) {
        for state in states { held[state.checkpoint, default: 0] += 1 }
    }

    mutating func replace(_ before: [CommittedState], by after: [CommittedState]) {
        hold(after)
        for state in before { letGo(state.checkpoint) }
    }

    /// Those that were released since the last time, and are not held again.
    mutating func takeReleased() -> [String] {
        defer { released = [] }
        return released.filter { !holds($0) }
    }

    private mutating func letGo(_ checkpoint: String) {
        guard let count = held[checkpoint] else {
            preconditionFailure("Only what is held is let go.")
        }
        held[checkpoint] = count > 1 ? count - 1 : nil
        if count == 1 { released.append(checkpoint) }
    }
}
