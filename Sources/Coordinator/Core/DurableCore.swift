import Evolution
import Journal
import Logging
import Messages

/// The core and its storage: what a turn decides is committed at once, and only then leaves.
///
/// It knows no socket and no clock, so that a simulator drives the code that runs in production.
struct DurableCore {
    /// The pause before a batch that the disk refused is tried again.
    static let retryPause = Duration.milliseconds(500)
    /// The time after which the log says again why nothing is accepted.
    private static let complaintPause = Duration.seconds(60)

    private(set) var core: Core
    private let storage: any Storage
    /// A batch that could not be committed. Until it is, nothing else is accepted.
    private var stuck: (batch: Core.Batch, tried: Duration)?
    /// What the disk said last, and when that was logged.
    private var complaint: (error: JournalError, logged: Duration)?
    /// What connections want of the broadcast that were answered since the last time.
    private var subscriptions: [(peer: Peer, subscription: Subscription)] = []
    /// What came meanwhile is refused, but for greetings.
    private var refusals: [(peer: Peer, frame: [UInt8])] = []

    /// Goes on from what the storage holds.
    init(
        settings: Settings, epoch: UInt64, storage: any Storage, now: Moment,
        tokens: any RandomNumberGenerator & Sendable, logger: Logger
    ) throws(CoordinatorError) {
        self.storage = storage
        core = Core(
            settings: settings, epoch: epoch, sequence: storage.sequence, now: now,
            tokens: tokens, logger: logger)
        try core.restore(from: storage, at: now)
    }

    /// A batch waits for the disk, and with it the peers that its replies go to.
    var isStuck: Bool { stuck != nil }

    /// Takes in a message of one frame.
    ///
    /// - Parameter user: whose connection it came by, as the authenticator calls it.
    mutating func receive(
        _ frame: [UInt8], from peer: Peer, as user: String, at now: Moment
    ) {
        guard isStuck else { return core.receive(frame: frame, from: peer, as: user, at: now) }
        do throws(UnreadableRequest) {
            let request = try WireRequest(message: frame)
            refusals.append(
                (peer, envelope(answerWhileStuck(request, as: user, at: now), id: request.id)))
        } catch {
            refuse(error.id, error.error, to: peer)
        }
    }

    /// Refuses what is not even a request.
    mutating func refuse(_ error: WireError, from peer: Peer) {
        guard isStuck else { return core.refuse(error, from: peer) }
        refuse(0, error, to: peer)
    }

    private mutating func refuse(_ id: UInt64, _ error: WireError, to peer: Peer) {
        refusals.append((peer, envelope(.error(error), id: id)))
    }

    private func answerWhileStuck(
        _ request: WireRequest, as user: String, at now: Moment
    ) -> WireReply.OneOf_Body {
        do throws(WireError) {
            let principal = try core.authorize(request, of: user, at: now)
            // Who greets learns that this is the coordinator, and then why it must wait.
            guard case .hello(let hello) = request.body else { throw .cannotWrite }
            return try core.welcome(hello, principal)
        } catch {
            return .error(error)
        }
    }

    /// Ends a turn: makes what came of its requests durable, and only then answers them.
    ///
    /// - Parameter send: sends the frame of a reply.
    mutating func finishTurn<Failure: Error>(
        at now: Moment, send: (Peer, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        if let stuck { return try unstick(stuck.batch, tried: stuck.tried, at: now, send: send) }
        core.tick(at: now)
        let batch = core.takeBatch()
        if PlantedBug.replyBeforeCommit.isPlanted { try answer(batch, send: send) }
        guard commit(batch, at: now) else {
            stuck = (batch, now.uptime)
            return
        }
        if !PlantedBug.replyBeforeCommit.isPlanted { try answer(batch, send: send) }
    }

    /// The broadcast's messages that are due. What is not committed is not shown.
    ///
    /// - Parameter isWanted: whether anybody gets the messages of a topic.
    mutating func publications(
        at now: Moment, isWanted: (_ topic: String) -> Bool = { _ in true }
    ) -> [Core.Publication] {
        isStuck ? [] : core.publications(at: now, isWanted: isWanted)
    }

    /// How long the next turn may be away.
    func timeToTurn(at now: Moment) -> Duration {
        isStuck ? Self.retryPause : core.timeToPublication(at: now)
    }

    private mutating func commit(_ batch: Core.Batch, at now: Moment) -> Bool {
        guard !batch.changes.isEmpty else { return true }
        do throws(JournalError) {
            try storage.commit(batch.changes)
            complaint = nil
            return true
        } catch {
            let isKnown = complaint.map {
                $0.error == error && now.uptime - $0.logged < Self.complaintPause
            }
            guard isKnown != true else { return false }
            core.logger.critical("no report is accepted: \(error)")
            complaint = (error, now.uptime)
            return false
        }
    }

    private mutating func answer<Failure: Error>(
        _ batch: Core.Batch, send: (Peer, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        for (peer, id, body) in batch.replies {
            try send(peer, envelope(body, id: id))
        }
        let queries = Queries(journal: storage)
        for (peer, request, population) in batch.queries {
            let body = core.answer(request, about: population, from: queries)
            try send(peer, envelope(body, id: request.id))
        }
        subscriptions += batch.subscriptions
    }

    /// What connections want of the broadcast from now on, since the last time.
    mutating func takeSubscriptions() -> [(peer: Peer, subscription: Subscription)] {
        defer { subscriptions = [] }
        return subscriptions
    }

    /// Whom the authenticator lets in from now on, and whom no more. What waits for the disk is
    /// not told yet.
    mutating func takeAdmissions() -> [Keyring.Admission] {
        isStuck ? [] : core.takeAdmissions()
    }

    private func envelope(_ body: WireReply.OneOf_Body, id: UInt64) -> [UInt8] {
        envelope(WireReply.field(body), id: id)
    }

    /// - Parameter body: serialized, as a field of the reply.
    private func envelope(_ body: [UInt8], id: UInt64) -> [UInt8] {
        WireReply.frame(
            id: id, epoch: core.epoch, committed: UInt64(storage.sequence), body: body)
    }

    /// A publication for one connection that subscribed to it, and asked for nothing just now.
    func envelope(_ publication: Core.Publication) -> [UInt8] {
        envelope(WireReply.field(broadcast: publication.frame), id: 0)
    }

    /// Tries the batch again that could not be committed, and meanwhile says so to everyone.
    private mutating func unstick<Failure: Error>(
        _ batch: Core.Batch, tried: Duration, at now: Moment,
        send: (Peer, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        if now.uptime - tried >= Self.retryPause {
            stuck?.tried = now.uptime
            if commit(batch, at: now) {
                core.logger.notice("reports are accepted again")
                stuck = nil
                core.resume(at: now)
                try answer(batch, send: send)
            }
        }
        defer { refusals = [] }
        for (peer, frame) in refusals { try send(peer, frame) }
    }
}
