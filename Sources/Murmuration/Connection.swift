import ClientMachine
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
/// What it says and when is for its ``ClientMachine`` to decide. The connection brings callers and
/// sockets together: it waits for as long as its callers are patient, and tells them why.
package actor Connection {
    package nonisolated let address: Address
    let timing: ConnectionTiming
    /// Told that an answer is waited for; `nil` for who waits at a terminal anyway.
    let logger: Logger?
    let thread: SocketThread
    let clock = ContinuousClock()

    var driver: MachineDriver
    var requests: [UInt64: PendingRequest] = [:]
    private var mark: TrainingMark
    private var isMarkMissed = false
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
    var abandoned: WireRequest.OneOf_Body?

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
        reminder = Reminder(first: timing.word)
        do throws(ZeroMQError) {
            thread = try SocketThread(name: "murmur client")
        } catch {
            throw .messaging(error)
        }
        driver = MachineDriver(to: address, timing: timing, on: thread)
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
        installTurn()
        guard !isLeaving else {
            return try await withCheckedThrowingContinuation { continuation in
                turnAway { continuation.resume(with: $0) }
            }
        }
        let id: UInt64
        do throws(WireError) {
            id = try driver.machine.ask(body, at: driver.now)
        } catch {
            throw MurmurationError(error)
        }
        markTraining(false)
        defer { markTraining(isHolding) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                requests[id] = PendingRequest(
                    body: body, since: clock.now, patience: patience,
                    answer: { continuation.resume(with: $0) })
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
    }

    /// The same for the connection itself, for as long as it takes.
    func start(
        _ body: WireRequest.OneOf_Body,
        answer: @escaping @Sendable (Result<WireReply, any Error>) -> Void
    ) {
        do throws(WireError) {
            let id = try driver.machine.ask(body, at: driver.now)
            requests[id] = PendingRequest(
                body: body, since: clock.now, patience: nil, answer: answer)
        } catch {
            answer(.failure(MurmurationError(error)))
        }
    }

    /// What the coordinator said when it welcomed this client, in this conversation.
    package func welcome(patience: Duration?) async throws -> WireWelcome {
        if let welcome = presentWelcome { return welcome }
        // Nothing is renewed by it; the answer shows that the handshake is over.
        _ = try await ask(.heartbeat(WireHeartbeat()), patience: patience)
        guard let welcome = presentWelcome else {
            throw MurmurationError.unreachable(address: address.description)
        }
        return welcome
    }

    private var presentWelcome: WireWelcome? {
        driver.machine.phase == .ready ? driver.machine.welcome : nil
    }

    /// Whether the conversation is by version 6 of IP.
    package var isVersion6: Bool { driver.isVersion6 }
    var linkCount: Int { driver.linkCount }
    /// Where the coordinator is now, if the address is of a file.
    package var currentAddress: Address { driver.address }

    /// Renews this lease from now on.
    ///
    /// - Parameter rejoin: takes it up again after a restart of the coordinator.
    package func hold(_ lease: UInt64, rejoin: WireJoin? = nil) {
        driver.machine.hold(lease, rejoin: rejoin, at: driver.now)
        markTraining(true)
    }

    /// Renews it no more.
    package func forget(_ lease: UInt64) {
        driver.machine.forget(lease)
        markTraining(isHolding)
    }

    private var isHolding: Bool { !driver.machine.leases.isEmpty }

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
        for lease in driver.machine.leases { driver.machine.forget(lease) }
        markTraining(false)
        fail(.left)
        endFarewell()
        Termination.shared.remove(self)
        await thread.stop()
    }

    private func cancel(_ id: UInt64) {
        giveUp(id, because: CancellationError())
    }

    func giveUp(_ id: UInt64, because error: any Error) {
        driver.machine.giveUp(id)
        guard let request = requests.removeValue(forKey: id) else { return }
        if request.body.mayGrant { abandoned = request.body }
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
