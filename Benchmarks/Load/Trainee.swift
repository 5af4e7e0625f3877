import Messages

/// Who trains a member under a lease.
struct Trainee {
    var lease: UInt64
    private(set) var member: UInt64 = 0
    /// Of the last report.
    var sequence: UInt64 = 0
    var step: UInt64 = 0
    /// The step of the next report.
    var target: UInt64 = 1
    /// What the next report says of the last exploit.
    var effect = WireEffect.unspecified
    /// The releases that the last directive named.
    var released: [UInt64] = []
    private(set) var score = 0.0
    /// The id of the last report's request.
    var request: UInt64 = 0
    /// When its report left; 0 when none is under way.
    var sent: UInt64 = 0

    init(lease: UInt64) { self.lease = lease }

    /// To the next report's step, where it is better by luck. It goes on from its donor's score after an
    /// exploit, so that exploits are as many as where something is learned.
    mutating func train() {
        step = target
        score += .random(in: 0..<1)
    }

    /// Named after the report, not the step: after an exploit a step may be trained again.
    var checkpoint: String { checkpointName(lease &+ sequence &* 0x9E37_79B9_7F4A_7C15) }

    /// Begins with a member.
    mutating func take(_ lease: WireLease) {
        self.lease = lease.token
        member = lease.member
        sequence = lease.sequence
        step = lease.step
        target = max(lease.targetStep, lease.step + 1)
        effect = lease.inherited ? .applied : .unspecified
    }

    /// - Returns: whether it exploits.
    mutating func take(_ outcome: WireDirective.OneOf_Outcome?) -> Bool {
        guard case .exploit(let exploit) = outcome else {
            effect = .unspecified
            return false
        }
        effect = .applied
        score = exploit.score
        return true
    }

    /// - Returns: whether it got another member.
    mutating func take(_ directive: WireDirective) throws -> Bool {
        released = directive.released.map(\.number)
        switch directive.assignment {
        case .same(let same):
            target = same.targetStep
            return false
        case .lease(let lease):
            let isOther = lease.token != self.lease
            take(lease)
            return isOther
        case .wait, .stop, nil:
            throw LoadError("A worker was told to do nothing: \(directive)")
        }
    }
}
