import Dispatch
import Foundation
import Journal
import Logging
import Messages
import ZeroMQ

/// The coordinator's sockets, clock and journal, and the core between them. One turn has a batch of
/// requests committed, once, and only then answers them; meanwhile it decides on the next ones.
///
/// It belongs to the coordinator's thread. Another one commits large batches.
final class Loop {
    /// Requests in a batch at most: the rest waits for the next turn.
    private static let batchSize = 1024
    /// How long a batch takes in requests, so that costly ones of one peer hold nobody up for long:
    /// the socket takes from all peers in turn.
    private static let batchTime = Duration.milliseconds(20)

    /// Requests in a batch that the journal answers, which takes far longer than receiving them.
    private static let queriesInBatch = 8
    /// Changes of a batch that is committed by another thread at least: with fewer, waking it takes
    /// longer than what could be decided meanwhile.
    private static let leastForCommitter = 64
    /// How long requests gather, while a batch is committed, before it is decided on them.
    private static let gathering = DispatchTimeInterval.microseconds(500)
    /// Rows that wait in the journal for others are written when nothing was committed for so long, and
    /// after so long in any case, so that people find them there.
    private static let quietTime = Duration.milliseconds(50)
    private static let longestWaiting = Duration.seconds(1)
    /// Rows that could not be written are tried again after so long.
    private static let settlingPause = Duration.seconds(60)
    /// How often the log says again that nothing is encrypted.
    private static let timeBetweenWarnings = Duration.seconds(3600)

    let address: Address
    private var core: DurableCore
    private var sockets: Sockets
    private var subscriptions = Subscriptions<RoutingID>()
    private let logger: Logger
    private let listens: ListeningHost
    private var insecurityWasSaid: Duration?
    private let journal: Journal
    private let committer = Companion<JournalError?>(name: "journal")
    private var peers = Peers()
    /// The end of the peers whose requests are being committed, or are to be when the disk takes them.
    private var committing: Int?
    /// The end of the peers whose requests are committed, and are to be answered.
    private var leaving: Int?
    /// The end of the peers whose requests were decided on before the disk refused: those after them
    /// are refused.
    private var decided: Int?
    /// Requests since the last commit began.
    private var received = 0
    /// When the journal has its rows written that wait, in uptime: unless more is committed before, and
    /// in any case. `nil` when none wait.
    private var settling: (planned: Duration, latest: Duration)?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    init(_ configuration: Coordinator.Configuration) throws(CoordinatorError) {
        // Before anything is made on disk.
        let isInviting = configuration.invitations || ServerKeys.isThere(in: configuration.data)
        listens = try Sockets.check(configuration, isInviting: isInviting)
        logger = configuration.logger
        start = clock.now
        let epoch: UInt64
        let hasInvited: Bool
        do throws(JournalError) {
            journal = try Journal(directory: configuration.data, access: .write) { [logger] in
                logger.notice(
                    "the journal of an older version is brought up to date; a large one takes a while"
                )
            }
            configuration.localCheckpoints?.note(in: &journal.moves)
            hasInvited = try !journal.keys().isEmpty
            epoch = try journal.beginEpoch()
        } catch {
            throw .journal(error)
        }
        // A copy of a journal comes without the key file, and must not let everybody in.
        guard isInviting || configuration.secret != nil || !hasInvited else {
            throw .serverKey(ServerKeys.path(in: configuration.data), .missing)
        }
        let serverKeys = isInviting ? try ServerKeys.open(in: configuration.data) : nil
        sockets = try Sockets(configuration, at: listens, serverKeys: serverKeys)
        address = sockets.address

        var settings = Settings()
        settings.heartbeat = configuration.heartbeat
        settings.lease = configuration.lease
        settings.broadcastPort = sockets.broadcastPort
        settings.open = configuration.open
        settings.invitations = sockets.invitations
        settings.insecure = sockets.isPlain
        core = try DurableCore(
            settings: settings, epoch: epoch, storage: journal,
            now: Moment(uptime: .zero, wall: Self.wall()),
            tokens: SystemRandomNumberGenerator(), logger: logger)
        for admission in core.takeAdmissions() { sockets.apply(admission) }
        try configuration.localCheckpoints?.check(
            core.core.populations, data: configuration.data)
        do throws(JournalError) {
            try journal.keepMoves()
        } catch {
            throw .journal(error)
        }
        logger.info(
            "the coordinator serves",
            metadata: [
                "address": "\(address)",
                "broadcast": sockets.broadcastPort == 0 ? "none" : "\(sockets.broadcastPort)",
                "invitations": "\(sockets.invitations.map { "\($0.port)" } ?? "none")",
                "epoch": "\(epoch)", "populations": "\(core.core.populations.count)",
            ])
    }

    func watch(on thread: SocketThread) { sockets.watch(on: thread) }

    func close(on thread: SocketThread) {
        do throws(ZeroMQError) {
            // What is committed is answered.
            if !core.isStuck { try sendOut() }
        } catch {
            logger.notice("some answers did not leave: \(error)")
        }
        sockets.unwatch(on: thread)
        settle()
    }

    /// With nothing to do, what people read in the journal's tables is the present state.
    private func settle(at now: Moment) {
        guard let (planned, latest) = settling, now.uptime >= planned, !core.isStuck,
            core.core.isBatchEmpty || now.uptime >= latest
        else { return }
        let again = now.uptime + Self.settlingPause
        settling = (again, again)
        settle()
    }

    private func settle() {
        do throws(JournalError) {
            try journal.settle()
            settling = nil
        } catch {
            logger.notice("rows wait in the journal's table of recent changes: \(error)")
        }
    }

    /// - Returns: how long the next turn may be away.
    func turn() throws(CoordinatorError) -> Duration {
        do throws(ZeroMQError) {
            try sockets.authenticate()
            let now = self.now()
            warnOfInsecurity(at: now)
            // What is refused is in no batch.
            if core.isStuck { received = 0 }
            // What was decided while the last batch was committed need not wait for more.
            if core.core.isBatchEmpty || core.isStuck { try drain(at: now) }
            // Nobody may read the storage once the refused batch is tried again.
            if core.isStuck, core.hasQueries { try sendOut() }
            let changes = core.beginCommit(at: now) { topic in
                sockets.audience.wants(topic) || subscriptions.want(topic)
            }
            if let changes { try commit(changes) }
            // Otherwise they leave when the next commit has begun.
            if core.core.isBatchEmpty || core.hasQueries || core.isStuck || decided != nil {
                try sendOut()
            }
            try sockets.takeSubscriptions()
            settle(at: self.now())
            return timeToTurn(at: self.now())
        } catch {
            throw .socket(error)
        }
    }

    private func timeToTurn(at now: Moment) -> Duration {
        let time = min(core.timeToTurn(at: now), sockets.longestWait)
        guard let settling, !core.isStuck else { return time }
        return min(time, settling.planned - now.uptime)
    }

    /// Has changes committed. Meanwhile answers what was committed before, and decides on what comes in.
    private func commit(_ changes: [Change]) throws(ZeroMQError) {
        committing = committing ?? peers.end
        received = 0
        guard !changes.isEmpty else {
            try sendOut()
            return endCommit(nil)
        }
        planSettling()
        guard changes.count >= Self.leastForCommitter else {
            try sendOut()
            return endCommit(core.storage.failure(ofCommitting: changes))
        }
        // Nobody else touches the storage before it is done.
        nonisolated(unsafe) let storage = core.storage
        committer.begin { storage.failure(ofCommitting: changes) }
        do throws(ZeroMQError) {
            try sendOut()
            while true {
                if let failure = committer.result(within: isFull ? .never : Self.gathering) {
                    return endCommit(failure)
                }
                try drain(at: now())
            }
        } catch {
            // Whoever closes the loop now has the journal to itself.
            _ = committer.result(within: .never)
            throw error
        }
    }

    private func planSettling() {
        let now = now().uptime
        let latest = settling?.latest ?? now + Self.longestWaiting
        settling = (min(now + Self.quietTime, latest), latest)
    }

    private func endCommit(_ failure: JournalError?) {
        core.endCommit(failure, at: now())
        guard !core.isStuck else { return }
        leaving = committing
        committing = nil
    }

    /// A batch takes no more requests.
    private var isFull: Bool {
        if received >= Self.batchSize { return true }
        return core.queryCost >= Self.queriesInBatch
    }

    private func drain(at now: Moment) throws(ZeroMQError) {
        let end = clock.now + Self.batchTime
        while !isFull {
            guard let message = try sockets.router.receiveRouted() else { return }
            received += 1
            let peer = peers.add(message.peer)
            guard message.frameCount == 1 else {
                core.refuse(.severalFrames, from: peer)
                continue
            }
            core.receive(message.body.bytes, from: peer, as: user(of: message.body), at: now)
            // Looking at the clock costs less than a request, but not nothing.
            if received.isMultiple(of: 8), clock.now > end { return }
        }
    }

    /// Whom the connection of a message belongs to. Without encryption that is everybody; with it,
    /// nobody gets as far as here without the authenticator.
    private func user(of body: borrowing Message) -> String {
        sockets.isPlain ? Keyring.sharedUser : body.property("User-Id") ?? ""
    }

    /// Sends what may leave, and forgets whom it went to.
    private func sendOut() throws(ZeroMQError) {
        for admission in core.takeAdmissions() { sockets.apply(admission) }
        try core.answer { peer, frame throws(ZeroMQError) in
            // A client that is gone, or that does not read, asks again when it is back.
            _ = try sockets.router.send(frame, to: peers[peer])
        }
        for (peer, subscription) in core.takeSubscriptions() {
            subscriptions.put(subscription, of: peers[peer])
        }
        if let decided { peers.forget(from: decided) }
        decided = core.isStuck ? peers.end : nil
        if let end = leaving { peers.forget(before: end) }
        leaving = nil
        let publications = core.takePublications()
        guard !publications.isEmpty else { return }
        let now = now()
        subscriptions.expire(at: now.uptime)
        for publication in publications { try publish(publication, at: now) }
    }

    private func publish(
        _ publication: Core.Publication, at now: Moment
    ) throws(ZeroMQError) {
        // XPUB drops what a subscriber does not take, for that subscriber.
        _ = try sockets.broadcast.send(
            frames: [Array(publication.topic.utf8), publication.frame])
        try send(publication, at: now)
    }

    /// Sends to each connection what it subscribed to, as long as its key may read that.
    private func send(_ publication: Core.Publication, at now: Moment) throws(ZeroMQError) {
        let receivers = subscriptions.receivers(of: publication.topic) { user in
            core.core.keyring.mayRead(publication.population, user, at: now)
        }
        guard !receivers.isEmpty else { return }
        let frame = core.envelope(publication)
        for receiver in receivers {
            // Who does not read misses it; who is gone is forgotten.
            let result = try sockets.router.send(frame, to: receiver)
            if result == .unreachable { subscriptions.remove(receiver) }
        }
    }

    private func warnOfInsecurity(at now: Moment) {
        guard sockets.isPlain, !listens.isLoopback else { return }
        if let said = insecurityWasSaid, now.uptime - said < Self.timeBetweenWarnings { return }
        insecurityWasSaid = now.uptime
        logger.warning(
            """
            insecure: nothing is encrypted, and everybody who reaches \(listens) may read and change \
            everything
            """)
    }

    // MARK: Time

    private func now() -> Moment {
        Moment(uptime: start.duration(to: clock.now), wall: Self.wall())
    }

    private static func wall() -> Int64 {
        Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
    }
}
