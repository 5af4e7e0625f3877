import Messages
import ZeroMQ

/// Receives what a coordinator publishes under one topic, on a thread of its own.
actor Subscriber {
    private let address: Address
    private let patience: Duration
    private let timing: ConnectionTiming
    private let thread: SocketThread
    private let clock = ContinuousClock()

    private var socket: Socket?
    private var monitor: SocketMonitor?
    private var observer: HandshakeObserver
    private var filter = BoardFilter()
    private var topic = ""
    private var lastHeard: ContinuousClock.Instant
    /// The newest board that nobody took yet.
    private var latest: Leaderboard?
    private var waiting: (id: Int, continuation: CheckedContinuation<Leaderboard?, any Error>)?
    private var waits = 0
    private var failure: (any Error)?

    /// Boards are whole and come again, so that a few are enough.
    private static let queue = 10

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
        to topic: String, port: UInt16, isVersion6: Bool
    ) throws(MurmurationError) {
        self.topic = topic
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
        try socket.subscribe(topic)
        let monitor = try SocketMonitor(of: socket)
        try socket.connect(place.endpoint)
        thread.watch(socket)
        thread.watch(monitor.socket)
        self.socket = consume socket
        self.monitor = consume monitor
    }

    /// The next board; `nil` after the end.
    func next() async throws -> Leaderboard? {
        try Task.checkCancellation()
        if let board = latest.take() { return board }
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
        if let waiting, let board = latest.take() {
            self.waiting = nil
            waiting.continuation.resume(returning: board)
        }
        return SocketThread.longestWait
    }

    private func drain() throws(ZeroMQError) {
        while let event = try monitor?.next() { observer.observe(event) }
        while let frames = try socket?.receiveFrames() {
            // Other topics may begin with the same letters.
            guard frames.count == 2, frames[0] == Array(topic.utf8),
                let message = try? WireBroadcast(frame: frames[1])
            else { continue }
            lastHeard = clock.now
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
