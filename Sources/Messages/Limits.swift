import Evolution

/// The bounds of what travels and of what a coordinator holds. Whatever goes beyond one is refused
/// with a sentence that names it.
package enum Limits {
    /// A message of the wire, serialized.
    package static let messageBytes = 64 * 1024
    /// What the items of a page add up to; the rest of a message is for its envelope.
    package static let pageBytes = messageBytes - 1024

    /// A checkpoint's address.
    package static let checkpointBytes = 4096
    package static let hyperparameters = 256
    /// Metrics of a report besides its score; fewer when they are large (`metricsBytes`).
    package static let metrics = 1024
    /// The name of a metric.
    package static let metricNameBytes = 256
    /// Members of a population.
    package static let members = 1_000_000
    /// The name of a population or a hyperparameter.
    package static let nameBytes = 64
    /// A hyperparameter's value that is a text.
    package static let textBytes = 1024
    /// The names and values of a member's hyperparameters together. An event holds three such sets
    /// beside a checkpoint's address or two, and must fit into one message.
    package static let assignmentBytes = 12 * 1024

    /// The key of a request that changes something: exactly so many.
    package static let keyBytes = 16
    /// The name of a worker, and the name of a client's library.
    package static let workerBytes = 256
    /// What tells a worker's place from others.
    package static let placeBytes = 256
    /// Why a worker declines.
    package static let reasonBytes = 1024
    /// Why the coordinator refuses something; a longer sentence is cut.
    package static let sentenceBytes = 4096
    /// The name of a space file.
    package static let sourceBytes = 1024
    /// Keys that are invited, with those that were revoked.
    package static let keys = 10_000
    /// A Curve25519 key: exactly so many.
    package static let publicKeyBytes = 32
    /// Populations that an invitation names.
    package static let invitedPopulations = 256
    /// What is written beside a key for people.
    package static let labelBytes = 256
    /// How long an invitation may be good for, when it is not for ever: ten years.
    package static let invitationSeconds: UInt64 = 10 * 366 * 24 * 3600
    /// The most that a key's quota may be set to.
    package static let quota: UInt64 = 1_000_000
    /// Beginnings of topics that one subscription has, and the longest one.
    package static let topics = 64
    package static let topicBytes = 128
    /// Leases that one heartbeat renews.
    package static let heartbeatLeases = 4096

    /// Entries of a leaderboard in one message; fewer when they are large.
    package static let entriesPerPage = 500
    /// Events in one message; fewer when they are large.
    package static let eventsPerPage = 500
    /// Events among which those of one message are looked for, where only a part of them is asked for.
    package static let eventsLookedAt = 10_000
    /// Populations in one message; fewer when they are large.
    package static let populationsPerPage = 64
    /// Keys in one message; fewer when they are large.
    package static let keysPerPage = 100

    /// Whether a text can name something: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    package static func isName(_ text: String) -> Bool {
        (1...nameBytes).contains(text.utf8.count) && text.utf8.allSatisfy(isOfName)
    }

    /// Whether a text can name a metric: any that is printable, as in `val/loss` or `mAP50-95(B)`.
    package static func isMetricName(_ text: String) -> Bool {
        guard (1...metricNameBytes).contains(text.utf8.count) else { return false }
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return true }
        return !text.unicodeScalars.contains(where: \.isControlling)
    }

    /// What a report's metrics add up to, at most: an event with them fits into a message, beside three
    /// sets of the space's hyperparameters and two checkpoints' addresses.
    package static func metricsBytes(in space: SearchSpace) -> Int {
        let rest = 4096
        let set = space.hyperparameters.map(\.largestReportedSize).reduce(0, +)
        return pageBytes - 3 * min(set, assignmentBytes) - 2 * checkpointBytes - rest
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension String {
    /// Whether it has a byte that the journal cannot keep.
    package var containsZeroByte: Bool {
        // A loop over the view asks for each byte by itself.
        utf8.withContiguousStorageIfAvailable { $0.contains(0) } ?? utf8.contains(0)
    }
}

/// The versions of the protocol that this code speaks.
package enum WireVersion {
    package static let min: UInt32 = 1
    package static let max: UInt32 = 1

    /// The newest version that both sides speak, or `nil` when there is none.
    package static func common(with hello: WireHello) -> UInt32? {
        let newest = Swift.min(hello.maxVersion, max)
        return newest >= Swift.max(hello.minVersion, min) ? newest : nil
    }
}
