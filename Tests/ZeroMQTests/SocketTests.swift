import TestSupport
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(5)))
struct SocketTests {
    let context: Context

    init() throws {
        context = try Context()
    }

    @Test func `A router answers the dealer that asked`() async throws {
        var router = try Socket(.router, in: context, options: [.routerMandatory(true)])
        var dealer = try Socket(.dealer, in: context)
        try dealer.connect(router.bind("tcp://127.0.0.1:*"))

        #expect(try dealer.send([1, 2, 3]) == .sent)
        let peer = try await receive(&router, expecting: [1, 2, 3])
        #expect(try router.send([4], to: peer) == .sent)
        while true {
            if let reply = try dealer.receive() {
                #expect(reply.bytes == [4])
                let more = reply.more
                #expect(!more)
                break
            }
            try await moment(waitingFor: "a message")
        }
    }

    @Test(arguments: [0, 1, 33, 34, 60_000])
    func `A frame of any length arrives whole`(count: Int) async throws {
        var router = try Socket(.router, in: context)
        var dealer = try Socket(.dealer, in: context)
        try dealer.connect(router.bind("tcp://127.0.0.1:*"))
        let frame = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try dealer.send(frame) == .sent)
        _ = try await receive(&router, expecting: frame)
    }

    @Test func `Nothing to receive is no error`() throws {
        var router = try Socket(.router, in: context)
        try router.bind("tcp://127.0.0.1:*")
        let isNothing = try router.receive() == nil
        #expect(isNothing)
        #expect(try router.receiveFrames() == nil)
    }

    @Test func `A dealer without a connection is full`() throws {
        var dealer = try Socket(.dealer, in: context, options: [.immediate(true)])
        #expect(try dealer.send([1]) == .full)
    }

    @Test func `A mandatory router says that a peer is gone`() async throws {
        var router = try Socket(.router, in: context, options: [.routerMandatory(true)])
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let peer = try await askOnce(&router, at: endpoint)
        while try router.send([1], to: peer) != .unreachable {
            try await moment(waitingFor: "the peer to be gone")
        }
    }

    @Test func `A mandatory router says that a peer's queue is full`() async throws {
        var router = try Socket(
            .router, in: context, options: [.routerMandatory(true), .sendHighWaterMark(1)])
        var dealer = try Socket(.dealer, in: context, options: [.receiveHighWaterMark(1)])
        try dealer.connect(router.bind("inproc://full"))
        #expect(try dealer.send([1]) == .sent)
        let peer = try await receive(&router, expecting: [1])

        let frame = [UInt8](repeating: 0, count: 100)
        var sent = 0
        while try router.send(frame, to: peer) == .sent { sent += 1 }
        #expect(try router.send(frame, to: peer) == .full)
        #expect(sent == 2, "the queues of both sides hold one each")
        for _ in 0..<sent {
            #expect(try dealer.receiveFrames() == [frame])
        }
        #expect(try dealer.receiveFrames() == nil)
    }

    @Test func `All frames of a message arrive together`() async throws {
        var pub = try Socket(.xpub, in: context)
        var sub = try Socket(.sub, in: context)
        try sub.subscribe("a/")
        try sub.connect(pub.bind("tcp://127.0.0.1:*"))
        let subscription = try await eventuallyFrames(&pub)
        #expect(subscription == [[1] + Array("a/".utf8)])

        #expect(try pub.send(frames: [Array("b/".utf8), [1]]) == .sent)
        #expect(try pub.send(frames: [Array("a/x".utf8), [], [2]]) == .sent)
        #expect(try await eventuallyFrames(&sub) == [Array("a/x".utf8), [], [2]])
    }

    @Test func `A routed message tells of frames too many`() async throws {
        var router = try Socket(.router, in: context)
        var dealer = try Socket(.dealer, in: context)
        try dealer.connect(router.bind("tcp://127.0.0.1:*"))
        #expect(try dealer.send(frames: [[1], [2], [3]]) == .sent)
        #expect(try dealer.send([4]) == .sent)
        while true {
            if let message = try router.receiveRouted() {
                #expect(message.frameCount == 3)
                #expect(message.body.bytes == [1])
                break
            }
            try await moment(waitingFor: "a message")
        }
        _ = try await receive(&router, expecting: [4])
    }

    @Test func `A connection that sends too much is closed`() async throws {
        var router = try Socket(.router, in: context, options: [.maxMessageSize(64)])
        var monitor = try SocketMonitor(of: router)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        var dealer = try await Socket.connectedDealer(to: endpoint, in: context)
        #expect(try dealer.send([UInt8](repeating: 0, count: 65)) == .sent)
        while try monitor.next() != .disconnected {
            try await moment(waitingFor: "the disconnection")
        }
        #expect(try router.receiveFrames() == nil)
    }

    @Test func `Closing a monitored socket in the middle of its events hinders no other`()
        async throws
    {
        var router = try Socket(.router, in: context)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        for _ in 0..<200 {
            var dealer = try Socket(.dealer, in: context)
            let monitor = try SocketMonitor(of: dealer)
            try dealer.connect(endpoint)
            _ = consume dealer
            _ = consume monitor
        }
        var last = try await Socket.connectedDealer(to: endpoint, in: context)
        #expect(try last.send([1]) == .sent)
        _ = try await receive(&router, expecting: [1])
    }

    // MARK: - Addresses

    @Test func `A port that is taken is named`() throws {
        var first = try Socket(.router, in: context)
        var second = try Socket(.router, in: context)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        #expect(throws: ZeroMQError.addressInUse(endpoint: endpoint)) {
            try second.bind(endpoint)
        }
        let error = ZeroMQError.addressInUse(endpoint: endpoint)
        #expect(error.description.contains(endpoint))
    }

    @Test func `A port is free again after unbinding`() async throws {
        var first = try Socket(.router, in: context)
        var second = try Socket(.router, in: context)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        #expect(try #require(Socket.port(of: endpoint)) > 0)
        try first.unbind(endpoint)
        #expect(throws: ZeroMQError.notAttached(endpoint: endpoint)) {
            try first.unbind(endpoint)
        }
        // The I/O thread closes the old one soon after.
        while (try? second.bind(endpoint)) == nil {
            try await moment(waitingFor: "\(endpoint)")
        }
    }

    @Test(arguments: ["", "nowhere", "tcp://127.0.0.1", "bogus://x:1"])
    func `What is no address is named`(endpoint: String) throws {
        var socket = try Socket(.dealer, in: context)
        #expect(throws: ZeroMQError.invalidEndpoint(endpoint)) { try socket.connect(endpoint) }
    }

    @Test func `An address of another machine cannot be bound`() throws {
        var socket = try Socket(.router, in: context)
        let endpoint = "tcp://192.0.2.1:7777"
        #expect(throws: ZeroMQError.addressNotAvailable(endpoint: endpoint)) {
            try socket.bind(endpoint)
        }
    }

    @Test func `The settings of both sides are taken`() throws {
        _ = try Socket(
            .router, in: context,
            options: [
                .routerMandatory(true), .routerHandover(false), .sendHighWaterMark(32),
                .receiveHighWaterMark(128), .maxMessageSize(65_536), .backlog(4096),
                .handshakeTimeout(.seconds(30)), .linger(.zero), .ipv6(true),
                .tcpKeepAlive(idle: .seconds(60), interval: .seconds(15), count: 4),
            ])
        _ = try Socket(
            .dealer, in: context,
            options: [
                .immediate(true),
                .heartbeat(
                    interval: .seconds(15), timeout: .seconds(30), timeToLive: .seconds(45)),
                .reconnect(interval: .milliseconds(200), maximum: .seconds(60)),
            ])
        _ = try Socket(
            .xpub, in: context,
            options: [.sendHighWaterMark(1000), .xpubNoDrop(false), .xpubVerbose(true)])
    }

    @Test func `A setting that the socket does not have is refused`() {
        #expect(throws: ZeroMQError.self) {
            _ = try Socket(.dealer, in: context, options: [.xpubVerbose(true)])
        }
    }

    @Test func `A context without room for another socket says so`() throws {
        let small = try Context(maxSockets: 1)
        let first = try Socket(.dealer, in: small)
        #expect(throws: ZeroMQError.tooManySockets) { _ = try Socket(.dealer, in: small) }
        _ = consume first
    }

    @Test func `The limit of open files is raised`() throws {
        let limit = try #require(OpenFiles.raiseLimit())
        #expect(limit > 0)
        #expect(OpenFiles.raiseLimit() == limit)
    }

    // MARK: - Helpers

    private func receive(
        _ router: inout Socket, expecting bytes: [UInt8]
    ) async throws -> RoutingID {
        while true {
            if let message = try router.receiveRouted() {
                #expect(message.body.count == bytes.count)
                #expect(message.body.bytes == bytes)
                #expect(message.frameCount == 1)
                return message.peer
            }
            try await moment(waitingFor: "a message")
        }
    }

    private func eventuallyFrames(_ socket: inout Socket) async throws -> [[UInt8]] {
        while true {
            if let frames = try socket.receiveFrames() { return frames }
            try await moment(waitingFor: "a message")
        }
    }

    /// Asks with a dealer that is closed afterwards.
    private func askOnce(_ router: inout Socket, at endpoint: String) async throws -> RoutingID {
        var dealer = try Socket(.dealer, in: context)
        try dealer.connect(endpoint)
        #expect(try dealer.send([9]) == .sent)
        return try await receive(&router, expecting: [9])
    }
}
