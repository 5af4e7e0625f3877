import TestSupport
import ZeroMQ

/// An encrypted ROUTER and an encrypted XPUB, and what reached them.
final class EncryptedServer {
    static let domain = "tests"
    static let keys = KeyPair.random()
    /// What is published in every turn.
    static let payload = Array("for those only who are let in".utf8)

    let context: Context
    let routerEndpoint: String
    let publisherEndpoint: String
    private var router: Socket
    private var publisher: Socket
    /// The messages of the ROUTER, and who said them.
    private(set) var messages: [[UInt8]] = []
    private(set) var users: [String?] = []
    /// What subscribers sent to the XPUB.
    private(set) var subscriptions: [[UInt8]] = []

    /// - Parameter handshake: how long a client may take to be let in.
    init(in context: Context, handshake: Duration = .seconds(30)) throws {
        self.context = context
        let options: [SocketOption] = [.handshakeTimeout(handshake)]
        var router = try Socket(
            .router, in: context,
            options: options + [.routerMandatory(true), .routerHandover(false)])
        var publisher = try Socket(.xpub, in: context, options: options + [.xpubVerbose(true)])
        try router.encrypt(asServer: Self.keys, domain: Self.domain)
        try publisher.encrypt(asServer: Self.keys, domain: Self.domain)
        routerEndpoint = try router.bind("tcp://127.0.0.1:*")
        publisherEndpoint = try publisher.bind("tcp://127.0.0.1:*")
        self.router = router
        self.publisher = publisher
    }

    /// Takes what is there, answers, and publishes.
    func turn() async throws {
        while let message = try router.receiveRouted() {
            messages.append(message.body.bytes)
            users.append(message.body.property("User-Id"))
            _ = try router.send(message.body.bytes, to: message.peer)
        }
        while let frames = try publisher.receiveFrames() {
            subscriptions += frames
        }
        _ = try publisher.send(frames: [[], Self.payload])
        try await moment(waitingFor: "clients")
    }

    /// Whether nothing came from anybody.
    var isUntouched: Bool { messages.isEmpty && subscriptions.isEmpty }
}

/// A DEALER and a SUB of one user, who looks whether both are served.
final class EncryptedClient {
    private var dealer: Socket
    private var subscriber: Socket
    private var dealerMonitor: SocketMonitor
    private var subscriberMonitor: SocketMonitor
    private(set) var replies: [[UInt8]] = []
    private(set) var published: [[UInt8]] = []
    private(set) var dealerEvents: [ConnectionEvent] = []
    private(set) var subscriberEvents: [ConnectionEvent] = []

    /// - Parameter keys: without any it does not encrypt.
    init(_ keys: KeyPair?, to server: EncryptedServer, saying bytes: [UInt8]) throws {
        let context = try Context()
        let quick = SocketOption.reconnect(interval: .milliseconds(5), maximum: .milliseconds(20))
        var dealer = try Socket(.dealer, in: context, options: [quick])
        var subscriber = try Socket(.sub, in: context, options: [quick])
        if let keys {
            try dealer.encrypt(asClient: keys, server: EncryptedServer.keys.publicKey)
            try subscriber.encrypt(asClient: keys, server: EncryptedServer.keys.publicKey)
        }
        dealerMonitor = try SocketMonitor(of: dealer)
        subscriberMonitor = try SocketMonitor(of: subscriber)
        try subscriber.subscribe("")
        try dealer.connect(server.routerEndpoint)
        try subscriber.connect(server.publisherEndpoint)
        _ = try dealer.send(bytes)
        self.dealer = dealer
        self.subscriber = subscriber
    }

    func look() throws {
        while let event = try dealerMonitor.next() { dealerEvents.append(event) }
        while let event = try subscriberMonitor.next() { subscriberEvents.append(event) }
        while let frames = try dealer.receiveFrames() { replies += frames }
        while let frames = try subscriber.receiveFrames() { published += frames }
    }

    func say(_ bytes: [UInt8]) throws {
        _ = try dealer.send(bytes)
    }

    /// Both sockets have what they came for.
    var isServed: Bool { !replies.isEmpty && published.contains(EncryptedServer.payload) }

    /// Both sockets were sent away, and nothing came.
    var isTurnedAway: Bool {
        !isLetIn && replies.isEmpty && published.isEmpty
            && dealerEvents.contains(where: Self.isEnd)
            && subscriberEvents.contains(where: Self.isEnd)
    }

    var isLetIn: Bool {
        dealerEvents.contains(.handshakeSucceeded) || subscriberEvents.contains(.handshakeSucceeded)
    }

    private static func isEnd(_ event: ConnectionEvent) -> Bool {
        switch event {
        case .disconnected, .handshakeFailed, .protocolFailed, .refused: true
        default: false
        }
    }
}
