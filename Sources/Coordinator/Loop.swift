import Foundation
import Journal
import Logging
import Messages
import ZeroMQ

/// The coordinator's sockets and journal, and the core between them. One turn drains a batch of
/// requests, decides, commits once, and only then sends.
///
/// It belongs to the coordinator's thread.
final class Loop {
    /// Requests in a batch at most: the rest waits for the next turn.
    private static let batchSize = 1024
    /// The pause before a batch that the disk refused is tried again.
    private static let retryPause = Duration.milliseconds(500)

    let address: Address
    private var core: Core
    private let journal: Journal
    private let queries: Queries
    private var sockets: Sockets
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let logger: Logger
    /// A batch that could not be committed. Until it is, nothing else is accepted.
    private var stuck: Stuck?

    private struct Stuck {
        let batch: Core.Batch
        let peers: [RoutingID]
        var tried: Duration
    }

    init(_ configuration: Coordinator.Configuration) throws(CoordinatorError) {
        // Before anything is made on disk.
        try Sockets.check(configuration)
        logger = configuration.logger
        start = clock.now
        let epoch: UInt64
        do throws(JournalError) {
            let logger = logger
            journal = try Journal(directory: configuration.data, access: .write) {
                logger.notice(
                    "the journal of an older version is brought up to date; a large one takes a while"
                )
            }
            epoch = try journal.beginEpoch()
        } catch {
            throw .journal(error)
        }
        queries = Queries(journal: journal)
        sockets = try Sockets(configuration)
        address = sockets.address

        var settings = Settings()
        settings.heartbeat = configuration.heartbeat
        settings.lease = configuration.lease
        settings.broadcastPort = sockets.broadcastPort
        settings.open = configuration.open
        settings.insecure = configuration.secret == nil
        let now = Moment(uptime: .zero, wall: Self.wall())
        core = Core(
            settings: settings, epoch: epoch, sequence: journal.sequence, now: now,
            tokens: SystemRandomNumberGenerator(), logger: logger)
        try core.restore(from: journal, at: now)
        logger.info(
            "the coordinator serves",
            metadata: [
                "address": "\(address)", "broadcast": "\(sockets.broadcastPort)",
                "epoch": "\(epoch)", "populations": "\(core.populations.count)",
            ])
    }

    func watch(on thread: SocketThread) { sockets.watch(on: thread) }

    func close(on thread: SocketThread) { sockets.unwatch(on: thread) }

    /// - Returns: how long the next turn may be away.
    func turn() throws(CoordinatorError) -> Duration {
        do throws(ZeroMQError) {
            try sockets.authenticate()
            let now = self.now()
            if let stuck { return try unstick(stuck, at: now) }
            let peers = try drain(at: now)
            core.tick(at: now)
            let batch = core.takeBatch()
            try finish(batch, for: peers, at: now)
            // What is not committed is not shown either.
            guard stuck == nil else { return Self.retryPause }
            try publish(at: self.now())
            try sockets.drainSubscriptions()
            // A full batch means that more is waiting.
            return peers.count == Self.batchSize ? .zero : core.timeToPublication(at: self.now())
        } catch {
            throw .socket(error)
        }
    }

    private func drain(at now: Moment) throws(ZeroMQError) -> [RoutingID] {
        var peers: [RoutingID] = []
        while peers.count < Self.batchSize, let message = try sockets.router.receiveRouted() {
            let peer = Peer(number: peers.count)
            peers.append(message.peer)
            guard message.frameCount == 1 else {
                core.refuse(.severalFrames, from: peer)
                continue
            }
            core.receive(frame: message.body.bytes, from: peer, at: now)
        }
        return peers
    }

    /// Makes a batch durable, and only then answers it.
    private func finish(
        _ batch: Core.Batch, for peers: [RoutingID], at now: Moment
    ) throws(ZeroMQError) {
        if commit(batch) {
            try answer(batch, to: peers)
        } else {
            stuck = Stuck(batch: batch, peers: peers, tried: now.uptime)
        }
    }

    private func commit(_ batch: Core.Batch) -> Bool {
        guard !batch.changes.isEmpty else { return true }
        do throws(JournalError) {
            try journal.commit(batch.changes)
            return true
        } catch {
            logger.critical("no report is accepted: \(error)")
            return false
        }
    }

    private func answer(_ batch: Core.Batch, to peers: [RoutingID]) throws(ZeroMQError) {
        for (peer, id, body) in batch.replies {
            try send(body, id: id, to: peers[peer.number])
        }
        for (peer, request) in batch.queries {
            try send(core.answer(request, from: queries), id: request.id, to: peers[peer.number])
        }
    }

    /// A client that is gone, or that does not read, asks again when it is back.
    private func send(
        _ body: WireReply.OneOf_Body, id: UInt64, to peer: RoutingID
    ) throws(ZeroMQError) {
        var reply = WireReply()
        reply.id = id
        reply.epoch = core.epoch
        reply.committed = UInt64(journal.sequence)
        reply.body = body
        _ = try sockets.router.send(reply.bytes, to: peer)
    }

    private func publish(at now: Moment) throws(ZeroMQError) {
        for publication in core.publications(at: now) {
            // XPUB drops what a subscriber does not take, for that subscriber.
            _ = try sockets.broadcast.send(
                frames: [Array(publication.topic.utf8), publication.message.bytes])
        }
    }

    // MARK: A disk that refuses

    /// Tries the batch again that could not be committed, and meanwhile says so to everyone.
    private func unstick(_ stuck: Stuck, at now: Moment) throws(ZeroMQError) -> Duration {
        if now.uptime - stuck.tried >= Self.retryPause {
            if commit(stuck.batch) {
                logger.notice("reports are accepted again")
                self.stuck = nil
                core.resume(at: now)
                try answer(stuck.batch, to: stuck.peers)
                return .zero
            }
            self.stuck?.tried = now.uptime
        }
        try refuseAll()
        try sockets.drainSubscriptions()
        return Self.retryPause
    }

    private func refuseAll() throws(ZeroMQError) {
        var count = 0
        while count < Self.batchSize, let message = try sockets.router.receiveRouted() {
            count += 1
            let id: UInt64
            let refusal: WireError
            do throws(UnreadableRequest) {
                id = try WireRequest(message: message.body.bytes).id
                refusal = .cannotWrite
            } catch {
                id = error.id
                refusal = error.error
            }
            try send(.error(refusal), id: id, to: message.peer)
        }
    }

    // MARK: Time

    private func now() -> Moment {
        Moment(uptime: start.duration(to: clock.now), wall: Self.wall())
    }

    private static func wall() -> Int64 {
        Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
    }
}
