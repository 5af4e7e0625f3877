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
    /// What came meanwhile is refused, but for greetings.
    private var refusals: [(peer: Peer, reply: WireReply)] = []

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
    mutating func receive(_ frame: [UInt8], from peer: Peer, at now: Moment) {
        guard isStuck else { return core.receive(frame: frame, from: peer, at: now) }
        do throws(UnreadableRequest) {
            let request = try WireRequest(message: frame)
            // Who greets learns that this is the coordinator, and then why it must wait.
            if case .hello(let hello) = request.body {
                greet(hello, id: request.id, peer)
            } else {
                refuse(request.id, .cannotWrite, to: peer)
            }
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

    private mutating func greet(_ hello: WireHello, id: UInt64, _ peer: Peer) {
        do throws(WireError) {
            refusals.append((peer, envelope(try core.welcome(hello), id: id)))
        } catch {
            refuse(id, error, to: peer)
        }
    }

    /// Ends a turn: makes what came of its requests durable, and only then answers them.
    mutating func finishTurn<Failure: Error>(
        at now: Moment, send: (Peer, WireReply) throws(Failure) -> Void
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
    mutating func publications(at now: Moment) -> [Core.Publication] {
        isStuck ? [] : core.publications(at: now)
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

    private func answer<Failure: Error>(
        _ batch: Core.Batch, send: (Peer, WireReply) throws(Failure) -> Void
    ) throws(Failure) {
        for (peer, id, body) in batch.replies {
            try send(peer, envelope(body, id: id))
        }
        let queries = Queries(journal: storage)
        for (peer, request) in batch.queries {
            let body = core.answer(request, from: queries)
            try send(peer, envelope(body, id: request.id))
        }
    }

    private func envelope(_ body: WireReply.OneOf_Body, id: UInt64) -> WireReply {
        var reply = WireReply()
        reply.id = id
        reply.epoch = core.epoch
        reply.committed = UInt64(storage.sequence)
        reply.body = body
        return reply
    }

    /// Tries the batch again that could not be committed, and meanwhile says so to everyone.
    private mutating func unstick<Failure: Error>(
        _ batch: Core.Batch, tried: Duration, at now: Moment,
        send: (Peer, WireReply) throws(Failure) -> Void
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
        for (peer, reply) in refusals { try send(peer, reply) }
    }
}
