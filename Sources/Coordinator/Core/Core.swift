import DequeModule
import Evolution
import Foundation
import HeapModule
import Logging
import Messages
import Records

/// What the coordinator does, without sockets, files or clocks: requests and the time go in,
/// changes to commit and replies to send come out.
///
/// Nothing that comes out may be sent before the changes that came out with it are committed.
package struct Core {
    package let settings: Settings
    let epoch: UInt64
    /// The sequence of the last event, committed or about to be.
    var sequence: Int
    /// By id, which is also the order in which they were made.
    package internal(set) var populations: [HostedPopulation] = []
    package internal(set) var leases: [UInt64: Lease] = [:]
    /// How many of them are live.
    package internal(set) var training = 0
    /// The last lease of each place, until it is forgotten. At most that one is live.
    var placed: [PlaceKey: UInt64] = [:]
    var answers: [[UInt8]: KeptAnswer] = [:]
    var releases = Releases()
    var holders = CheckpointHolders()
    var keyring = Keyring()
    /// Populations for which there is enough to work proposals out from, and whether some are worked out.
    var wantingProposals: Set<Int> = []
    var isProposing = false
    /// The population that had its turn last.
    var lastProposed: Int?

    var ids: [String: Int] = [:]
    var deadlines = Heap<Deadline>()
    var boardsDue = Heap<BoardDue>()
    /// When it was looked last for what is over by its time alone.
    var lastLookAtPopulations: Duration?
    /// Leases that ended and keys that were answered, oldest first, to be forgotten.
    var remembered = Deque<(time: Duration, what: Remembered)>()
    var lastTick: Duration
    var tokens: any RandomNumberGenerator & Sendable
    let logger: Logger

    var batch = Batch()
    private var roomForChanges = 0
    private static let mostRoomForChanges = 1024

    enum Remembered: Sendable {
        case lease(UInt64)
        case answer([UInt8])
    }

    /// What was answered to a request with a key.
    struct KeptAnswer: Sendable {
        /// Of the request.
        var digest: UInt64
        var body: WireReply.OneOf_Body
    }

    /// A member among those of all populations.
    fileprivate struct HostedMember: Sendable {
        var population: Int
        var member: Int
    }

    /// What the journal is to answer, once it has the batch.
    struct Query: Sendable {
        var peer: Peer
        var request: WireRequest
        /// The one that it is about.
        var population: Int
        /// What it asks for of the history.
        var part = HistoryPart.everything
        /// What it asks for the schedule to, as of the batch: the journal has nothing newer.
        var state: CommittedState?
    }

    /// What came of the requests since the last batch was taken.
    struct Batch: Sendable {
        fileprivate(set) var changes: [Change] = []
        /// Members and leases that changed, in the order of their first change. Their present
        /// states are written once, when the batch is taken.
        fileprivate var members: [HostedMember] = []
        fileprivate var populations: Set<Int> = []
        fileprivate var leases: [UInt64] = []
        /// Each with its body serialized, as a field of the reply.
        var replies: [(peer: Peer, id: UInt64, body: [UInt8])] = []
        /// Requests that the journal answers about a population, once this batch is in it.
        var queries: [Query] = []
        /// What connections want of the broadcast from now on.
        var subscriptions: [(peer: Peer, subscription: Subscription)] = []
        /// Requests that came again, and get the answer that was kept.
        var retries = 0
        var refusals: [WireError.Code: Int] = [:]
    }

    init(
        settings: Settings, epoch: UInt64, sequence: Int, now: Moment,
        tokens: any RandomNumberGenerator & Sendable, logger: Logger
    ) {
        self.settings = settings
        self.epoch = epoch
        self.sequence = sequence
        self.tokens = tokens
        self.logger = logger
        lastTick = now.uptime
    }

    // MARK: Requests

    /// Answers what is not even a request.
    mutating func refuse(_ error: WireError, from peer: Peer) {
        reply(to: peer, id: 0, .error(error))
    }

    /// Handles a message from the wire.
    ///
    /// - Parameter user: whose connection it came by, as the authenticator calls it.
    mutating func receive(frame: [UInt8], from peer: Peer, as user: String, at now: Moment) {
        do throws(UnreadableRequest) {
            receive(try WireRequest(message: frame), from: peer, as: user, at: now)
        } catch {
            reply(to: peer, id: error.id, .error(error.error))
        }
    }

    mutating func receive(
        _ request: WireRequest, from peer: Peer, as user: String, at now: Moment
    ) {
        do throws(WireError) {
            let principal = try authorize(request, of: user, at: now)
            try keyring.count(principal)
            guard let body = try answer(request, from: peer, as: principal, user, at: now)
            else { return }
            reply(to: peer, id: request.id, body)
        } catch {
            reply(to: peer, id: request.id, .error(error))
        }
    }

    /// Whose request it is, who may do what it asks for.
    func authorize(
        _ request: WireRequest, of user: String, at now: Moment
    ) throws(WireError) -> Principal {
        let principal = try keyring.principal(of: user, at: now)
        guard let permission = request.body?.permission else {
            throw WireError(
                .malformed, "The request has no body that this coordinator knows; update murmur.")
        }
        try principal.demand(permission)
        return principal
    }

    /// - Returns: `nil` for what the journal answers, and for what is answered already.
    private mutating func answer(
        _ request: WireRequest, from peer: Peer, as principal: Principal, _ user: String,
        at now: Moment
    ) throws(WireError) -> WireReply.OneOf_Body? {
        switch request.body {
        case .hello(let hello): return try welcome(hello, principal)
        case .join(let join):
            return try once(join.key, request, as: principal, at: now) { core throws(WireError) in
                try core.join(join, as: principal, over: peer.connection, at: now)
            }
        case .report(let report):
            // Its lease keeps the directive serialized.
            let directive = try self.report(
                report, as: principal, over: peer.connection, at: now)
            batch.replies.append((peer, request.id, WireReply.field(directive: directive)))
            return nil
        case .decline(let decline):
            return try once(decline.key, request, as: principal, at: now) {
                core throws(WireError) in
                let directive = try core.decline(
                    decline, as: principal, over: peer.connection, at: now)
                return (.directive(directive), isDurable: true)
            }
        case .leave(let leave):
            return try self.leave(leave, as: principal, over: peer.connection, at: now)
        case .heartbeat(let heartbeat):
            return try renew(heartbeat, as: principal, over: peer.connection, at: now)
        case .createPopulation(let creation):
            return try once(creation.key, request, as: principal, at: now) {
                core throws(WireError) in
                (.population(try core.create(creation, as: principal, at: now)), isDurable: true)
            }
        case .listPopulations(let list):
            return .populations(populations(after: list.after, for: principal))
        case .changePopulation(let change):
            return try once(change.key, request, as: principal, at: now) { core throws(WireError) in
                do throws(WireError) {
                    let population = try core.change(change, as: principal, at: now)
                    return (.population(population), isDurable: true)
                } catch {
                    // It was possible at no time, or is not now and must not happen later.
                    return (.error(error), isDurable: true)
                }
            }
        case .getLeaderboard(let page): return .leaderboard(try leaderboard(page, for: principal))
        case .getHistory(let history):
            let hosted = try population(named: history.population, for: principal)
            var query = Query(peer: peer, request: request, population: hosted)
            query.part = try history.checkedPart()
            batch.queries.append(query)
            return nil
        case .getSchedule(let schedule):
            let hosted = try population(named: schedule.population, for: principal)
            var query = Query(peer: peer, request: request, population: hosted)
            query.state = try state(schedule, in: populations[hosted])
            batch.queries.append(query)
            return nil
        case .subscribe(let subscribe):
            return try self.subscribe(subscribe, from: peer, as: user, principal, at: now)
        case .invite(let invitation):
            return try once(invitation.key, request, as: principal, at: now) {
                core throws(WireError) in
                (try core.invite(invitation, at: now), isDurable: true)
            }
        case .listKeys(let list): return .keys(keys(after: list.after, at: now))
        case .revokeKey(let revocation):
            return try once(revocation.key, request, as: principal, at: now) {
                core throws(WireError) in
                (try core.revoke(revocation.publicKey, at: now), isDurable: true)
            }
        case nil: preconditionFailure("a request without a body is authorised by nobody")
        }
    }

    /// What the journal is to answer of this batch, in pages of a history. A schedule is read whole.
    var queryCost: Int {
        batch.queries.reduce(0) { cost, query in
            if case .getSchedule = query.request.body { cost + 8 } else { cost + 1 }
        }
    }

    func welcome(
        _ hello: WireHello, _ principal: Principal
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard let version = WireVersion.common(with: hello) else {
            throw .unsupportedVersion(hello)
        }
        var welcome = WireWelcome()
        welcome.version = version
        // What is published there is for those who may read everything.
        welcome.broadcastPort = principal == .shared ? UInt32(settings.broadcastPort) : 0
        welcome.heartbeatMilliseconds = UInt32(settings.heartbeat.milliseconds)
        welcome.leaseMilliseconds = UInt32(settings.lease.milliseconds)
        welcome.returnMilliseconds = UInt32(returnSpread.milliseconds)
        return .welcome(welcome)
    }

    /// Within which clients spread their return: longer when there are more of them, and well within
    /// the term that a restart gives their leases.
    private var returnSpread: Duration {
        min(
            max(settings.spread, .seconds(1) * training / settings.returnsPerSecond),
            settings.lease / 4)
    }

    /// Gives the same key the same answer, when it is the same principal that asks the same.
    ///
    /// - Parameter body: its answer, and whether it changed something, so that it must be kept.
    private mutating func once(
        _ key: Data, _ request: WireRequest, as principal: Principal, at now: Moment,
        _ body: (inout Core) throws(WireError) -> (WireReply.OneOf_Body, isDurable: Bool)
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard key.count == Limits.keyBytes else {
            throw WireError(
                .malformed, "A request's key has \(Limits.keyBytes) bytes; this one \(key.count).")
        }
        let key = [UInt8](key) + Array(principal.id.utf8)
        let digest = request.digest
        if let answer = answers[key] {
            // The digest of what an older version answered is not known.
            guard answer.digest == 0 || answer.digest == digest else {
                throw WireError.otherRequest
            }
            let body = try current(answer.body)
            batch.retries += 1
            return body
        }
        let (answer, isDurable) = try body(&self)
        if isDurable {
            answers[key] = KeptAnswer(digest: digest, body: answer)
            remembered.append((now.uptime, .answer(key)))
            let reply = WireReply.field(answer)
            batch.changes.append(
                .answer(AnswerRecord(key: key, digest: digest, reply: reply, time: now.wall)))
        }
        return answer
    }

    /// An answer that was given before. A lease in it is told as it is now: what the member was at
    /// then may be released.
    private func current(
        _ answer: WireReply.OneOf_Body
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard case .directive(var directive) = answer, case .lease(let told) = directive.assignment
        else { return answer }
        guard let lease = leases[told.token] else { throw WireError.unknownLease }
        guard lease.isLive else { throw WireError.lapsedLease }
        directive.assignment = .lease(describe(lease.record))
        return .directive(directive)
    }

    mutating func reply(to peer: Peer, id: UInt64, _ body: WireReply.OneOf_Body) {
        if case .error(let error) = body { batch.refusals[error.code, default: 0] += 1 }
        batch.replies.append((peer, id, WireReply.field(body)))
    }

    mutating func note(_ subscription: Subscription, of peer: Peer) {
        batch.subscriptions.append((peer, subscription))
    }

    // MARK: Batches

    /// Applies an event, and records it.
    mutating func record(_ event: Event, of population: Int, at now: Moment) {
        populations[population].apply(event)
        recordApplied(event, of: population, at: now)
    }

    /// Records an event that the population has applied.
    mutating func recordApplied(_ event: consuming Event, of population: Int, at now: Moment) {
        sequence += 1
        let member = event.member
        touchIfChanged(population, by: event)
        let isLineage = event.isLineage
        let reported = event.reportedCheckpoint
        let record = EventRecord(
            sequence: sequence, population: population, time: now.wall, event: event)
        if isLineage { populations[population].lineage.append(record) }
        batch.changes.append(.event(record))
        if let member {
            if populations[population].touch(member) {
                batch.members.append(HostedMember(population: population, member: member))
            }
        }
        if let reported { noteHeld(reported, by: population) }
        noteReleased(in: population, by: member)
        noteChange(of: population)
        noteProposalsWanted(by: population)
    }

    mutating func record(_ change: Change) { batch.changes.append(change) }

    /// Has the population's own present state written with the batch when an event changed it.
    private mutating func touchIfChanged(_ population: Int, by event: Event) {
        let isWritten = inPlace(population) { $0.areBestWritten }
        guard event.kind.isOfPopulation || !isWritten else { return }
        populations[population].writtenBest = populations[population].population.best
        populations[population].writtenArchive = populations[population].population.archive
        batch.populations.insert(population)
    }

    /// Reads a population where it lies: with each report, a copy would cost as much as a decision.
    @inline(__always)
    mutating func inPlace<Result>(
        _ population: Int, _ body: (inout HostedPopulation) -> Result
    ) -> Result {
        body(&populations[population])
    }

    /// Changes a lease where it lies, if there is one of this token, and has its present state
    /// written with the batch.
    mutating func rewrite(lease token: UInt64, _ body: (inout Lease) -> Void = { _ in }) {
        guard let index = leases.index(forKey: token) else { return }
        body(&leases.values[index])
        if leases.values[index].isTouched { return }
        leases.values[index].isTouched = true
        batch.leases.append(token)
    }

    /// Has a lease forgotten that ended.
    mutating func remove(lease token: UInt64) {
        guard let lease = leases.removeValue(forKey: token) else { return }
        if let place = lease.record.placeKey, placed[place] == token { placed[place] = nil }
        if !lease.isTouched { batch.leases.append(token) }
    }

    /// Nothing came of requests since the last batch was taken.
    package var isBatchEmpty: Bool {
        batch.changes.isEmpty && batch.replies.isEmpty && batch.queries.isEmpty
            && batch.subscriptions.isEmpty
    }

    /// Hands out what came of the requests since the last time.
    mutating func takeBatch() -> Batch {
        for touched in batch.members {
            let member = populations[touched.population].takeTouched(touched.member)
            batch.changes.append(.member(population: touched.population, member))
        }
        for population in batch.populations.sorted() {
            batch.changes.append(.population(populations[population].record))
        }
        for token in batch.leases {
            guard let index = leases.index(forKey: token) else {
                batch.changes.append(.forgetLease(token))
                continue
            }
            leases.values[index].isTouched = false
            batch.changes.append(.lease(leases.values[index].record))
        }
        keyring.endTurn()
        defer {
            batch = Batch()
            batch.changes.reserveCapacity(roomForChanges)
        }
        // The next one is likely to be as large.
        roomForChanges = min(batch.changes.count, Self.mostRoomForChanges)
        return batch
    }
}

extension Event {
    fileprivate var reportedCheckpoint: String? {
        if case .reported(let reported) = kind { reported.checkpoint } else { nil }
    }

    /// Whether it changes who descends from whom: a copy, or a state that was not taken over.
    package var isLineage: Bool {
        switch kind {
        case .reported(let reported): reported.exploit != nil || reported.declined
        case .declined, .exploited: true
        case .created, .leased, .released, .removed, .paused, .resumed, .ended, .changed,
            .generationClosed:
            false
        }
    }
}

extension WireEvent {
    init(_ record: EventRecord, space: SearchSpace) {
        self.init(record.event, sequence: record.sequence, time: record.time, space: space)
    }
}

extension Duration {
    package var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
