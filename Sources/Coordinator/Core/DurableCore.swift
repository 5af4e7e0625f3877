import Evolution
import Journal
import Logging
import Messages

/// The core and its storage: what is decided is committed batch by batch, and only then leaves.
///
/// A commit begins and ends, and between the two requests may be received: what is decided on them is
/// committed with the next batch.
///
/// It knows no socket and no clock, so that a simulator drives the code that runs in production.
struct DurableCore {
    /// The pause before a batch that the disk refused is tried again.
    static let retryPause = Duration.milliseconds(500)
    /// The time after which the log says again why nothing is accepted.
    private static let complaintPause = Duration.seconds(60)

    private(set) var core: Core
    /// Nothing reads it while it commits.
    let storage: any Storage
    /// What is being committed.
    private var committing: Outcome?
    /// When the commit was tried last that the disk refused. Until it succeeds, nothing else is
    /// accepted.
    private var refused: Duration?
    /// What the disk said last, and when that was logged.
    private var complaint: (error: JournalError, logged: Duration)?
    /// What is committed, and has not left yet.
    private var outbox = Outcome()
    /// The sequence of the last event that is.
    private var committed: Int
    /// The answers to what came while the disk refuses: all is refused but greetings and looks.
    private var refusals: [(peer: Peer, frame: [UInt8])] = []
    /// Requests that only look, while the disk refuses. They are shown what is committed.
    private var looks: [Look] = []
    /// Shows them that. It is opened for the first of them, and good until something is committed.
    private var archive: Archive?

    /// A batch, and what others are told once it is durable.
    private struct Outcome {
        var batch = Core.Batch()
        /// The sequence of its last event.
        var sequence = 0
        var publications: [Core.Publication] = []
        var admissions: [Keyring.Admission] = []
    }

    private struct Look {
        let peer: Peer
        let request: WireRequest
        let user: String
        let moment: Moment
    }

    /// Goes on from what the storage holds.
    init(
        settings: Settings, epoch: UInt64, storage: any Storage, now: Moment,
        tokens: any RandomNumberGenerator & Sendable, logger: Logger
    ) throws(CoordinatorError) {
        self.storage = storage
        committed = storage.sequence
        core = Core(
            settings: settings, epoch: epoch, sequence: storage.sequence, now: now,
            tokens: tokens, logger: logger)
        try core.restore(from: storage, at: now)
        outbox.admissions = core.takeAdmissions()
    }

    /// A batch waits for a disk that refused it, and with it whatever was decided meanwhile.
    var isStuck: Bool { refused != nil }

    /// Takes in a message of one frame.
    ///
    /// - Parameter user: whose connection it came by, as the authenticator calls it.
    mutating func receive(
        _ frame: [UInt8], from peer: Peer, as user: String, at now: Moment
    ) {
        guard isStuck else { return core.receive(frame: frame, from: peer, as: user, at: now) }
        do throws(UnreadableRequest) {
            let request = try WireRequest(message: frame)
            if Archive.answers(request) {
                looks.append(Look(peer: peer, request: request, user: user, moment: now))
            } else {
                refusals.append(
                    (peer, envelope(answerWhileStuck(request, as: user, at: now), id: request.id)))
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

    // MARK: Committing

    /// Begins to commit what came of the requests so far.
    ///
    /// - Parameter isWanted: whether anybody gets the messages of a topic of the broadcast.
    /// - Returns: what the storage is to commit now, which may be nothing; then `endCommit` follows.
    ///   `nil` while a disk that refused is left alone.
    mutating func beginCommit(
        at now: Moment, isWanted: (_ topic: String) -> Bool = { _ in true }
    ) -> [Change]? {
        if let refused {
            guard now.uptime - refused >= Self.retryPause else { return nil }
            self.refused = now.uptime
        } else {
            core.tick(at: now)
            // What is decided from now on is not in this batch, and must not be shown with it.
            committing = Outcome(
                batch: core.takeBatch(), sequence: core.sequence,
                publications: core.publications(at: now, isWanted: isWanted),
                admissions: core.takeAdmissions())
            if PlantedBug.replyBeforeCommit.isPlanted { outbox = committing ?? outbox }
        }
        return committing?.batch.changes
    }

    /// Ends what `beginCommit` began.
    ///
    /// - Parameter failure: why the storage has none of it; `nil` when it has all.
    mutating func endCommit(_ failure: JournalError?, at now: Moment) {
        guard let outcome = committing else {
            preconditionFailure("a commit begins, and then ends")
        }
        if let failure {
            refused = now.uptime
            complain(failure, at: now)
            return
        }
        committing = nil
        committed = outcome.sequence
        complaint = nil
        if !PlantedBug.replyBeforeCommit.isPlanted { outbox = outcome }
        guard refused != nil else { return }
        refused = nil
        core.logger.notice("reports are accepted again")
        core.resume(at: now)
    }

    private mutating func complain(_ error: JournalError, at now: Moment) {
        let isKnown = complaint.map {
            $0.error == error && now.uptime - $0.logged < Self.complaintPause
        }
        guard isKnown != true else { return }
        core.logger.critical("no report is accepted: \(error)")
        complaint = (error, now.uptime)
    }

    /// Ends a turn in which nothing is received while its requests are committed.
    ///
    /// - Parameter send: sends the frame of a reply.
    mutating func finishTurn<Failure: Error>(
        at now: Moment, send: (Peer, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        if let changes = beginCommit(at: now) {
            try answer(send: send)
            endCommit(storage.failure(ofCommitting: changes), at: now)
        }
        try answer(send: send)
    }

    /// How long the next turn may be away.
    func timeToTurn(at now: Moment) -> Duration {
        if isStuck { return Self.retryPause }
        return core.isBatchEmpty ? core.timeToPublication(at: now) : .zero
    }

    // MARK: What leaves

    /// Whether `answer` must come before the next commit begins: it reads the storage.
    var hasQueries: Bool { !outbox.batch.queries.isEmpty || !looks.isEmpty }

    /// What reading the storage for the requests at hand takes, in pages of a history.
    var queryCost: Int { isStuck ? looks.count : core.queryCost }

    /// Answers the requests that are committed, and those that are refused.
    mutating func answer<Failure: Error>(
        send: (Peer, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        defer { refusals = [] }
        for (peer, frame) in refusals { try send(peer, frame) }
        let (replies, queries) = (outbox.batch.replies, outbox.batch.queries)
        (outbox.batch.replies, outbox.batch.queries) = ([], [])
        for (peer, id, body) in replies {
            try send(peer, envelope(body, id: id))
        }
        try showWhatIsCommitted(send: send)
        guard !queries.isEmpty else { return }
        let journal = Queries(journal: storage)
        for query in queries {
            let body = core.answer(query, from: journal)
            try send(query.peer, envelope(body, id: query.request.id))
        }
    }

    private mutating func showWhatIsCommitted<Failure: Error>(
        send: (Peer, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        // It is of no use any more once something was committed.
        defer { if !isStuck { archive = nil } }
        let looks = looks
        self.looks = []
        for look in looks {
            try send(look.peer, envelope(show(look), id: look.request.id))
        }
    }

    private mutating func show(_ look: Look) -> WireReply.OneOf_Body {
        do throws(CoordinatorError) {
            if archive == nil { archive = try open(at: look.moment) }
            return archive?.answer(look.request, as: look.user, at: look.moment)
                ?? .error(.cannotRead)
        } catch {
            core.logger.error("what is committed cannot be shown: \(error)")
            return .error(.cannotRead)
        }
    }

    private func open(at now: Moment) throws(CoordinatorError) -> Archive {
        try Archive(
            storage, settings: core.settings, epoch: core.epoch, at: now, logger: core.logger)
    }

    /// The broadcast's messages that are due, with nothing in them that is not committed.
    mutating func takePublications() -> [Core.Publication] {
        defer { outbox.publications = [] }
        return outbox.publications
    }

    /// What connections want of the broadcast from now on, since the last time.
    mutating func takeSubscriptions() -> [(peer: Peer, subscription: Subscription)] {
        defer { outbox.batch.subscriptions = [] }
        return outbox.batch.subscriptions
    }

    /// Whom the authenticator lets in from now on, and whom no more, since the last time.
    mutating func takeAdmissions() -> [Keyring.Admission] {
        defer { outbox.admissions = [] }
        return outbox.admissions
    }

    private func envelope(_ body: WireReply.OneOf_Body, id: UInt64) -> [UInt8] {
        envelope(WireReply.field(body), id: id)
    }

    /// - Parameter body: serialized, as a field of the reply.
    private func envelope(_ body: [UInt8], id: UInt64) -> [UInt8] {
        WireReply.frame(
            id: id, epoch: core.epoch, committed: UInt64(committed), body: body)
    }

    /// A publication for one connection that subscribed to it, and asked for nothing just now.
    func envelope(_ publication: Core.Publication) -> [UInt8] {
        envelope(WireReply.field(broadcast: publication.frame), id: 0)
    }
}
