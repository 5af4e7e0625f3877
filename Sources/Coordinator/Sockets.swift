import Logging
import Messages
import ZeroMQ

/// The sockets that a coordinator serves with. They belong to its thread.
///
/// One ROUTER listens at up to two endpoints, each with keys and an authentication domain of its own:
/// that of the shared secret, or of nothing, and that of invitations. What everybody may read who has
/// the secret is published by one XPUB, and nobody else is let in there.
struct Sockets: ~Copyable {
    var router: Socket
    var broadcast: Socket
    /// The address for this machine, with what it takes to administer the coordinator.
    let address: Address
    /// 0 when nothing is published.
    let broadcastPort: Int
    let invitations: InvitationEndpoint?
    /// Everybody is let in, and nothing is encrypted.
    let isPlain: Bool
    private var fileReserve: FileReserve
    /// Declared last, it closes last. Without a secret nobody asks it.
    private var authenticator: Authenticator

    /// Messages queued for one connection. One that holds 64 leases may be answered 64 times in one
    /// turn, and libzmq tells of what a connection took only when that was half a queue: another 64
    /// must have room meanwhile. What has none is lost, and asked for again after a timeout. Longer
    /// would cost more memory for connections that do not read: at worst this is 7 MB for each.
    private static let sendQueue = 128
    private static let receiveQueue = 128
    /// Boards queued for one monitor before it misses some.
    private static let broadcastQueue = 100
    /// The longest subscription.
    private static let subscriptionBytes = 512
    /// What CURVE adds to a message.
    private static let curveBytes = 33
    private static let handshakeTimeout = Duration.seconds(30)
    private static let maxSockets = 64
    /// Where it listens at most: the ROUTER twice, and the XPUB.
    private static let listeners = 3

    /// What the authenticator knows the endpoints by: a key of one is none of the other.
    private enum Domain {
        static let secret = "murmuration/secret"
        static let invited = "murmuration/invited"
    }

    private static let keepAlive = SocketOption.tcpKeepAlive(
        idle: .seconds(60), interval: .seconds(15), count: 4)

    /// - Parameters:
    ///   - host: where to listen.
    ///   - serverKeys: for those who are invited; `nil` when nobody is.
    init(
        _ configuration: Coordinator.Configuration, at host: ListeningHost, serverKeys: ServerKeys?
    ) throws(CoordinatorError) {
        let secret = configuration.secret.map(SharedSecret.init)
        if secret?.isWeak == true {
            configuration.logger.warning(
                "the secret is short: it is taken on this machine only; murmur keys generate makes a strong one"
            )
        }
        let fileReserve = FileReserve(logger: configuration.logger)
        let queue = fileReserve.connectionQueue(of: Self.listeners)
        let context: Context
        var authenticator: Authenticator
        do throws(ZeroMQError) {
            context = try Context(maxSockets: Self.maxSockets)
            // Bound before the sockets that need it.
            authenticator = try Authenticator(in: context)
        } catch {
            throw .socket(error)
        }
        var router = try Self.makeRouter(in: context, queue: queue)
        var broadcast = try Self.makeBroadcast(in: context, queue: queue)
        let isPlain = secret == nil && serverKeys == nil
        if !isPlain {
            do throws(ZeroMQError) {
                try SecurityProbe.run()
            } catch {
                throw .socket(error)
            }
        }
        var invitations: InvitationEndpoint?
        var address: Address?
        var broadcastPort = 0
        if let keys = secret?.keys() {
            authenticator.allow(
                keys.client.publicKey, as: Keyring.sharedUser, in: Domain.secret)
            do throws(ZeroMQError) {
                try router.encrypt(asServer: keys.server, domain: Domain.secret)
                try broadcast.encrypt(asServer: keys.server, domain: Domain.secret)
            } catch {
                throw .socket(error)
            }
        }
        if secret != nil || isPlain {
            let port = try Self.bind(&router, host: host, port: configuration.port)
            broadcastPort = try Self.bind(
                &broadcast, host: host, port: Self.broadcastPort(of: configuration))
            address = Address(
                secret: secret?.text, host: host.reached, port: UInt16(clamping: port))
        }
        if let serverKeys {
            let (server, owner) = (serverKeys.server, serverKeys.owner)
            authenticator.allow(owner.publicKey, as: Keyring.sharedUser, in: Domain.invited)
            do throws(ZeroMQError) {
                try router.encrypt(asServer: server, domain: Domain.invited)
            } catch {
                throw .socket(error)
            }
            let port = try Self.bind(
                &router, host: host, port: Self.invitationsPort(of: configuration))
            invitations = InvitationEndpoint(
                serverKey: server.publicKey.bytes, port: port,
                host: host.invited, ownerKey: owner.publicKey.bytes)
            let invitation = Invitation(
                clientSecretKey: owner.secretKey.bytes,
                serverPublicKey: server.publicKey.bytes)
            address =
                address
                ?? Address(
                    credential: .invitation(invitation), host: host.reached,
                    port: UInt16(clamping: port))
        }
        guard let address else { preconditionFailure("a coordinator listens somewhere") }
        self.address = address
        self.invitations = invitations
        self.isPlain = isPlain
        self.broadcastPort = broadcastPort
        self.fileReserve = fileReserve
        self.authenticator = authenticator
        self.router = router
        self.broadcast = broadcast
    }

    /// Beyond this machine there is no serving without keys, unless that is said out loud.
    ///
    /// - Parameter isInviting: whether anybody is let in by invitation.
    /// - Returns: where it is to listen.
    @discardableResult
    static func check(
        _ configuration: Coordinator.Configuration, isInviting: Bool
    ) throws(CoordinatorError) -> ListeningHost {
        for port in [
            configuration.port, broadcastPort(of: configuration),
            invitationsPort(of: configuration),
        ] where !(0...65_535).contains(port) {
            throw .badPort(port)
        }
        if configuration.secret?.isEmpty == true { throw .emptySecret }
        let host = try ListeningHost(
            configuration.host, advertised: configuration.advertisedHost)
        if configuration.isInsecure {
            if configuration.secret != nil { throw .insecureWithSecret }
            if isInviting { throw .insecureWithInvitations }
            return host
        }
        guard !host.isLoopback else { return host }
        if let secret = configuration.secret, SharedSecret(secret).isWeak {
            throw .weakSecret(host: host.name)
        }
        guard configuration.secret != nil || isInviting else {
            throw .secretNeeded(host: host.name)
        }
        return host
    }

    /// The one after the workers' port, unless it is said; 0 for any.
    private static func broadcastPort(of configuration: Coordinator.Configuration) -> Int {
        configuration.broadcastPort ?? (configuration.port == 0 ? 0 : configuration.port + 1)
    }

    /// The one after that, which stays the same when a secret comes or goes.
    private static func invitationsPort(of configuration: Coordinator.Configuration) -> Int {
        configuration.invitationsPort ?? (configuration.port == 0 ? 0 : configuration.port + 2)
    }

    private static func makeRouter(
        in context: Context, queue: Int
    ) throws(CoordinatorError) -> Socket {
        try make(
            .router, in: context,
            [
                .backlog(queue),
                .routerMandatory(true), .routerHandover(false), .sendHighWaterMark(sendQueue),
                .receiveHighWaterMark(receiveQueue),
                // What is a little too long is refused with a sentence. Of what is longer libzmq ends
                // the connection.
                .maxMessageSize(2 * Limits.messageBytes + curveBytes),
            ])
    }

    private static func makeBroadcast(
        in context: Context, queue: Int
    ) throws(CoordinatorError) -> Socket {
        try make(
            .xpub, in: context,
            [
                .backlog(queue),
                .sendHighWaterMark(broadcastQueue), .xpubNoDrop(false),
                .maxMessageSize(subscriptionBytes),
            ])
    }

    private static func make(
        _ type: SocketType, in context: Context, _ options: [SocketOption]
    ) throws(CoordinatorError) -> Socket {
        do throws(ZeroMQError) {
            return try Socket(
                type, in: context,
                options: options + [
                    .handshakeTimeout(handshakeTimeout), keepAlive, .ipv6(true),
                ])
        } catch {
            throw .socket(error)
        }
    }

    private static func bind(
        _ socket: inout Socket, host: ListeningHost, port: Int
    ) throws(CoordinatorError) -> Int {
        let number = host.number.contains(":") ? "[\(host.number)]" : host.number
        do throws(ZeroMQError) {
            let endpoint = try socket.listen(
                at: "tcp://\(number):\(port == 0 ? "*" : String(port))")
            return Socket.port(of: endpoint) ?? port
        } catch {
            switch error {
            case .addressInUse: throw .portTaken(port)
            case .addressNotAvailable, .invalidEndpoint:
                throw .badHost(host.name, reason: "it is not an address of this machine")
            default: throw .socket(error)
            }
        }
    }

    func watch(on thread: SocketThread) {
        thread.watch(router)
        thread.watch(broadcast)
        thread.watch(authenticator)
    }

    func unwatch(on thread: SocketThread) {
        thread.unwatch(router)
        thread.unwatch(broadcast)
        thread.unwatch(authenticator)
    }

    /// Where it listens, by what for.
    var ports: [(name: String, port: Int)] {
        // Nothing is published where everybody is invited.
        let shared =
            broadcastPort == 0
            ? [] : [("workers", Int(address.port)), ("broadcast", broadcastPort)]
        return shared + [invitations.map { ("invitations", $0.port) }].compactMap(\.self)
    }

    /// Encrypted connections that were let in, and those that were not.
    var admitted: Int { authenticator.accepted }
    var turnedAway: Int { authenticator.refused }

    /// How long the next turn may be away.
    var longestWait: Duration { fileReserve.longestWait }

    /// Answers who may connect, and has others wait while there is no room for more.
    mutating func authenticate() throws(ZeroMQError) {
        if !authenticator.isDrained { try authenticator.serve() }
        let now = ContinuousClock.now
        switch fileReserve.look(at: now) {
        case .hold:
            let holds = [router.holdConnections(), broadcast.holdConnections()]
            fileReserve.didHold(!holds.contains(false), at: now)
        case .resume:
            router.resumeConnections()
            broadcast.resumeConnections()
        case nil: break
        }
    }

    /// Lets in and refuses from now on whom it is told. Connections that stand are not ended: the
    /// requests that come by them are refused.
    mutating func apply(_ admission: Keyring.Admission) {
        guard let key = try? Key(admission.publicKey) else {
            preconditionFailure("a public key of the keyring has 32 bytes")
        }
        if let user = admission.user {
            authenticator.allow(key, as: user, in: Domain.invited)
        } else {
            authenticator.revoke(key, in: Domain.invited)
        }
    }

    /// What a subscriber sent since the last time, if any did. It must be read, or libzmq keeps it.
    mutating func nextSubscription() throws(ZeroMQError) -> [UInt8]? {
        guard !broadcast.isDrained, let message = try broadcast.receive() else { return nil }
        return message.bytes
    }
}
