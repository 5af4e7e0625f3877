import Messages
import Synchronization
import ZeroMQ

/// A coordinator that answers by a script, and remembers what it was asked.
actor ScriptedCoordinator {
    /// What to answer; `nil` keeps silent.
    typealias Script = @Sendable (WireRequest, inout Memory) -> WireReply.OneOf_Body?

    struct Memory: Sendable {
        /// All but Hello and heartbeats.
        var requests: [WireRequest] = []
        var heartbeats: [WireHeartbeat] = []
        /// Connections that asked something.
        var peers: Set<RoutingID> = []
        /// All that came, in order.
        var arrivals: [Arrival] = []
        /// Those that came, answered or not.
        var declines: [WireDecline] = []
    }

    struct Arrival: Sendable {
        let peer: RoutingID
        let time: ContinuousClock.Instant
        let isHello: Bool
        let bytes: Int
    }

    nonisolated let memory = Mutex(Memory())
    nonisolated let address = Mutex<Address?>(nil)
    private let thread: SocketThread
    private let script: Script
    private let secret: String?
    private var authenticator: Authenticator?
    private var router: Socket?
    private var broadcast: Socket?
    private var welcome = WireWelcome()
    private var isSilent = false
    private var versions = WireVersion.min...WireVersion.max
    private var epoch: UInt64 = 1
    /// Leases of which it knows nothing.
    private var gone: [UInt64] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(secret: String? = nil, script: @escaping Script) throws {
        self.secret = secret
        self.script = script
        thread = try SocketThread(name: "scripted")
        welcome.version = WireVersion.max
        welcome.heartbeatMilliseconds = 10
        welcome.leaseMilliseconds = 60_000
    }

    /// Runs `body` with a coordinator, and ends it whatever comes of it.
    static func with(
        secret: String? = nil, script: @escaping Script,
        _ body: (ScriptedCoordinator) async throws -> Void
    ) async throws {
        let coordinator = try ScriptedCoordinator(secret: secret, script: script)
        try await coordinator.start()
        do {
            try await body(coordinator)
        } catch {
            await coordinator.stop()
            throw error
        }
        await coordinator.stop()
    }

    nonisolated var url: String { address.withLock { $0?.text ?? "" } }

    /// - Parameter port: the one to come back at.
    func start(port: UInt16? = nil) throws {
        do {
            try open(port: port)
        } catch {
            // One that is watched must not be closed by another attempt.
            closeSockets()
            throw error
        }
    }

    private func open(port: UInt16?) throws {
        let context = try Context()
        var router = try Socket(.router, in: context, options: [.routerMandatory(true)])
        var broadcast = try Socket(.xpub, in: context)
        if let secret {
            let keys = SharedSecret(secret).keys()
            var authenticator = try Authenticator(in: context)
            authenticator.allow(keys.client.publicKey, as: "worker", in: "scripted")
            thread.watch(authenticator)
            self.authenticator = consume authenticator
            try router.encrypt(asServer: keys.server, domain: "scripted")
            try broadcast.encrypt(asServer: keys.server, domain: "scripted")
        }
        let endpoint = try router.bind("tcp://127.0.0.1:\(port.map(String.init) ?? "*")")
        let published = try broadcast.bind("tcp://127.0.0.1:*")
        welcome.broadcastPort = UInt32(Socket.port(of: published) ?? 0)
        let place = UInt16(Socket.port(of: endpoint) ?? 0)
        address.withLock {
            $0 = Address(secret: secret, host: "127.0.0.1", port: place, population: "digits")
        }
        thread.watch(router)
        thread.watch(broadcast)
        self.router = consume router
        self.broadcast = consume broadcast
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
        }
    }

    func closeSockets() {
        if let router = router.take() { thread.unwatch(router) }
        if let broadcast = broadcast.take() { thread.unwatch(broadcast) }
        if let authenticator = authenticator.take() { thread.unwatch(authenticator) }
    }

    func stop() async {
        closeSockets()
        await thread.stop()
    }

    /// Hears everything and answers nothing.
    func keepSilent(_ isSilent: Bool) { self.isSilent = isSilent }

    /// - Parameter spread: within which clients come back.
    func welcome(within spread: Duration, heartbeat: Duration) {
        welcome.returnMilliseconds = UInt32(spread / .milliseconds(1))
        welcome.heartbeatMilliseconds = UInt32(heartbeat / .milliseconds(1))
    }

    /// Goes on as a coordinator that was restarted behind a proxy: connections outlive it.
    func restart() { epoch += 1 }

    func lose(_ leases: [UInt64]) { gone = leases }

    func speak(_ versions: ClosedRange<UInt32>) { self.versions = versions }

    func publish(_ message: WireBroadcast, topic: String = "digits/leaderboard") throws {
        _ = try broadcast?.send(frames: [Array(topic.utf8), message.bytes])
    }

    private func turn() -> Duration {
        do {
            try authenticator?.serve()
            while let frames = try broadcast?.receiveFrames() { _ = frames }
            while let message = try router?.receiveRouted() {
                let peer = message.peer
                let request = try WireRequest(frame: message.body.bytes)
                let arrival = Arrival(
                    peer: peer, time: .now, isHello: request.hello != WireHello(),
                    bytes: message.body.bytes.count)
                memory.withLock { memory in
                    memory.arrivals.append(arrival)
                    if case .decline(let decline) = request.body {
                        memory.declines.append(decline)
                    }
                }
                guard !isSilent, let body = answer(request, from: peer) else { continue }
                var reply = WireReply()
                reply.id = request.id
                reply.epoch = epoch
                reply.committed = 7
                reply.body = body
                _ = try router?.send(reply.bytes, to: peer)
            }
        } catch {
            preconditionFailure("the script cannot go on: \(error)")
        }
        return SocketThread.longestWait
    }

    private func answer(_ request: WireRequest, from peer: RoutingID) -> WireReply.OneOf_Body? {
        switch request.body {
        case .hello(let hello):
            guard versions.contains(hello.maxVersion) else {
                var error = WireError.unsupportedVersion(hello)
                error.minVersion = versions.lowerBound
                return .error(error)
            }
            return .welcome(welcome)
        case .heartbeat(let heartbeat):
            memory.withLock { $0.heartbeats.append(heartbeat) }
            var alive = WireAlive()
            alive.gone = gone
            return .alive(alive)
        default:
            return memory.withLock { memory in
                memory.requests.append(request)
                memory.peers.insert(peer)
                return script(request, &memory)
            }
        }
    }
}

extension ScriptedCoordinator {
    nonisolated var requests: [WireRequest] { memory.withLock { $0.requests } }
    nonisolated var reports: [WireReport] { requests.map(\.report).filter { $0.sequence > 0 } }
    nonisolated var joins: [WireJoin] { requests.map(\.join).filter { !$0.key.isEmpty } }
}

// MARK: - Answers

extension WireReply.OneOf_Body {
    static func lease(
        _ token: UInt64, member: UInt64 = 3, step: UInt64 = 0, checkpoint: String = "",
        hyperparameters: [WireHyperparameter] = sample, sequence: UInt64 = 0,
        inherited: Bool = false, exploit: WireExploit? = nil
    ) -> Self {
        var lease = WireLease()
        lease.token = token
        lease.member = member
        lease.step = step
        lease.targetStep = step + 10
        lease.checkpoint = checkpoint
        lease.hyperparameters = hyperparameters
        lease.sequence = sequence
        lease.population = "digits"
        lease.inherited = inherited
        var directive = WireDirective()
        directive.outcome = exploit.map { .exploit($0) } ?? .continue(WireContinue())
        directive.assignment = .lease(lease)
        return .directive(directive)
    }

    static func same(
        targetStep: UInt64, exploit: WireExploit? = nil,
        releasing released: KeyValuePairs<UInt64, String> = [:]
    ) -> Self {
        var directive = WireDirective()
        directive.outcome = exploit.map { .exploit($0) } ?? .continue(WireContinue())
        var same = WireSame()
        same.targetStep = targetStep
        directive.assignment = .same(same)
        directive.released = released.map { number, checkpoint in
            var release = WireRelease()
            release.number = number
            release.checkpoint = checkpoint
            return release
        }
        return .directive(directive)
    }

    static var wait: Self { .wait(exploit: nil) }

    static func wait(exploit: WireExploit?) -> Self {
        var wait = WireWait()
        wait.milliseconds = 1
        var directive = WireDirective()
        directive.outcome = exploit.map { .exploit($0) } ?? .continue(WireContinue())
        directive.assignment = .wait(wait)
        return .directive(directive)
    }

    static func stop(_ reason: String) -> Self {
        var stop = WireStop()
        stop.reason = reason
        var directive = WireDirective()
        directive.assignment = .stop(stop)
        return .directive(directive)
    }

    static func refusal(_ code: WireError.Code) -> Self {
        .error(WireError(code, "The script says \(code.name)."))
    }

    /// lr = 0.1, units = 32
    static let sample = hyperparameters(0.1, 32)

    static func hyperparameters(_ rate: Double, _ units: Int64) -> [WireHyperparameter] {
        var first = WireHyperparameter()
        first.name = "lr"
        first.value.number = rate
        var second = WireHyperparameter()
        second.name = "units"
        second.value.integer = units
        return [first, second]
    }

    static func exploit(_ hyperparameters: [WireHyperparameter]) -> WireExploit {
        var exploit = WireExploit()
        exploit.donor = 9
        exploit.step = 30
        exploit.score = 0.9
        exploit.checkpoint = "donor.pt"
        exploit.donorHyperparameters = sample
        exploit.hyperparameters = hyperparameters
        return exploit
    }
}
