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
    private var stuck: (batch: Core.Batch, peers: [RoutingID], since: Duration, tried: Duration)?

    init(_ configuration: Coordinator.Configuration) throws(CoordinatorError) {
        logger = configuration.logger
        start = clock.now
        let epoch: UInt64
        do throws(JournalError) {
            journal = try Journal(directory: configuration.data, access: .write)
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
        settings.insecure = configuration.secret == nil
        let now = Moment(uptime: .zero, wall: Self.wall())
        core = Core(
            settings: settings, epoch: epoch, sequence: journal.sequence, now: now,
            tokens: SystemRandomNumberGenerator(), logger: logger)
        try core.restore(from: journal, at: now)
        logger.info(
            "the coordinator serves",
            metadata: [
                "address": "\(address.redacted)", "broadcast": "\(sockets.broadcastPort)",
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
            guard stuck == nil else { return try unstick(at: now) }
            let peers = try drain(at: now)
            core.tick(at: now)
            let batch = core.takeBatch()
            try finish(batch, for: peers, at: now)
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
                core.refuse(peer, because: .frames)
                continue
            }
            core.receive(message.body.bytes, from: peer, at: now)
        }
        return peers
    }

    private func finish(
        _ batch: Core.Batch, for peers: [RoutingID], at now: Moment
    ) throws(ZeroMQError) {
        do throws(JournalError) {
            if !batch.changes.isEmpty { try journal.commit(batch.changes) }
        } catch {
            logger.critical("no report is accepted: \(error)")
            stuck = (batch, peers, since: now.uptime, tried: now.uptime)
            return
        }
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
    private func unstick(at now: Moment) throws(ZeroMQError) -> Duration {
        guard var stuck else { return .zero }
        if now.uptime - stuck.tried >= Self.retryPause {
            do throws(JournalError) {
                try journal.commit(stuck.batch.changes)
                logger.notice("reports are accepted again")
                self.stuck = nil
                core.resume(after: now.uptime - stuck.since, at: now)
                try finish(stuck.batch.withoutChanges, for: stuck.peers, at: now)
                return .zero
            } catch let error as JournalError {
                stuck.tried = now.uptime
                self.stuck = stuck
                logger.critical("no report is accepted: \(error)")
            }
        }
        var count = 0
        while count < Self.batchSize, let message = try sockets.router.receiveRouted() {
            count += 1
            guard let id = WireRequest.id(of: message.body.bytes) else { continue }
            try send(.error(WireError(.cannotWrite)), id: id, to: message.peer)
        }
        try sockets.drainSubscriptions()
        return Self.retryPause
    }

    // MARK: Time

    private func now() -> Moment {
        Moment(uptime: start.duration(to: clock.now), wall: Self.wall())
    }

    private static func wall() -> Int64 {
        Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
    }
}
