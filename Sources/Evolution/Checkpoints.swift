/// How often each checkpoint is held: by a member's latest or previous state, as the best ever, or as one
/// of the best ever.
///
/// It knows addresses, never bytes. An address is released when its last holder lets it go.
package struct Checkpoints: Sendable {
    /// The addresses that are held, and how often.
    private(set) var held: [Address: Int] = [:]
    private var released: [String] = []

    /// What one holder holds.
    struct Holding: Equatable {
        var latest: String?
        var previous: String?
    }

    /// An address that knows its hash. A table looks at the hashes of others than the one that it is
    /// asked for, and must not read their texts for that, which lie anywhere in memory.
    package struct Address: Hashable, Sendable {
        private let hash: Int
        private let text: String

        package init(_ text: String) {
            self.text = text
            hash = text.hashValue
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    /// All that are held.
    package var addresses: some Sequence<Address> { held.keys }

    package func holds(_ checkpoint: String) -> Bool { holds(Address(checkpoint)) }

    package func holds(_ address: Address) -> Bool { held[address] != nil }

    mutating func hold(_ holding: Holding) {
        hold(holding.latest)
        hold(holding.previous)
    }

    mutating func replace(_ before: Holding, by after: Holding) {
        if before.latest == after.previous {
            // As after most reports; what stays need not be looked up.
            hold(after.latest)
            letGo(before.previous)
        } else if before != after {
            hold(after)
            letGo(before.latest)
            letGo(before.previous)
        }
    }

    mutating func replace(_ before: [String], by after: [String]) {
        for checkpoint in after { hold(checkpoint) }
        for checkpoint in before { letGo(checkpoint) }
    }

    /// Those that were released since the last time. They may be held again.
    mutating func takeReleased() -> [String] {
        if released.isEmpty { return [] }
        defer { released = [] }
        return released
    }

    private mutating func hold(_ checkpoint: String?) {
        if let checkpoint { held[Address(checkpoint), default: 0] += 1 }
    }

    private mutating func letGo(_ checkpoint: String?) {
        guard let checkpoint else { return }
        guard let index = held.index(forKey: Address(checkpoint)) else {
            preconditionFailure("Only what is held is let go.")
        }
        if held.values[index] > 1 {
            held.values[index] -= 1
        } else {
            held.remove(at: index)
            released.append(checkpoint)
        }
    }
}
