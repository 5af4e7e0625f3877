/// The last scores that a member measured itself, oldest first, as many as the population's rules look
/// at: none where they look at the last one alone.
package struct OwnScores: Hashable, Sendable {
    package private(set) var entries: [Entry] = []
    /// So many of them, the last ones, it measured since it copied last.
    private var freshCount = 0

    /// At most so many are kept.
    package static let most = 32

    package struct Entry: Hashable, Sendable {
        package var step: Int
        package var score: Double
        /// Where the score stood among those at the same step, from 0 for the best to 1; `nil` where
        /// steps are not compared.
        package var place: Double?

        package init(step: Int, score: Double, place: Double? = nil) {
            self.step = step
            self.score = score
            self.place = place
        }
    }

    package init() {}

    /// - Parameter fresh: how many of them were measured since the last copy.
    package init(_ entries: [Entry], fresh: Int) {
        self.entries = entries
        freshCount = min(max(fresh, 0), entries.count)
    }

    /// Those since it copied last; until it measures again, those before.
    package var fresh: ArraySlice<Entry> { entries.suffix(freshCount) }

    /// - Parameters:
    ///   - isFirst: it is the first one since a copy.
    ///   - most: how many are kept.
    mutating func add(_ entry: Entry, isFirst: Bool, keeping most: Int) {
        if most == 0, entries.isEmpty { return }
        freshCount = isFirst ? 1 : freshCount + 1
        entries.append(entry)
        keep(most)
    }

    mutating func keep(_ most: Int) {
        if entries.count > most { entries.removeFirst(entries.count - most) }
        freshCount = min(freshCount, entries.count)
    }

    /// The last so many of them.
    func last(_ most: Int) -> OwnScores {
        var last = self
        last.keep(most)
        return last
    }

    /// The last one is gone with its state.
    mutating func removeLast() {
        if entries.isEmpty { return }
        entries.removeLast()
        freshCount = max(0, freshCount - 1)
    }

    mutating func setPlace(_ place: Double) {
        if !entries.isEmpty { entries[entries.count - 1].place = place }
    }
}
