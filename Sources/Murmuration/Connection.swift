import Logging
import Messages
import Synchronization
import ZeroMQ

/// A conversation with one coordinator, on a thread of its own.
///
/// Requests are asked again, under the same id, until there is an answer or the caller's patience
/// ends; whatever changes something carries a key, so that asking twice is harmless. Leases that
/// are held are renewed from the connection's thread, however busy everyone else is.
///
/// A coordinator that does not answer is asked ever more rarely, and over a new socket after some
/// misses. All ways of coming back to one that was lost lead through a Hello, and that is spread
/// over the time that the coordinator gave: nothing else is sent before it is answered.
package actor Connection {
    package nonisolated let address: Address
    let timing: ConnectionTiming
    /// Told that an answer is waited for; `nil` for who waits at a terminal anyway.
    let logger: Logger?
    let thread: SocketThread
    let clock = ContinuousClock()

    var link: Link?
    var requests: [UInt64: PendingRequest] = [:]
    var lastID: UInt64 = 0
    var leases: Set<UInt64> = []
    private var mark: TrainingMark
    private var isMarkMissed = false
    var nextHeartbeat: ContinuousClock.Instant
    /// Derived on the thread, because it takes a while.
    var keys: ClientKeys?
    /// When a new link may be made; after a refusal, not at once.
    var nextLink: ContinuousClock.Instant
    var linkCount = 0
    /// Within which this client comes back, once it was welcomed: then others do at the same time.
    var spread: Duration?
    /// Requests in a row that were not answered in time.
    var misses = 0
    /// Hellos in a row without a welcome, and links that did not get as far.
    var hellos = 0
    /// What hinders a client that was welcomed before, and may not for ever.
    var obstacle: MurmurationError?
    var reminder: Reminder
    private var isClosed = false
    private var hasTurn = false

    /// What another thread wants the next turn to do.
    nonisolated let farewell = Mutex((farewell: Farewell?.none, isOver: false))
    /// Nothing more is asked but to leave.
    var isLeaving = false
    var leaving: Set<UInt64> = []
    /// Those who asked since, answered when all is left.
    var turnedAway: [@Sendable (Result<WireReply, any Error>) -> Void] = []
    /// The last request that was given up and may have been granted a lease.
    var abandoned: (id: UInt64, frame: [UInt8])?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// - Parameter marks: the directory in which it shows that a lease is trained under.
    package init(
        to address: Address, timing: ConnectionTiming = ConnectionTiming(), logger: Logger? = nil,
        marks: String? = Environment[TrainingMark.variable]
    ) throws(MurmurationError) {
        mark = TrainingMark(in: marks)
        self.address = address
        self.timing = timing
        self.logger = logger
        nextHeartbeat = clock.now
        nextLink = clock.now
        reminder = Reminder(first: timing.word)
        do throws(ZeroMQError) {
            thread = try SocketThread(name: "murmur client")
        } catch {
            throw .messaging(error)
        }
    }

    /// Asks until there is an answer.
    ///
    /// - Parameter patience: how long to go on trying; `nil` for as long as it takes.
    /// - Throws: what the coordinator refused, or why it could not be asked.
    package func ask(
        _ body: WireRequest.OneOf_Body, patience: Duration?
    ) async throws -> WireReply {
        try Task.checkCancellation()
        guard !isClosed else { throw MurmurationError.left }
        lastID += 1
        let id = lastID
        var request = WireRequest()
        request.id = id
        request.body = body
        let frame = request.bytes
        guard frame.count <= Limits.messageBytes else {
            throw MurmurationError.tooLarge(
                """
                The request has \(frame.count) bytes and may have \(Limits.messageBytes); \
                send less at once.
                """)
        }
        installTurn()
        if link == nil { nextLink = clock.now }
        markTraining(false)
        defer { markTraining(!leases.isEmpty) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = { @Sendable in continuation.resume(with: $0) }
                guard !isLeaving else { return turnAway(answer) }
                requests[id] = PendingRequest(
                    frame: frame, mayGrant: body.mayGrant, since: clock.now, patience: patience,
                    answer: answer)
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
    }

    /// What the coordinator said when it welcomed this client, in this conversation.
    package func welcome(patience: Duration?) async throws -> WireWelcome {
        if let welcome = link?.welcome { return welcome }
        // Nothing is renewed by it; the answer shows that the handshake is over.
        _ = try await ask(.heartbeat(WireHeartbeat()), patience: patience)
        guard let welcome = link?.welcome else {
            throw MurmurationError.unreachable(address: address.description)
        }
        return welcome
    }

    /// Whether the conversation is by version 6 of IP.
    package var isVersion6: Bool { link?.isVersion6 ?? address.isVersion6(attempt: 0) }

    /// Renews this lease from now on.
    package func hold(_ lease: UInt64) {
        leases.insert(lease)
        markTraining(true)
    }

    /// Renews it no more.
    package func forget(_ lease: UInt64) {
        leases.remove(lease)
        markTraining(!leases.isEmpty)
    }

    private func markTraining(_ isTraining: Bool) {
        guard !mark.set(isTraining), !isMarkMissed else { return }
        isMarkMissed = true
        logger?.warning(
            """
            The directory in \(TrainingMark.variable) cannot be written, so that --report-timeout \
            does not see whether this worker trains; let its process write there.
            """)
    }

    /// Gives leases back when this process is told to end (SIGTERM), from now on.
    func leaveOnTermination() {
        installTurn()
        Termination.shared.add(self)
    }

    /// Ends the conversation; leases that are held lapse when their time is over.
    package func close() async {
        isClosed = true
        leases = []
        markTraining(false)
        closeLink()
        failAll(.left)
        endFarewell()
        Termination.shared.remove(self)
        await thread.stop()
    }

    private func cancel(_ id: UInt64) {
        giveUp(id, because: CancellationError())
    }

    func giveUp(_ id: UInt64, because error: any Error) {
        guard let request = requests.removeValue(forKey: id) else { return }
        if request.mayGrant { abandoned = (id, request.frame) }
        request.answer(.failure(error))
    }

    private func installTurn() {
        guard !hasTurn else { return }
        hasTurn = true
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.isClosed ? nil : $0.turn() } ?? SocketThread.longestWait
        }
    }
}
