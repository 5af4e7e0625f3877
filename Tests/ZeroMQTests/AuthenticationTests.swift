import CZeroMQ
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ZeroMQ

/// What becomes of connections, depending on the answer to the question whom to let in.
@Suite(.timeLimit(.minutes(5)))
struct AuthenticationTests {
    let context: Context
    let user = KeyPair.random()

    init() throws {
        context = try Context()
    }

    private func authenticator() throws -> Authenticator {
        var authenticator = try Authenticator(in: context)
        authenticator.allow(user.publicKey, as: "user", in: EncryptedServer.domain)
        return authenticator
    }

    @Test func `Where nobody answers, nobody is let in`() async throws {
        let server = try EncryptedServer(in: context)
        let client = try EncryptedClient(user, to: server, saying: [1])
        while !client.isTurnedAway {
            try await server.turn()
            try client.look()
            try #require(!client.isLetIn)
        }
        #expect(server.isUntouched)
    }

    @Test func `While the answer is slow nobody is let in, and then everybody who should`()
        async throws
    {
        var authenticator = try authenticator()
        let server = try EncryptedServer(in: context, handshake: .milliseconds(300))
        let first = try EncryptedClient(user, to: server, saying: [1])
        // The server breaks off what takes too long.
        while !first.isTurnedAway {
            try await server.turn()
            try first.look()
            try #require(!first.isLetIn)
        }
        #expect(server.isUntouched)
        let second = try EncryptedClient(user, to: server, saying: [2])
        while !first.isServed || !second.isServed {
            try authenticator.serve()
            try await server.turn()
            try first.look()
            try second.look()
        }
        #expect(Set(server.messages) == [[1], [2]])
        #expect(server.users == ["user", "user"])
    }

    /// An answer that lets the client in, to be spoiled.
    static let answer: [[UInt8]] = [
        Array("1.0".utf8), Array("1".utf8), Array("200".utf8), [], Array("user".utf8), [],
    ]

    private static func answer(_ place: Int, _ text: String) -> [[UInt8]] {
        var answer = answer
        answer[place] = Array(text.utf8)
        return answer
    }

    struct BadAnswer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var frames: [[UInt8]]

        init(_ what: String, _ frames: [[UInt8]]) {
            testDescription = what
            self.frames = frames
        }
    }

    @Test(arguments: [
        BadAnswer("another version", answer(0, "2.0")),
        BadAnswer("no version", answer(0, "")),
        BadAnswer("another request", answer(1, "2")),
        BadAnswer("a temporary failure", answer(2, "300")),
        BadAnswer("a refusal", answer(2, "400")),
        BadAnswer("an error", answer(2, "500")),
        BadAnswer("no status", answer(2, "")),
        BadAnswer("a status that does not exist", answer(2, "201")),
        BadAnswer("a status with more to it", answer(2, "2000")),
        BadAnswer("nonsense after the user", answer(5, "nonsense")),
        BadAnswer("a frame too few", answer.dropLast()),
        BadAnswer("no frame of use", [[]]),
        BadAnswer("a frame too many", answer + [[]]),
        BadAnswer("garbage", [[UInt8](repeating: 0xff, count: 1000)]),
    ])
    func `Whoever is not clearly let in is not`(_ bad: BadAnswer) async throws {
        var handler = try Socket(.rep, in: context)
        try handler.bind("inproc://zeromq.zap.01")
        let server = try EncryptedServer(in: context, handshake: .milliseconds(300))
        let client = try EncryptedClient(user, to: server, saying: [1])
        while !client.isTurnedAway {
            while try handler.receiveFrames() != nil {
                #expect(try handler.send(frames: bad.frames) == .sent)
            }
            try await server.turn()
            try client.look()
            try #require(!client.isLetIn)
        }
        #expect(server.isUntouched)
        // The bad answers harmed nobody but those that they were about.
        let other = try EncryptedClient(user, to: server, saying: [2])
        while !other.isServed {
            while try handler.receiveFrames() != nil {
                #expect(try handler.send(frames: Self.answer) == .sent)
            }
            try await server.turn()
            try other.look()
        }
        #expect(server.messages.contains([2]))
    }

    @Test(arguments: [nil, KeyPair.random()])
    func `A client without a key that is allowed disturbs nobody`(keys: KeyPair?) async throws {
        var authenticator = try authenticator()
        let server = try EncryptedServer(in: context)
        let bad = try EncryptedClient(keys, to: server, saying: [1])
        let good = try EncryptedClient(user, to: server, saying: [2])
        while !bad.isTurnedAway || !good.isServed {
            try authenticator.serve()
            try await server.turn()
            try bad.look()
            try good.look()
            try #require(!bad.isLetIn)
        }
        #expect(server.messages == [[2]])
    }

    @Test func `Each message tells whose key its connection has`() async throws {
        var authenticator = try Authenticator(in: context)
        let server = try EncryptedServer(in: context)
        let names = ["ada", "ben", "ada lovelace", "Ädä", String(repeating: "x", count: 255)]
        var dealers: [Dealer] = []
        for name in names {
            let keys = KeyPair.random()
            authenticator.allow(keys.publicKey, as: name, in: EncryptedServer.domain)
            dealers.append(
                try Dealer(keys, server: EncryptedServer.keys, to: server.routerEndpoint))
        }
        let rounds = 50
        for round in 0..<rounds {
            for (number, dealer) in dealers.enumerated() {
                #expect(try dealer.socket.send([UInt8(number), UInt8(round)]) == .sent)
            }
        }
        while server.messages.count < rounds * names.count {
            try authenticator.serve()
            try await server.turn()
        }
        for (message, user) in zip(server.messages, server.users) {
            #expect(user == names[Int(message[0])])
        }
    }

    @Test func `Whoever claims a routing id is given another one`() async throws {
        var authenticator = try authenticator()
        var router = try Socket(.router, in: context)
        try router.encrypt(asServer: EncryptedServer.keys, domain: EncryptedServer.domain)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        var numbers: [UInt32] = []
        // The last one is of the kind that libzmq would have allotted soon.
        for claimed in [[], Array("claimed".utf8), [0, 1, 2, 3, 4], [0]] as [[UInt8]] {
            var client = try Socket(.dealer, in: context)
            try client.encrypt(asClient: user, server: EncryptedServer.keys.publicKey)
            if let first = numbers.first, claimed == [0] {
                let next = withUnsafeBytes(of: (first &+ 100).bigEndian) { Array($0) }
                try client.set(ZMQ_ROUTING_ID, claimed + next)
            } else if !claimed.isEmpty {
                try client.set(ZMQ_ROUTING_ID, claimed)
            }
            try client.connect(endpoint)
            _ = try client.send([1])
            while true {
                try authenticator.serve()
                if let message = try router.receiveRouted() {
                    let isAllotted = message.peer.withUnsafeBytes { $0.count == 5 && $0[0] == 0 }
                    try #require(isAllotted)
                    numbers.append(
                        message.peer.withUnsafeBytes {
                            UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
                        })
                    #expect(message.body.property("User-Id") == "user")
                    #expect(try router.send([2], to: message.peer) == .sent)
                    break
                }
                try await moment(waitingFor: "the message")
            }
            while try client.receiveFrames() == nil {
                try await moment(waitingFor: "the reply")
            }
        }
        let first = try #require(numbers.first)
        #expect(numbers == (0..<4).map { first &+ $0 })
    }

    @Test func `What its own connection needs is gone once that stands`() async {
        await #expect(processExitsWith: .success) {
            let directory = FileManager.default.temporaryDirectory
                .appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: directory) }
            setenv("TMPDIR", directory.path, 1)
            func entries() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: directory.path)
            }
            var authenticator = try Authenticator(in: Context())
            // At once, unless the machine is busy.
            while try !entries().isEmpty { try authenticator.serve() }
            setenv("TMPDIR", directory.appending(path: "none").path, 1)
            #expect(throws: ZeroMQError.noTemporaryFiles(directory: "\(directory.path)/none")) {
                _ = try Authenticator(in: Context())
            }
        }
    }

    // MARK: - Several endpoints

    @Test func `A socket listens at several endpoints, each with its own keys and users`()
        async throws
    {
        let (low, high) = (KeyPair.random(), KeyPair.random())
        let (worker, admin) = (KeyPair.random(), KeyPair.random())
        var authenticator = try Authenticator(in: context)
        authenticator.allow(worker.publicKey, as: "worker", in: "low")
        authenticator.allow(admin.publicKey, as: "admin", in: "high")
        authenticator.allow(admin.publicKey, as: "visitor", in: "low")
        var router = try Socket(.router, in: context)
        try router.encrypt(asServer: low, domain: "low")
        let lowEndpoint = try router.bind("tcp://127.0.0.1:*")
        try router.encrypt(asServer: high, domain: "high")
        let highEndpoint = try router.bind("tcp://127.0.0.1:*")

        let dealers = [
            try Dealer(worker, server: low, to: lowEndpoint),
            try Dealer(admin, server: high, to: highEndpoint),
            try Dealer(admin, server: low, to: lowEndpoint),
            // Allowed, but not there.
            try Dealer(worker, server: high, to: highEndpoint),
            // Each endpoint has its own keys alone.
            try Dealer(worker, server: high, to: lowEndpoint),
            try Dealer(admin, server: low, to: highEndpoint),
        ]
        let expected: [String?] = ["worker", "admin", "visitor", nil, nil, nil]
        for (number, dealer) in dealers.enumerated() {
            _ = try dealer.socket.send([UInt8(number)])
        }
        var users = [String?](repeating: nil, count: dealers.count)
        while !dealers.allSatisfy({ $0.isDecided }) || users.count(where: { $0 != nil }) < 3 {
            try authenticator.serve()
            while let message = try router.receiveRouted() {
                users[Int(message.body.bytes[0])] = message.body.property("User-Id") ?? ""
            }
            for dealer in dealers { try dealer.look() }
            try await moment(waitingFor: "all handshakes")
        }
        #expect(users == expected)
        #expect(dealers.map(\.isLetIn) == expected.map { $0 != nil })
        #expect(dealers[3].verdict == .keyRefused)
    }
}

/// A DEALER and how its handshakes go.
private final class Dealer {
    var socket: Socket
    private var monitor: SocketMonitor
    private var observer = HandshakeObserver(isEncrypted: true)

    init(_ keys: KeyPair, server: KeyPair, to endpoint: String) throws {
        var socket = try Socket(
            .dealer, in: Context(),
            options: [.reconnect(interval: .milliseconds(5), maximum: .milliseconds(20))])
        try socket.encrypt(asClient: keys, server: server.publicKey)
        monitor = try SocketMonitor(of: socket)
        try socket.connect(endpoint)
        self.socket = socket
    }

    var verdict: HandshakeVerdict { observer.verdict }
    var isLetIn: Bool { verdict == .accepted }
    var isDecided: Bool { isLetIn || verdict.isFinal }

    func look() throws {
        while let event = try monitor.next() { observer.observe(event) }
    }
}
