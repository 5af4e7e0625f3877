import Murmuration

/// The last events of a population, and the last copies among them.
package struct RecentEvents {
    /// Oldest first.
    package private(set) var events: [Event] = []
    /// Oldest first.
    package private(set) var copies: [Event] = []

    /// Nothing was forgotten: these are all.
    package private(set) var isComplete = true

    package static let mostEvents = 1000
    package static let mostCopies = 20

    mutating func add(_ event: Event) {
        // Twice as many are kept for a moment, so that not every event moves all others.
        if events.count == 2 * Self.mostEvents {
            events.removeFirst(Self.mostEvents)
            isComplete = false
        }
        events.append(event)
        guard event.exploit != nil else { return }
        if copies.count == Self.mostCopies { copies.removeFirst() }
        copies.append(event)
    }
}
