import Messages
import ZeroMQ

/// A conversation with one coordinator, on a thread of its own.
///
/// Requests are asked again, under the same id, until there is an answer or the caller's patience
/// ends; whatever changes something carries a key, so that asking twice is harmless. Leases that
/// are held are renewed from the connection's thread, however busy everyone else is.
package actor Connection {
    package nonisolated let address: Address
    let timing: ConnectionTiming
    private let thread: SocketThread
    private let clock = ContinuousClock()

    private var link: Link?
    private var requests: [UInt64: PendingRequest] = [:]
    private var lastID: UInt64 = 0
    private var leases: Set<UInt64> = []
    private var nextHeartbeat: ContinuousClock.Instant
    /// Derived on the thread, because it takes a while.
    private var keys: DerivedKeys?
    /// When a new link may be made; after a refusal, not at once.
    private var nextLink: ContinuousClock.Instant
    private var linkCount = 0
    /// Whoever was welcomed before comes back with others at the same time.
    private var wasWelcomed = false
    /// Requests in a row that were not answered in time.
    private var misses = 0
    private var isClosed = false
    private var hasTurn = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    package init(
        to address: Address, timing: ConnectionTiming = ConnectionTiming()
    ) throws(MurmurationError) {
        self.address = address
        self.timing = timing
        nextHeartbeat = clock.now
        nextLink = clock.now
        do throws(ZeroMQError) {
            thread = try SocketThread(name: "murmur client")
        } catch {
            throw .messaging(error)
        }
    }

    /// Asks until there is an answer.
    ///
    /// - Parameter patience: how long to go on trying.
    /// - Throws: what the coordinator refused, or why it could not be asked.
    package func ask(
        _ body: WireRequest.OneOf_Body, patience: Duration
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
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                requests[id] = PendingRequest(
                    frame: frame, giveUp: clock.now + patience, continuation: continuation)
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
    }

    /// What the coordinator said when it welcomed this client, in this conversation.
    package func welcome(patience: Duration) async throws -> WireWelcome {
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
    }

    package func release(_ lease: UInt64) {
        leases.remove(lease)
    }

    /// Ends the conversation; leases that are held lapse when their time is over.
    package func close() async {
        isClosed = true
        leases = []
        closeLink()
        failAll(.left)
        await thread.stop()
    }

    private func cancel(_ id: UInt64) {
        requests.removeValue(forKey: id)?.continuation.resume(throwing: CancellationError())
    }

    private func installTurn() {
        guard !hasTurn else { return }
        hasTurn = true
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
        }
    }
}

/// A request that waits for its answer.
struct PendingRequest {
    let frame: [UInt8]
    let giveUp: ContinuousClock.Instant
    let continuation: CheckedContinuation<WireReply, any Error>
    var attempts = 0
    /// When it is sent, or sent again; `nil` means at once.
    var next: ContinuousClock.Instant?
    /// It was sent and there is no answer yet.
    var isOut = false
    /// The last refusal after which it is sent again.
    var refusal: MurmurationError?
}

// MARK: - The thread's turn

extension Connection {
    private func turn() -> Duration {
        guard !isClosed else { return SocketThread.longestWait }
        do throws(ZeroMQError) {
            try openLink()
            try readEvents()
            try readReplies()
            if link?.welcome == nil {
                try sayHello()
            } else {
                try sendRequests()
                try sendHeartbeats()
            }
        } catch {
            closeLink()
            nextLink = clock.now + timing.relink
            failAll(.messaging(error))
        }
        giveUpOnOld()
        return untilNextTimer()
    }

    private func openLink() throws(ZeroMQError) {
        let isNeeded = !requests.isEmpty || !leases.isEmpty
        guard link == nil, isNeeded, clock.now >= nextLink else { return }
        if keys == nil { keys = address.secret.map { SharedSecret($0).keys() } }
        let link = try Link(
            to: address, keys: keys, isVersion6: address.isVersion6(attempt: linkCount),
            timing: timing)
        link.watch(on: thread)
        self.link = consume link
        linkCount += 1
        misses = 0
    }

    private func closeLink() {
        if let link = link.take() {
            link.unwatch(on: thread)
        }
        for id in requests.keys { requests[id]?.comeBack() }
    }

    /// Learns from libzmq how the connection does.
    private func readEvents() throws(ZeroMQError) {
        while let event = try link?.nextEvent() {
            switch event {
            case .handshakeSucceeded:
                // All that came at the same time should not come back at the same time.
                let spread = wasWelcomed ? timing.comeBack(within: link?.spread) : .zero
                link?.nextHello = clock.now + spread
            case .disconnected:
                link?.forgetWelcome()
                for id in requests.keys { requests[id]?.comeBack() }
            case .retried:
                tryOtherFamily()
                if link == nil { return }
            default: break
            }
        }
        guard let verdict = link?.verdict, let error = MurmurationError(verdict, at: address)
        else { return }
        closeLink()
        nextLink = clock.now + timing.relink
        failAll(error)
    }

    /// A host's name may have addresses of both families, of which libzmq looks at one.
    private func tryOtherFamily() {
        guard address.hasTwoFamilies, link?.verdict != .accepted, link?.isBrokenOff != true
        else { return }
        closeLink()
        nextLink = clock.now + timing.reconnect(attempt: linkCount)
    }

    private func sayHello() throws(ZeroMQError) {
        guard let due = link?.nextHello, clock.now >= due else { return }
        if link?.helloIsOut == true {
            misses += 1
            if misses >= timing.misses { return closeLink() }
        }
        lastID += 1
        try link?.sendHello(id: lastID)
        if link?.helloIsOut == true {
            // The next one is for when this one is lost.
            link?.nextHello = clock.now + timing.answer
        }
    }

    private func sendRequests() throws(ZeroMQError) {
        for (id, request) in requests {
            if let next = request.next, clock.now < next { continue }
            if request.isOut {
                misses += 1
                if misses >= timing.misses {
                    closeLink()
                    return
                }
            }
            guard try link?.send(request.frame) == true else { return }
            requests[id]?.isOut = true
            requests[id]?.attempts += 1
            requests[id]?.next = clock.now + timing.wait(attempt: request.attempts)
        }
    }

    private func sendHeartbeats() throws(ZeroMQError) {
        guard !leases.isEmpty, clock.now >= nextHeartbeat else { return }
        guard let interval = link?.welcome?.heartbeatMilliseconds else { return }
        nextHeartbeat = clock.now + .milliseconds(Int64(max(interval, 1)))
        var rest = leases.sorted()[...]
        while !rest.isEmpty {
            var heartbeat = WireHeartbeat()
            heartbeat.leases = Array(rest.prefix(Limits.heartbeatLeases))
            rest = rest.dropFirst(Limits.heartbeatLeases)
            lastID += 1
            var request = WireRequest()
            request.id = lastID
            request.heartbeat = heartbeat
            // A lost one is no harm, and a lease that is gone shows with the next report.
            _ = try link?.send(request.bytes)
        }
        link?.heartbeatsOut += 1
        if let out = link?.heartbeatsOut, out > timing.misses { closeLink() }
    }

    private func readReplies() throws(ZeroMQError) {
        while let frame = try link?.receive() {
            misses = 0
            link?.heartbeatsOut = 0
            // A frame that is no reply leaves its request to be asked again.
            guard let reply = try? WireReply(frame: frame) else { continue }
            if reply.id == link?.helloID {
                receiveWelcome(reply)
            } else {
                receiveAnswer(reply)
            }
        }
    }

    private func receiveWelcome(_ reply: WireReply) {
        switch reply.body {
        case .welcome(let welcome):
            // The next link tries the family first that this one found somebody with.
            linkCount = isVersion6 ? 1 : 0
            link?.accept(welcome)
            wasWelcomed = true
            nextHeartbeat = clock.now
        case .error(let error) where error.code == .unavailable:
            link?.nextHello = clock.now + timing.wait(attempt: 0)
        case .error(let error):
            closeLink()
            nextLink = clock.now + timing.relink
            failAll(MurmurationError(error))
        default:
            break
        }
    }

    private func receiveAnswer(_ reply: WireReply) {
        guard let request = requests[reply.id] else { return }
        if case .error(let error) = reply.body {
            let refusal = MurmurationError(error)
            guard error.code == .unavailable else {
                requests[reply.id] = nil
                request.continuation.resume(throwing: refusal)
                return
            }
            requests[reply.id]?.isOut = false
            requests[reply.id]?.next = clock.now + timing.wait(attempt: request.attempts)
            requests[reply.id]?.refusal = refusal
            return
        }
        requests[reply.id] = nil
        request.continuation.resume(returning: reply)
    }

    private func giveUpOnOld() {
        for (id, request) in requests where clock.now >= request.giveUp {
            requests[id] = nil
            request.continuation.resume(
                throwing: request.refusal ?? silence)
        }
    }

    /// Why there was no answer.
    private var silence: MurmurationError {
        link?.isConnected == true
            ? .silent(address: address.description) : .unreachable(address: address.description)
    }

    private func failAll(_ error: MurmurationError) {
        let failed = requests
        requests = [:]
        for request in failed.values { request.continuation.resume(throwing: error) }
    }

    private func untilNextTimer() -> Duration {
        let now = clock.now
        var next = now + SocketThread.longestWait
        for request in requests.values { next = min(next, request.giveUp) }
        if link?.welcome == nil {
            if let hello = link?.nextHello { next = min(next, hello) }
        } else {
            if !leases.isEmpty { next = min(next, nextHeartbeat) }
            for request in requests.values { next = min(next, request.next ?? now) }
        }
        // libzmq tells of a queue that is full no more by nothing that could be waited for.
        return max(timing.shortestWait, next - now)
    }
}

extension PendingRequest {
    /// The link is gone: it is sent again by the next one.
    mutating func comeBack() {
        isOut = false
        if refusal == nil { next = nil }
    }
}
