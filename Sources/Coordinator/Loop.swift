import Dispatch
import Foundation
import Journal
import Logging
import Messages
import Records
import ZeroMQ

/// The coordinator's sockets, clock and journal, which do what its pipeline says.
///
/// It belongs to the coordinator's thread. Another one commits large batches.
final class Loop {
    /// Requests after which the clock is looked at: that costs less than a request, but not nothing.
    private static let requestsPerLook = 8
    /// How often the log says again that nothing is encrypted.
    private static let timeBetweenWarnings = Duration.seconds(3600)

    let address: Address
    private var pipeline: Pipeline<RoutingID>
    private var sockets: Sockets
    private let logger: Logger
    private let listens: ListeningHost
    private var insecurityWasSaid: Duration?
    private let journal: Journal
    private let committer = Companion<CommitOutcome>(name: "journal")
    /// There is one once a population takes proposals.
    private var proposer: Proposer?
    private var traffic = Traffic()
    /// Populations of which there was nothing more to train at the start, by their ids.
    private let overAtStart: Set<Int>
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
            journal = try Self.journal(in: configuration.data, logger)
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
        let now = Moment(uptime: .zero, wall: Self.wall())
        pipeline = try Pipeline(
            settings: settings, epoch: epoch, storage: journal, now: now,
            tokens: SystemRandomNumberGenerator(), logger: logger)
        overAtStart = Set(pipeline.core.populations.filter(\.isOver).map(\.id))
        // Before anybody connects.
        while case .admit(let admission) = pipeline.nextToLeave(at: now) {
            sockets.apply(admission)
        }
        try configuration.localCheckpoints?.check(
            pipeline.core.populations, data: configuration.data)
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
                "epoch": "\(epoch)", "populations": "\(pipeline.core.populations.count)",
            ])
    }

    private static func journal(
        in data: String, _ logger: Logger
    ) throws(JournalError) -> Journal {
        let journal = try Journal(directory: data, access: .write) {
            logger.notice(
                "the journal of an older version is brought up to date; a large one takes a while")
        } willWait: { process in
            logger.notice(
                """
                another coordinator may have \(data) (process \(process)); waiting some seconds to see \
                whether it still runs
                """)
        }
        if let name = Journal.sharing(of: data) {
            logger.notice(
                """
                \(data) is on \(name): other hosts are kept out, and read the journal through this \
                coordinator
                """)
        }
        return journal
    }

    /// Another coordinator has taken over its directory; `nil` as long as it has that.
    var loss: CoordinatorError? { journal.loss.map(CoordinatorError.journal) }

    func watch(on thread: SocketThread) { sockets.watch(on: thread) }

    func close(on thread: SocketThread) {
        do throws(ZeroMQError) {
            // What is committed is answered.
            let now = now()
            while let next = pipeline.nextToLeave(at: now) { try letOut(next) }
        } catch {
            logger.notice("some answers did not leave: \(error)")
        }
        sockets.unwatch(on: thread)
        // What somebody else has is left alone.
        if loss == nil { settle() }
    }

    /// Takes a turn of the pipeline.
    ///
    /// - Returns: how long the next one may be away.
    func turn() throws(CoordinatorError) -> Duration {
        if let loss {
            committer.finish()
            throw loss
        }
        do throws(ZeroMQError) {
            try sockets.authenticate()
            warnOfInsecurity(at: now())
            if let result = proposer?.result() { pipeline.take(result) }
            let end = try carryOut()
            while let frame = try sockets.nextSubscription() { pipeline.audience.take(frame) }
            return min(max(end - now().uptime, .zero), sockets.longestWait)
        } catch {
            // Whoever closes the loop now has the journal to itself.
            committer.finish()
            throw .socket(error)
        }
    }

    /// Does what the pipeline says until its turn is over.
    ///
    /// - Returns: when the next one begins at the latest, in uptime.
    private func carryOut() throws(ZeroMQError) -> Duration {
        var now = now()
        var received = 0
        while true {
            switch pipeline.next(at: now) {
            case .receive:
                try receive(at: now)
                received += 1
                if received.isMultiple(of: Self.requestsPerLook) { now = self.now() }
            case .commit(let changes, inBackground: false):
                end(journal.outcome(ofCommitting: changes))
                now = self.now()
            case .commit(let changes, inBackground: true):
                // Nobody else touches the journal before it is done.
                nonisolated(unsafe) let journal = self.journal
                committer.begin { journal.outcome(ofCommitting: changes) }
            case .awaitCommit(let time):
                if let outcome = committer.result(within: time) { end(outcome) }
                now = self.now()
            case .letOut(let next): try letOut(next)
            case .settle: settle()
            case .propose(let work):
                let proposer = proposer ?? Proposer()
                self.proposer = proposer
                proposer.begin(work)
            case .wait(until: let end): return end
            }
        }
    }

    private func end(_ commit: CommitOutcome) {
        traffic.count(commit)
        pipeline.endCommit(commit.failure, at: now())
    }

    private func letOut(_ next: Pipeline<RoutingID>.Outgoing) throws(ZeroMQError) {
        switch next {
        case .send(let frame, let connection):
            traffic.sentBytes += frame.count
            // A client that does not read asks again when it does.
            let result = try sockets.router.send(frame, to: connection)
            if result == .unreachable { pipeline.forget(connection) }
        case .publish(let publication):
            traffic.publishedBytes += publication.frame.count
            // XPUB drops what a subscriber does not take, for that subscriber.
            _ = try sockets.broadcast.send(
                frames: [Array(publication.topic.utf8), publication.frame])
        case .admit(let admission): sockets.apply(admission)
        }
    }

    private func receive(at now: Moment) throws(ZeroMQError) {
        guard let message = try sockets.router.receiveRouted() else {
            return pipeline.receivedAll()
        }
        guard message.frameCount == 1 else {
            return pipeline.refuse(.severalFrames, from: message.peer)
        }
        let frame = message.body.bytes
        traffic.receivedBytes += frame.count
        pipeline.receive(frame, from: message.peer, as: user(of: message.body), at: now)
    }

    /// Whom the connection of a message belongs to. Without encryption that is everybody; with it,
    /// nobody gets as far as here without the authenticator.
    private func user(of body: borrowing Message) -> String {
        sockets.isPlain ? Keyring.sharedUser : body.property("User-Id") ?? ""
    }

    private func settle() {
        do throws(JournalError) {
            try journal.settle()
            pipeline.didSettle()
        } catch {
            logger.notice("rows wait in the journal's table of recent changes: \(error)")
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

    /// What it has done, and its present state.
    var statistics: Statistics {
        let counters = pipeline.counters
        return Statistics(
            epoch: pipeline.core.epoch, sequence: pipeline.committed, counters: counters,
            traffic: traffic, waitingRequests: pipeline.waitingRequests,
            isStuck: pipeline.isStuck,
            subscriptions: pipeline.subscriptions.count,
            admitted: sockets.admitted, turnedAway: sockets.turnedAway,
            populations: pipeline.core.populations.map { hosted in
                let known = hosted.id < counters.populations.count
                return Statistics.OfPopulation(
                    hosted, known ? counters.populations[hosted.id] : nil,
                    beginningsAlive: pipeline.beginnings.alive(in: hosted.id),
                    wasOver: overAtStart.contains(hosted.id))
            },
            ports: sockets.ports)
    }

    // MARK: Time

    private func now() -> Moment {
        Moment(uptime: start.duration(to: clock.now), wall: Self.wall())
    }

    private static func wall() -> Int64 {
        Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
    }
}

extension RoutingID: NumberedConnection {
    package var place: ConnectionNumber? { number.map(ConnectionNumber.init) }
}
