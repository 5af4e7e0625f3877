import Messages

/// A request that waits for its answer.
struct PendingRequest {
    let body: WireRequest.OneOf_Body
    let since: ContinuousClock.Instant
    /// `nil` for one that is asked until there is an answer.
    let giveUp: ContinuousClock.Instant?
    let answer: @Sendable (Result<WireReply, any Error>) -> Void

    init(
        body: WireRequest.OneOf_Body, since: ContinuousClock.Instant, patience: Duration?,
        answer: @escaping @Sendable (Result<WireReply, any Error>) -> Void
    ) {
        self.body = body
        self.since = since
        giveUp = patience.map { since + $0 }
        self.answer = answer
    }
}

extension WireRequest.OneOf_Body {
    /// Whether the answer may grant a lease.
    var mayGrant: Bool {
        switch self {
        case .join, .report, .decline: true
        default: false
        }
    }
}
