/// Tries out on loopback, with keys that are thrown away, whether encrypted sockets of this module
/// let in whom they should and nobody else. What that takes is libzmq's, and some of it by options
/// that it does not promise.
///
/// Run it before serving with encryption.
public enum SecurityProbe {
    /// What is wrong.
    public enum Finding: UInt8, Sendable {
        /// A client that does not encrypt came in.
        case unencryptedClientServed
        /// A client came in whose key nobody allowed.
        case unknownKeyServed
        /// A client came in although nobody was there to allow it.
        case servedWithoutAuthenticator
        /// A client whose key is allowed did not come in, or not as who it is.
        case rightKeyRefused
        /// Not all of them came in or were turned away in time.
        case undecided
    }

    /// Returns after some tens of milliseconds, or later on a busy machine.
    ///
    /// - Parameter patience: how long to wait until every client came in or was turned away.
    /// - Throws: ``ZeroMQError/unprotected(_:)`` when one came in that must not, or did not that
    ///   must.
    public static func run(patience: Duration = .seconds(10)) throws(ZeroMQError) {
        try run(patience: patience) { socket, keys throws(ZeroMQError) in
            try socket.encrypt(asServer: keys, domain: domain)
        } admit: { authenticator, right, _ in
            authenticator.allow(right, as: userID, in: domain)
        }
    }

    static let domain = "probe"
    static let userID = "right"
    private static let maxSockets = 32
    private static let anyPort = "tcp://127.0.0.1:*"

    /// - Parameters:
    ///   - encrypt: makes the socket that is tried one that encrypts with these keys.
    ///   - admit: allows the right key, and not the unknown one.
    static func run(
        patience: Duration,
        encrypt: (inout Socket, KeyPair) throws(ZeroMQError) -> Void,
        admit: (inout Authenticator, _ right: Key, _ unknown: Key) -> Void
    ) throws(ZeroMQError) {
        let deadline = ContinuousClock.now + patience
        let (server, right, unknown) = (KeyPair.random(), KeyPair.random(), KeyPair.random())
        let context = try Context(maxSockets: maxSockets)
        var authenticator = try Authenticator(in: context)
        admit(&authenticator, right.publicKey, unknown.publicKey)
        var guarded = try Socket(.router, in: context)
        try encrypt(&guarded, server)
        let endpoint = try guarded.bind(anyPort)
        // An authenticator answers in its own context only.
        let deserted = try Context(maxSockets: maxSockets)
        var unguarded = try Socket(.router, in: deserted)
        try encrypt(&unguarded, server)

        let visitors = [
            try Visitor(.unencryptedClientServed, in: context, to: endpoint, of: server),
            try Visitor(.unknownKeyServed, with: unknown, in: context, to: endpoint, of: server),
            try Visitor(.rightKeyRefused, with: right, in: context, to: endpoint, of: server),
            try Visitor(
                .servedWithoutAuthenticator, with: right, in: deserted,
                to: unguarded.bind(anyPort), of: server),
        ]
        var poller = try Poller()
        authenticator.forEachSocket { poller.add($0) }
        poller.add(guarded)
        poller.add(unguarded)
        for visitor in visitors { poller.add(visitor.monitor.socket) }

        var isServed = false
        while !isServed || visitors.contains(where: { !$0.isDecided }) {
            let rest = deadline - .now
            guard rest > .zero else { throw .unprotected(.undecided) }
            try poller.wait(atMost: rest)
            try authenticator.serve()
            while let message = try guarded.receiveRouted() {
                let number = message.body.bytes.first ?? 0
                let finding = Finding(rawValue: number) ?? .unencryptedClientServed
                isServed =
                    finding == .rightKeyRefused && message.body.property("User-Id") == userID
                guard isServed else { throw .unprotected(finding) }
            }
            guard try unguarded.receiveFrames() == nil else {
                throw .unprotected(.servedWithoutAuthenticator)
            }
            for visitor in visitors { try visitor.look() }
        }
    }
}

extension SecurityProbe.Finding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unencryptedClientServed: Self.refused("a client that does not encrypt")
        case .unknownKeyServed: Self.refused("a client with an unknown key")
        case .servedWithoutAuthenticator: Self.refused("a client that nobody checked")
        case .rightKeyRefused:
            """
            In a trial the installed libzmq kept out a client with the right key; install \
            libzmq 4.3.4 or newer, built with CURVE.
            """
        case .undecided:
            """
            A trial of the encryption on 127.0.0.1 did not end in time; start again when the \
            machine is less busy, and see that nothing blocks connections to itself.
            """
        }
    }

    private static func refused(_ client: String) -> String {
        """
        In a trial the installed libzmq let in \(client), so serving is not safe; install \
        libzmq 4.3.4 or newer, built with CURVE.
        """
    }
}

/// A client that tries to come in.
private final class Visitor {
    /// What it means when it does not fare as it should. It says its number when it is in.
    private let finding: SecurityProbe.Finding
    private let dealer: Socket
    private(set) var monitor: SocketMonitor
    private var observer: HandshakeObserver
    private(set) var isDecided = false

    init(
        _ finding: SecurityProbe.Finding, with keys: KeyPair? = nil, in context: Context,
        to endpoint: String, of server: KeyPair
    ) throws(ZeroMQError) {
        var dealer = try Socket(.dealer, in: context)
        if let keys {
            try dealer.encrypt(asClient: keys, server: server.publicKey)
        }
        monitor = try SocketMonitor(of: dealer)
        try dealer.connect(endpoint)
        _ = try dealer.send([finding.rawValue])
        self.dealer = dealer
        self.finding = finding
        observer = HandshakeObserver(isEncrypted: keys != nil)
    }

    func look() throws(ZeroMQError) {
        while !isDecided, let event = try monitor.next() {
            observer.observe(event)
            let isIn = observer.verdict == .accepted
            isDecided = isIn || observer.verdict.isFinal || observer.isBrokenOff
            if isDecided, isIn != (finding == .rightKeyRefused) { throw .unprotected(finding) }
        }
    }
}
