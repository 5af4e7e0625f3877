import Messages
import ZeroMQ

/// Receives what a coordinator publishes of one population, on a thread of its own.
actor Subscriber {
    enum Received: Sendable {
        case news(News)
        /// Lineage was missed: ask the history for it, and fill it in.
        case missed(after: UInt64)
    }

    private let address: Address
    private let patience: Duration
    private let timing: ConnectionTiming
    private let thread: SocketThread
    private let clock = ContinuousClock()

    private var socket: Socket?
    private var monitor: SocketMonitor?
    private var observer: HandshakeObserver
    private var filter = BoardFilter()
    private var topics: [String] = []
    /// `nil` when only the boards are wanted.
    private var lineage: LineageBuffer?
    private var lastHeard: ContinuousClock.Instant
    /// The newest board that nobody took yet.
    private var latest: Leaderboard?
    /// The last thing taken was an event. Boards and events take turns, so that neither many events
    /// nor a slow reader keep the other ones back.
    private var isBoardsTurn = true
    private var waiting: (id: Int, continuation: CheckedContinuation<Received?, any Error>)?
    private var waits = 0
    private var failure: (any Error)?

    /// Boards are whole and come again, and lineage that was missed is asked for, so that a few
    /// messages are enough.
    private static let queue = 32

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(
        address: Address, patience: Duration, timing: ConnectionTiming
    ) throws(MurmurationError) {
        self.address = address
        self.patience = patience
        self.timing = timing
        observer = HandshakeObserver(isEncrypted: address.secret != nil)
        lastHeard = clock.now
        do throws(ZeroMQError) {
            thread = try SocketThread(name: "murmur monitor")
        } catch {
            throw .messaging(error)
        }
    }

    func subscribe(
        to population: String, lineage: LineageBuffer?, port: UInt16, isVersion6: Bool
    ) throws(MurmurationError) {
        topics = lineage == nil ? ["leaderboard"] : ["leaderboard", "lineage"]
        topics = topics.map { "\(population)/\($0)" }
        self.lineage = lineage
        lastHeard = clock.now
        do throws(ZeroMQError) {
            try open(port: port, isVersion6: isVersion6)
        } catch {
            throw .messaging(error)
        }
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
        }
    }

    private func open(port: UInt16, isVersion6: Bool) throws(ZeroMQError) {
        var place = address
        place.port = port
        var socket = try Socket(
            .sub, in: Context.client(),
            options: [
                .ipv6(isVersion6), .receiveHighWaterMark(Self.queue),
                .maxMessageSize(2 * Limits.messageBytes),
                .reconnect(
                    interval: timing.reconnect.lowerBound * Double.random(in: 1...2),
                    maximum: timing.reconnect.upperBound),
                .heartbeat(
                    interval: .seconds(15), timeout: .seconds(30), timeToLive: .seconds(45)),
            ])
        if let secret = address.secret {
            try socket.encrypt(asClientOf: SharedSecret(secret).keys())
        }
        for topic in topics { try socket.subscribe(topic) }
        let monitor = try SocketMonitor(of: socket)
        try socket.connect(place.endpoint)
        thread.watch(socket)
        thread.watch(monitor.socket)
        self.socket = consume socket
        self.monitor = consume monitor
    }

    /// What is next; `nil` after the end.
    func next() async throws -> Received? {
        try Task.checkCancellation()
        if let received = take() { return received }
        if let failure { throw failure }
        precondition(waiting == nil, "an iterator is used by one task at a time")
        waits += 1
        let id = waits
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiting = (id, $0) }
        } onCancel: {
            Task { await self.cancel(id) }
        }
    }

    /// Fills in a page of the history that was asked for because lineage was missed.
    func fill(_ page: [Event], after sequence: UInt64, upTo last: UInt64, more: Bool) {
        lineage?.fill(page, after: sequence, upTo: last, more: more)
    }

    private func take() -> Received? {
        if !isBoardsTurn || latest == nil, let next = lineage?.next() {
            isBoardsTurn = true
            return switch next {
            case .event(let event): .news(.event(event))
            case .missed(let sequence): .missed(after: sequence)
            }
        }
        isBoardsTurn = false
        return latest.take().map { .news(.leaderboard($0)) }
    }

    private func cancel(_ id: Int) {
        guard let waiting, waiting.id == id else { return }
        self.waiting = nil
        waiting.continuation.resume(throwing: CancellationError())
    }

    func close() async {
        closeSockets()
        waiting.take()?.continuation.resume(returning: nil)
        await thread.stop()
    }

    private func closeSockets() {
        if let socket = socket.take() { thread.unwatch(socket) }
        if let monitor = monitor.take() { thread.unwatch(monitor.socket) }
    }

    private func turn() -> Duration {
        do throws(ZeroMQError) {
            try drain()
        } catch {
            fail(MurmurationError.messaging(error))
        }
        if let error = MurmurationError(observer.verdict, at: address) { fail(error) }
        if clock.now - lastHeard > patience {
            fail(MurmurationError.unreachable(address: address.description))
        }
        if let waiting, let received = take() {
            self.waiting = nil
            waiting.continuation.resume(returning: received)
        }
        return SocketThread.longestWait
    }

    private func drain() throws(ZeroMQError) {
        while let event = try monitor?.next() { observer.observe(event) }
        while let frames = try socket?.receiveFrames() {
            // Other topics may begin with the same letters.
            guard frames.count == 2, topics.contains(String(decoding: frames[0], as: UTF8.self)),
                let message = try? WireBroadcast(frame: frames[1])
            else { continue }
            lastHeard = clock.now
            lineage?.admit(message)
            if let board = filter.admit(message, at: clock.now) { latest = board }
        }
    }

    private func fail(_ error: MurmurationError) {
        guard failure == nil else { return }
        failure = error
        closeSockets()
        waiting.take()?.continuation.resume(throwing: error)
    }
}
