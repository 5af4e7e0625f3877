import Messages
import ZeroMQ

/// The sockets that a coordinator serves with. They belong to its thread.
struct Sockets: ~Copyable {
    var router: Socket
    var broadcast: Socket
    let address: Address
    let broadcastPort: Int
    /// Declared last of the sockets, it closes last of them.
    private var authenticator: Authenticator?

    /// Messages queued for one worker, which has one request outstanding for each of its leases.
    private static let sendQueue = 32
    private static let receiveQueue = 128
    /// Boards queued for one monitor before it misses some.
    private static let broadcastQueue = 100
    /// The longest subscription.
    private static let subscriptionBytes = 512
    /// What CURVE adds to a message.
    private static let curveBytes = 33
    private static let connectionQueue = 4096
    private static let handshakeTimeout = Duration.seconds(30)
    private static let maxSockets = 64

    private static let keepAlive = SocketOption.tcpKeepAlive(
        idle: .seconds(60), interval: .seconds(15), count: 4)

    init(_ configuration: Coordinator.Configuration) throws(CoordinatorError) {
        let host = configuration.host
        let secret = configuration.secret.map(SharedSecret.init)
        if !Address.isLoopback(host) {
            guard let secret else { throw .secretNeeded(host: host) }
            if secret.isWeak { throw .weakSecret(host: host) }
        } else if secret?.isWeak == true {
            configuration.logger.warning(
                "the secret is short: it is taken on this machine only; murmur keys generate makes a strong one"
            )
        }
        Context.raiseFileLimit()
        do throws(ZeroMQError) {
            let context = try Context(ioThreads: 1, maxSockets: Self.maxSockets)
            let keys = secret?.keys()
            if let keys {
                var authenticator = try Authenticator(in: context)
                authenticator.allow(keys.client.publicKey, as: "secret")
                self.authenticator = authenticator
            } else {
                authenticator = nil
            }
            router = try Socket(
                .router, in: context,
                options: [
                    .routerMandatory(true), .routerHandover(false),
                    .sendHighWaterMark(Self.sendQueue), .receiveHighWaterMark(Self.receiveQueue),
                    .maxMessageSize(Limits.messageBytes + Self.curveBytes),
                    .backlog(Self.connectionQueue), .handshakeTimeout(Self.handshakeTimeout),
                    Self.keepAlive, .ipv6(true),
                ])
            broadcast = try Socket(
                .xpub, in: context,
                options: [
                    .sendHighWaterMark(Self.broadcastQueue), .xpubNoDrop(false),
                    .maxMessageSize(Self.subscriptionBytes), .backlog(Self.connectionQueue),
                    .handshakeTimeout(Self.handshakeTimeout), Self.keepAlive, .ipv6(true),
                ])
            if let keys {
                try router.encrypt(asServer: keys.server)
                try broadcast.encrypt(asServer: keys.server)
            }
        } catch {
            throw .socket(error)
        }
        let port = try Self.bind(&router, host: host, port: configuration.port)
        broadcastPort = try Self.bind(
            &broadcast, host: host,
            port: configuration.broadcastPort ?? (configuration.port == 0 ? 0 : port + 1))
        address = Address(
            secret: secret?.text, host: Address.reachable(host), port: port, population: nil)
    }

    private static func bind(
        _ socket: inout Socket, host: String, port: Int
    ) throws(CoordinatorError) -> Int {
        let name = host.contains(":") ? "[\(host)]" : host
        do throws(ZeroMQError) {
            let endpoint = try socket.bind("tcp://\(name):\(port == 0 ? "*" : String(port))")
            return Socket.port(of: endpoint) ?? port
        } catch {
            switch error {
            case .addressInUse: throw .portTaken(port)
            case .addressNotAvailable, .invalidEndpoint:
                throw .badHost(host, reason: "it is not an address of this machine")
            default: throw .socket(error)
            }
        }
    }

    func watch(on thread: SocketThread) {
        thread.watch(router)
        thread.watch(broadcast)
        authenticator.watch(on: thread)
    }

    func unwatch(on thread: SocketThread) {
        thread.unwatch(router)
        thread.unwatch(broadcast)
        authenticator.unwatch(on: thread)
    }

    /// Answers who may connect.
    mutating func authenticate() throws(ZeroMQError) {
        try authenticator?.serve()
    }

    /// Subscriptions must be read, or libzmq keeps them.
    mutating func drainSubscriptions() throws(ZeroMQError) {
        while try broadcast.receive() != nil {}
    }
}
