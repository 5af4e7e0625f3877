import Messages
import ZeroMQ

/// Receives what a coordinator publishes of one population, on a thread of its own.
actor Subscriber {
    enum Received: Sendable {
        case news(News)
        /// Lineage was missed: ask the history for it, and fill it in.
        case missed(after: UInt64)
        /// The coordinator is elsewhere now, says the address's file: subscribe there.
        case moved
    }

    private var address: Address
    private let patience: Duration
    private let timing: ConnectionTiming
    private let thread: SocketThread
    private let clock = ContinuousClock()

    private var feed: Feed?
    private var filter = BoardFilter()
    /// `nil` when only the boards are wanted.
    private var lineage: LineageBuffer?
    private var hasMoved = false
    private var nextLook: ContinuousClock.Instant
    private var lastHeard: ContinuousClock.Instant
    /// The newest board that nobody took yet.
    private var latest: Leaderboard?
    /// The last thing taken was an event. Boards and events take turns, so that neither many events
    /// nor a slow reader keep the other ones back.
    private var isBoardsTurn = true
    private var waiting: (id: Int, continuation: CheckedContinuation<Received?, any Error>)?
    private var waits = 0
    private var failure: (any Error)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// A board comes every second. After this long without one the address's file is looked at.
    private static let silence = Duration.seconds(3)
    private static let look = Duration.seconds(1)

    init(
        address: Address, lineage: LineageBuffer?, patience: Duration, timing: ConnectionTiming
    ) throws(MurmurationError) {
        self.address = address
        self.lineage = lineage
        self.patience = patience
        self.timing = timing
        (lastHeard, nextLook) = (clock.now, clock.now)
        do throws(ZeroMQError) {
            thread = try SocketThread(name: "murmur monitor")
        } catch {
            throw .messaging(error)
        }
    }

    /// Subscribes, in the place of a subscription elsewhere.
    ///
    /// - Parameter port: where it is published; `nil` to ask for it over a connection.
    func subscribe(
        to population: String, at address: Address, port: UInt16?, isVersion6: Bool
    ) throws(MurmurationError) {
        closeFeed()
        self.address = address
        hasMoved = false
        let topics = lineage == nil ? ["leaderboard"] : ["leaderboard", "lineage"]
        lastHeard = clock.now
        do throws(ZeroMQError) {
            feed = try Feed(
                of: topics.map { "\(population)/\($0)" }, from: address, port: port,
                isVersion6: isVersion6, timing: timing, on: thread)
        } catch {
            throw .messaging(error)
        }
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
        }
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
        if hasMoved {
            hasMoved = false
            return .moved
        }
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
        closeFeed()
        waiting.take()?.continuation.resume(returning: nil)
        await thread.stop()
    }

    private func closeFeed() {
        feed?.close()
        feed = nil
    }

    private func turn() -> Duration {
        do {
            try drain()
        } catch let error as ZeroMQError {
            fail(.messaging(error))
        } catch let error as WireError {
            fail(MurmurationError(error))
        } catch {
            preconditionFailure("a feed fails with messaging or a refusal")
        }
        if address.file == nil, let verdict = feed?.verdict,
            let error = MurmurationError(verdict, at: address)
        {
            fail(error)
        }
        lookWhetherMoved()
        if clock.now - lastHeard > patience {
            fail(MurmurationError.unreachable(address: address.description))
        }
        if let waiting, let received = take() {
            self.waiting = nil
            waiting.continuation.resume(returning: received)
        }
        return SocketThread.longestWait
    }

    /// What is asked for over a connection follows the file by itself.
    private func lookWhetherMoved() {
        guard address.file != nil, feed?.isPublished == true, clock.now >= nextLook,
            clock.now - lastHeard > Self.silence
        else { return }
        nextLook = clock.now + Self.look
        // What cannot be read now may be written at this moment.
        if let found = try? address.current(), found != address { hasMoved = true }
    }

    private func drain() throws {
        try feed?.turn()
        while let message = try feed?.next() {
            lastHeard = clock.now
            lineage?.admit(message)
            if let board = filter.admit(message, at: clock.now) { latest = board }
        }
    }

    private func fail(_ error: MurmurationError) {
        guard failure == nil else { return }
        failure = error
        closeFeed()
        waiting.take()?.continuation.resume(throwing: error)
    }
}
