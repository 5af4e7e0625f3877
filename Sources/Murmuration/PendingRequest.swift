import Messages

/// A request that waits for its answer.
struct PendingRequest {
    let frame: [UInt8]
    /// Its answer may grant a lease.
    let mayGrant: Bool
    let since: ContinuousClock.Instant
    /// `nil` for one that is asked until there is an answer.
    let giveUp: ContinuousClock.Instant?
    let answer: @Sendable (Result<WireReply, any Error>) -> Void
    var attempts = 0
    /// When it is sent, or sent again; `nil` means at once.
    var next: ContinuousClock.Instant?
    /// It was sent and there is no answer yet.
    var isOut = false
    /// The last refusal after which it is sent again.
    var refusal: MurmurationError?

    init(
        frame: [UInt8], mayGrant: Bool, since: ContinuousClock.Instant, patience: Duration?,
        answer: @escaping @Sendable (Result<WireReply, any Error>) -> Void
    ) {
        self.frame = frame
        self.mayGrant = mayGrant
        self.since = since
        giveUp = patience.map { since + $0 }
        self.answer = answer
    }

    /// The link is gone: it is sent again by the next one.
    mutating func comeBack() {
        isOut = false
        if refusal == nil { next = nil }
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
