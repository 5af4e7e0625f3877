import TestSupport
import Testing

@testable import ZeroMQ

/// What each side has.
enum Secret: Sendable {
    case none, shared, other
}

@Suite(.timeLimit(.minutes(5)))
struct SecurityTests {
    /// Deriving is slow on purpose.
    static let keys = SharedSecret("a secret of the tests, long enough").keys()
    static let otherKeys = SharedSecret("another secret of these tests here").keys()
    static let domain = "tests"

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var server: Secret
        var client: Secret
        var isAllowed = true
        var isListening = true
        /// Two, where the server may close before the client can read why.
        var verdicts: Set<HandshakeVerdict>
    }

    @Test(arguments: [
        Case(
            testDescription: "the same secret", server: .shared, client: .shared,
            verdicts: [.accepted]),
        Case(
            testDescription: "no secret on both sides", server: .none, client: .none,
            verdicts: [.accepted]),
        Case(
            testDescription: "a client without the secret", server: .shared, client: .none,
            verdicts: [.secretRequired, .foreign]),
        Case(
            testDescription: "a client with another secret", server: .shared, client: .other,
            verdicts: [.secretWrong]),
        Case(
            testDescription: "a client whose key is not allowed", server: .shared,
            client: .shared, isAllowed: false, verdicts: [.keyRefused]),
        Case(
            testDescription: "a server without a secret", server: .none, client: .shared,
            verdicts: [.secretUnexpected, .secretWrong]),
        Case(
            testDescription: "nothing that listens", server: .shared, client: .shared,
            isListening: false, verdicts: [.unreachable]),
    ])
    func `A client learns why it gets nowhere`(_ example: Case) async throws {
        let context = try Context()
        var authenticator = try Authenticator(in: context)
        if example.isAllowed {
            authenticator.allow(Self.keys.client.publicKey, as: "worker", in: Self.domain)
        }
        var router = try Socket(.router, in: context)
        if example.server == .shared {
            try router.encrypt(asServer: Self.keys.server, domain: Self.domain)
        }
        // A free port could be taken by someone else at once; nobody listens at the first one.
        let endpoint =
            example.isListening
            ? try router.bind("tcp://127.0.0.1:*") : "tcp://127.0.0.1:1"

        var dealer = try Socket(.dealer, in: Context())
        switch example.client {
        case .none: break
        case .shared:
            try dealer.encrypt(asClient: Self.keys.client, server: Self.keys.server.publicKey)
        case .other:
            try dealer.encrypt(
                asClient: Self.otherKeys.client, server: Self.otherKeys.server.publicKey)
        }
        try dealer.set(.reconnect(interval: .milliseconds(1), maximum: .milliseconds(10)))
        var monitor = try SocketMonitor(of: dealer)
        try dealer.connect(endpoint)
        #expect(try dealer.send([7]) == .sent)

        var observer = HandshakeObserver(isEncrypted: example.client != .none)
        var received: [[UInt8]] = []
        while observer.verdict == .pending || (observer.verdict == .accepted && received.isEmpty) {
            try authenticator.serve()
            if let message = try router.receiveRouted() {
                received.append(message.body.bytes)
                let user = message.body.property("User-Id")
                #expect(user == (example.server == .shared ? "worker" : nil))
            }
            while let event = try monitor.next() { observer.observe(event) }
            try await moment(waitingFor: "the verdict")
        }
        #expect(example.verdicts.contains(observer.verdict))
        #expect(received == (example.verdicts == [.accepted] ? [[7]] : []))
    }

    @Test func `A few broken handshakes are not conclusive`() {
        var observer = HandshakeObserver(isEncrypted: true)
        for _ in 1..<HandshakeObserver.conclusive { observer.observe(.handshakeFailed) }
        #expect(observer.verdict == .pending)
        observer.observe(.protocolFailed(.mechanismMismatch))
        #expect(observer.verdict == .secretUnexpected)
        observer.observe(.handshakeSucceeded)
        observer.observe(.handshakeFailed)
        #expect(observer.verdict == .accepted)
        for _ in 1..<HandshakeObserver.conclusive { observer.observe(.handshakeFailed) }
        #expect(observer.verdict == .secretWrong)
    }

    // MARK: - Authenticator

    /// A request that is allowed, to be spoiled.
    static let request: [[UInt8]] = [
        Array("1.0".utf8), [42], Array(domain.utf8), Array("127.0.0.1".utf8), [],
        Array("CURVE".utf8), keys.client.publicKey.bytes,
    ]

    @Test func `The authenticator names the user of an allowed key`() throws {
        var authenticator = try Authenticator(in: Context())
        authenticator.allow(Self.keys.client.publicKey, as: "admin", in: Self.domain)
        let reply = authenticator.answer(Self.request)
        #expect(
            reply.dropLast() == [
                Array("1.0".utf8), [42], Array("200".utf8), [], Array("admin".utf8),
            ])
        // A routing id with it, another one for each connection.
        #expect(reply[5].starts(with: [8] + Array("Identity".utf8) + [0, 0, 0, 5, 0]))
        #expect(reply[5].count == 18)
        #expect(authenticator.answer(Self.request)[5] != reply[5])
        authenticator.revoke(Self.keys.client.publicKey, in: Self.domain)
        #expect(authenticator.answer(Self.request)[2] == Array("400".utf8))
    }

    @Test func `A key is allowed in its own domain alone, as the user that it is there`() throws {
        var authenticator = try Authenticator(in: Context())
        let key = Self.keys.client.publicKey
        authenticator.allow(key, as: "here", in: Self.domain)
        authenticator.allow(key, as: "there", in: "other")
        authenticator.allow(Self.otherKeys.client.publicKey, as: "stranger", in: "other")
        var request = Self.request
        #expect(authenticator.answer(request)[4] == Array("here".utf8))
        request[2] = Array("other".utf8)
        #expect(authenticator.answer(request)[4] == Array("there".utf8))
        authenticator.revoke(key, in: "other")
        #expect(authenticator.answer(request)[2] == Array("400".utf8))
        #expect(authenticator.answer(Self.request)[4] == Array("here".utf8))
        request[6] = Self.otherKeys.client.publicKey.bytes
        #expect(authenticator.answer(request)[4] == Array("stranger".utf8))
        request[2] = Array(Self.domain.utf8)
        #expect(authenticator.answer(request)[2] == Array("400".utf8))
    }

    @Test(arguments: [
        (0, Array("2.0".utf8)), (2, []), (2, Array("other".utf8)), (5, Array("NULL".utf8)),
        (5, Array("PLAIN".utf8)), (6, []), (6, [UInt8](repeating: 1, count: 31)),
        (6, [UInt8](repeating: 1, count: 32)),
    ])
    func `The authenticator refuses whatever else it is asked`(
        place: Int, frame: [UInt8]
    ) throws {
        var authenticator = try Authenticator(in: Context())
        authenticator.allow(Self.keys.client.publicKey, as: "admin", in: Self.domain)
        var request = Self.request
        request[place] = frame
        let reply = authenticator.answer(request)
        #expect(reply[2] != Array("200".utf8))
        #expect(reply[4].isEmpty)
    }

    @Test(arguments: 0...6)
    func `The authenticator refuses a request that is cut short`(count: Int) throws {
        var authenticator = try Authenticator(in: Context())
        authenticator.allow(Self.keys.client.publicKey, as: "admin", in: Self.domain)
        let reply = authenticator.answer(Array(Self.request.prefix(count)))
        #expect(reply.count == 6)
        #expect(reply[2] != Array("200".utf8))
    }

    @Test func `There is one authenticator in a context`() throws {
        let context = try Context()
        let first = try Authenticator(in: context)
        #expect(throws: ZeroMQError.addressInUse(endpoint: "inproc://zeromq.zap.01")) {
            _ = try Authenticator(in: context)
        }
        _ = consume first
    }
}
