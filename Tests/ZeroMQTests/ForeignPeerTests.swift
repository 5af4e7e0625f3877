import TestSupport
import Testing

@testable import ZeroMQ

/// Peers that do not do what an encrypted socket demands.
@Suite(.timeLimit(.minutes(5)))
struct ForeignPeerTests {
    enum Target: CaseIterable, Sendable {
        case router, publisher
    }

    struct Peer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What it says to a ROUTER, and to an XPUB, without waiting for answers.
        var says: [Target: [UInt8]]

        /// - Parameter message: a frame that is to be delivered, once in.
        init(_ what: String, _ greeting: (_ type: String, _ message: [UInt8]) -> [UInt8]) {
            testDescription = what
            says = [
                .router: greeting("DEALER", Array("hello".utf8)),
                .publisher: greeting("SUB", [1]),
            ]
        }
    }

    /// The socket's number in ZMTP 2.
    private static func number(_ type: String) -> UInt8 { type == "DEALER" ? 5 : 2 }

    /// A frame of ZMTP 1: its length counts the flags.
    private static func old(_ body: [UInt8]) -> [UInt8] { [UInt8(body.count + 1), 0] + body }

    /// Those that a socket without encryption serves.
    static let oldPeers: [Peer] = [
        Peer("ZMTP 1.0") { old([]) + old($1) },
        Peer("ZMTP 1.0 with a long length") { [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0] + old($1) },
        Peer("ZMTP 2.0 of revision 0") { RawPeer.signature + [0, number($0)] + old([]) + old($1) },
        Peer("ZMTP 2.0") {
            RawPeer.signature + [1, number($0)] + RawPeer.frame([]) + RawPeer.frame($1)
        },
        Peer("ZMTP 2.0 that says who it is") {
            RawPeer.signature + [1, number($0)] + RawPeer.frame([7]) + RawPeer.frame($1)
        },
    ]

    static let peers: [Peer] = [
        Peer("NULL") { RawPeer.greeting("NULL") + RawPeer.ready($0) + RawPeer.frame($1) },
        Peer("PLAIN") {
            RawPeer.greeting("PLAIN")
                + RawPeer.command("HELLO", [5] + Array("admin".utf8) + [0])
                + RawPeer.command("INITIATE") + RawPeer.frame($1)
        },
        Peer("an unknown mechanism") {
            RawPeer.greeting("KERBEROS") + RawPeer.ready($0) + RawPeer.frame($1)
        },
        Peer("CURVE in a greeting that is a server's") {
            RawPeer.greeting("CURVE", isServer: true) + RawPeer.ready($0) + RawPeer.frame($1)
        },
        Peer("ready before the handshake") {
            RawPeer.greeting("CURVE") + RawPeer.ready($0) + RawPeer.frame($1)
        },
        Peer("a message before the handshake") { RawPeer.greeting("CURVE") + RawPeer.frame($1) },
        Peer("an encrypted message before the handshake") {
            RawPeer.greeting("CURVE")
                + RawPeer.command("MESSAGE", [UInt8](repeating: 1, count: 8) + $1)
        },
        Peer("the second step first") {
            RawPeer.greeting("CURVE")
                + RawPeer.command("INITIATE", [UInt8](repeating: 1, count: 240)) + $1
        },
        Peer("a first step of nonsense") {
            RawPeer.greeting("CURVE")
                + RawPeer.command("HELLO", [1, 0] + [UInt8](repeating: 2, count: 192)) + $1
        },
        Peer("an error of its own") {
            RawPeer.greeting("CURVE") + RawPeer.command("ERROR", [3] + Array("200".utf8)) + $1
        },
    ]

    @Test(arguments: oldPeers)
    func `Without encryption the old protocols are served`(peer: Peer) async throws {
        let context = try Context()
        var router = try Socket(.router, in: context)
        let port = try #require(Socket.port(of: router.bind("tcp://127.0.0.1:*")))
        let raw = try RawPeer(to: port, saying: #require(peer.says[.router]))
        while true {
            if let message = try router.receiveRouted() {
                #expect(message.body.bytes == Array("hello".utf8))
                break
            }
            raw.look()
            try #require(!raw.isHungUp)
            try await moment(waitingFor: "what peers get")
        }
    }

    @Test(arguments: oldPeers + peers, Target.allCases)
    func `A peer that does not encrypt gets nothing and is hung up on`(
        peer: Peer, target: Target
    ) async throws {
        let context = try Context()
        let user = KeyPair.random()
        var authenticator = try Authenticator(in: context)
        authenticator.allow(user.publicKey, as: "user", in: EncryptedServer.domain)
        let server = try EncryptedServer(in: context)
        let endpoint = target == .router ? server.routerEndpoint : server.publisherEndpoint
        let port = try #require(Socket.port(of: endpoint))
        let raw = try RawPeer(to: port, saying: #require(peer.says[target]))
        let client = try EncryptedClient(user, to: server, saying: [42])
        while !raw.isHungUp || !client.isServed {
            try authenticator.serve()
            try await server.turn()
            raw.look()
            try client.look()
        }
        #expect(server.messages == [[42]])
        #expect(server.users == ["user"])
        #expect(server.subscriptions == [[1]], "those of the client")
        #expect(raw.received.firstRange(of: EncryptedServer.payload) == nil)
    }

    @Test func `Without encryption a client may claim to be anybody`() async throws {
        let context = try Context()
        var router = try Socket(.router, in: context)
        let port = try #require(Socket.port(of: router.bind("tcp://127.0.0.1:*")))
        let raw = try await RawPeer.introduced(to: port, [("User-Id", Array("admin".utf8))])
        raw.say(RawPeer.frame([1]))
        while true {
            if let message = try router.receiveRouted() {
                #expect(message.body.property("User-Id") == "admin")
                break
            }
            raw.look()
            try #require(!raw.isHungUp)
            try await moment(waitingFor: "what peers get")
        }
    }
}
