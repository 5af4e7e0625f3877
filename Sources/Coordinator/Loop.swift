import Foundation
import Journal
import Logging
import Messages
import ZeroMQ

/// The coordinator's sockets, clock and journal, and the core between them. One turn drains a batch of
/// requests, decides, commits once, and only then sends.
///
/// It belongs to the coordinator's thread.
final class Loop {
    /// Requests in a batch at most: the rest waits for the next turn.
    private static let batchSize = 1024
    /// How long a batch takes in requests, so that costly ones of one peer hold nobody up for long:
    /// the socket takes from all peers in turn.
    private static let batchTime = Duration.milliseconds(20)

    /// Requests in a batch that the journal answers, which takes far longer than receiving them.
    private static let queriesInBatch = 8
    /// How often the log says again that nothing is encrypted.
    private static let timeBetweenWarnings = Duration.seconds(3600)

    let address: Address
    private var core: DurableCore
    private var sockets: Sockets
    private var subscriptions = Subscriptions<RoutingID>()
    private let logger: Logger
    private let listens: String
    private var insecurityWasSaid: Duration?
    /// Where the replies of this turn go, by the numbers of their peers, and before them those of a
    /// batch that waits for the disk.
    private var peers: [RoutingID] = []
    private var waitingPeers: Int?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    init(_ configuration: Coordinator.Configuration) throws(CoordinatorError) {
        // Before anything is made on disk.
        let isInviting = configuration.invitations || ServerKeys.isThere(in: configuration.data)
        try Sockets.check(configuration, isInviting: isInviting)
        logger = configuration.logger
        start = clock.now
        let journal: Journal
        let epoch: UInt64
        let hasInvited: Bool
        do throws(JournalError) {
            journal = try Journal(directory: configuration.data, access: .write) { [logger] in
                logger.notice(
                    "the journal of an older version is brought up to date; a large one takes a while"
                )
            }
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
        sockets = try Sockets(configuration, serverKeys: serverKeys)
        address = sockets.address
        listens = configuration.host

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

    func close(on thread: SocketThread) { sockets.unwatch(on: thread) }

    /// - Returns: how long the next turn may be away.
    func turn() throws(CoordinatorError) -> Duration {
        do throws(ZeroMQError) {
            for admission in core.takeAdmissions() { sockets.apply(admission) }
            try sockets.authenticate()
            let now = self.now()
            warnOfInsecurity(at: now)
            let isFull = try drain(at: now)
            try core.finishTurn(at: now) { peer, frame throws(ZeroMQError) in
                // A client that is gone, or that does not read, asks again when it is back.
                _ = try sockets.router.send(frame, to: peers[peer.number])
            }
            for (peer, subscription) in core.takeSubscriptions() {
                subscriptions.put(subscription, of: peers[peer.number])
            }
            forgetPeers()
            try publish(at: self.now())
            try sockets.takeSubscriptions()
            // A full batch means that more is waiting.
            return isFull ? .zero : min(core.timeToTurn(at: self.now()), sockets.longestWait)
        } catch {
            throw .socket(error)
        }
    }

    /// - Returns: whether more may be waiting.
    private func drain(at now: Moment) throws(ZeroMQError) -> Bool {
        let end = clock.now + Self.batchTime
        for count in 1...Self.batchSize {
            guard let message = try sockets.router.receiveRouted() else { return false }
            let peer = Peer(number: peers.count)
            peers.append(message.peer)
            guard message.frameCount == 1 else {
                core.refuse(.severalFrames, from: peer)
                continue
            }
            core.receive(message.body.bytes, from: peer, as: user(of: message.body), at: now)
            if core.core.queryCost >= Self.queriesInBatch { return true }
            // Looking at the clock costs less than a request, but not nothing.
            if count.isMultiple(of: 8), clock.now > end { return true }
        }
        return true
    }

    /// Whom the connection of a message belongs to. Without encryption that is everybody; with it,
    /// nobody gets as far as here without the authenticator.
    private func user(of body: borrowing Message) -> String {
        sockets.isPlain ? Keyring.sharedUser : body.property("User-Id") ?? ""
    }

    /// Keeps those only that a batch is to be answered to when the disk takes it.
    private func forgetPeers() {
        waitingPeers = core.isStuck ? waitingPeers ?? peers.count : nil
        peers.removeLast(peers.count - (waitingPeers ?? 0))
    }

    private func publish(at now: Moment) throws(ZeroMQError) {
        guard core.timeToTurn(at: now) == .zero else { return }
        subscriptions.expire(at: now.uptime)
        let publications = core.publications(at: now) { topic in
            sockets.audience.wants(topic) || subscriptions.want(topic)
        }
        for publication in publications {
            // XPUB drops what a subscriber does not take, for that subscriber.
            _ = try sockets.broadcast.send(
                frames: [Array(publication.topic.utf8), publication.frame])
            try send(publication, at: now)
        }
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
        guard sockets.isPlain, !Address.isLoopback(listens) else { return }
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
