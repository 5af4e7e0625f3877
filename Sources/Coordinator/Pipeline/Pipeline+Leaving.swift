import Evolution
import Messages
import Records

/// What is committed, in the order in which it leaves.
struct Outbox<Connection: NumberedConnection> {
    /// A frame, and whom it goes to.
    typealias Letter = (connection: Connection, frame: [UInt8])

    var admissions: ArraySlice<Keyring.Admission> = []
    /// Each with its body serialized, as a field of the reply.
    var replies: ArraySlice<(peer: Peer, id: UInt64, body: [UInt8])> = []
    /// Requests that the storage answers.
    var queries: ArraySlice<Core.Query> = []
    var subscriptions: ArraySlice<(peer: Peer, subscription: Subscription)> = []
    var publications: ArraySlice<Core.Publication> = []
    /// Who subscribed over a connection of its own to what was published last.
    var letters: ArraySlice<Letter> = []
    /// Whose requests are answered, by their peers' numbers.
    var connections: [Connection] = []

    init() {}

    init(_ batch: Pipeline<Connection>.Batch) {
        admissions = batch.admissions[...]
        replies = batch.decided.replies[...]
        queries = batch.decided.queries[...]
        subscriptions = batch.decided.subscriptions[...]
        publications = batch.publications[...]
        connections = batch.connections
    }

    func connection(of peer: Peer) -> Connection { connections[peer.number] }
}

// What leaves.
extension Pipeline {
    /// Whether something that is to leave needs the storage.
    var readsStorage: Bool {
        !Hooks.present.readsDuringCommit && (!outbox.queries.isEmpty || !looks.isEmpty)
    }

    /// The next thing that leaves, if any may now. It is also what is asked for before the first turn
    /// and after the last one.
    mutating func nextToLeave(at now: Moment) -> Outgoing? {
        if let admission = outbox.admissions.popFirst() { return .admit(admission) }
        if let (connection, frame) = refusals.popFirst() { return .send(frame, to: connection) }
        if let (peer, id, body) = outbox.replies.popFirst() {
            return .send(envelope(body, id: id), to: outbox.connection(of: peer))
        }
        if !isCommitting || Hooks.present.readsDuringCommit {
            if let look = looks.popFirst() {
                return .send(envelope(show(look), id: look.request.id), to: look.connection)
            }
            if let query = outbox.queries.popFirst() {
                return .send(answer(query), to: outbox.connection(of: query.peer))
            }
        }
        while let (peer, subscription) = outbox.subscriptions.popFirst() {
            subscriptions.put(subscription, of: outbox.connection(of: peer))
        }
        return nextPublication(at: now)
    }

    /// What is published goes to those who subscribed to everything, and then over each connection that
    /// subscribed to it, as long as its key may read that.
    private mutating func nextPublication(at now: Moment) -> Outgoing? {
        if let (connection, frame) = outbox.letters.popFirst() {
            return .send(frame, to: connection)
        }
        guard let publication = outbox.publications.popFirst() else { return nil }
        subscriptions.expire(at: now.uptime)
        let receivers = subscriptions.receivers(of: publication.topic) { user in
            core.keyring.mayRead(publication.population, user, at: now)
        }
        if !receivers.isEmpty {
            let frame = envelope(WireReply.field(broadcast: publication.frame), id: 0)
            outbox.letters = receivers.map { ($0, frame) }[...]
        }
        return .publish(publication)
    }

    private mutating func answer(_ query: Core.Query) -> [UInt8] {
        let id = query.request.id
        do throws(WireError) {
            return envelope(try core.answer(query, from: Queries(journal: storage)), id: id)
        } catch {
            return envelope(.error(error), id: id)
        }
    }

    private mutating func show(_ look: Look) -> WireReply.OneOf_Body {
        do throws(CoordinatorError) {
            if archive == nil {
                archive = try Archive(
                    storage, settings: core.settings, epoch: core.epoch, at: look.moment,
                    logger: core.logger)
            }
            return archive?.answer(look.request, as: look.user, at: look.moment)
                ?? .error(.cannotRead)
        } catch {
            core.logger.error("what is committed cannot be shown: \(error)")
            return .error(.cannotRead)
        }
    }

    mutating func envelope(_ body: WireReply.OneOf_Body, id: UInt64) -> [UInt8] {
        if case .error(let error) = body { counters.refusals[error.code, default: 0] += 1 }
        return envelope(WireReply.field(body), id: id)
    }

    /// - Parameter body: serialized, as a field of the reply.
    func envelope(_ body: [UInt8], id: UInt64) -> [UInt8] {
        WireReply.frame(id: id, epoch: core.epoch, committed: UInt64(committed), body: body)
    }
}
