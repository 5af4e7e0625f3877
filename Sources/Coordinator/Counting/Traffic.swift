import Records

/// What only whoever drives a pipeline sees: bytes, and time.
package struct Traffic: Sendable {
    /// Of requests' frames, without what CURVE and TCP add.
    package internal(set) var receivedBytes = 0
    /// Of replies, and of what is sent to those who subscribed over connections of their own.
    package internal(set) var sentBytes = 0
    /// Of what is published for all, counted once for however many subscribers.
    package internal(set) var publishedBytes = 0
    /// How long commits took, in seconds, but for those that the disk refused.
    package internal(set) var commits = Histogram(upTo: [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
    ])

    mutating func count(_ commit: CommitOutcome) {
        if commit.failure == nil { commits.observe(commit.time / .seconds(1)) }
    }
}

/// How a commit ended, and how long it took.
struct CommitOutcome: Sendable {
    /// Why the storage has none of it; `nil` when it has all.
    var failure: JournalError?
    var time: Duration
}

extension Storage {
    func outcome(ofCommitting changes: [Change]) -> CommitOutcome {
        var failure: JournalError?
        let time = ContinuousClock().measure { failure = self.failure(ofCommitting: changes) }
        return CommitOutcome(failure: failure, time: time)
    }
}
