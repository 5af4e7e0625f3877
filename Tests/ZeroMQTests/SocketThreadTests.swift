import TestSupport
import Testing
import ZeroMQ

/// Answers each message with itself.
actor EchoServer {
    let thread: SocketThread
    private let context: Context
    private var socket: Socket?
    private(set) var turns = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(in context: Context, longestWait: Duration = SocketThread.longestWait) throws {
        thread = try SocketThread(name: "echo server", longestWait: longestWait)
        self.context = context
    }

    func start() throws -> String {
        var router = try Socket(.router, in: context, options: [.routerMandatory(true)])
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        thread.watch(router)
        socket = consume router
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
        }
        return endpoint
    }

    private func turn() -> Duration {
        turns += 1
        while let message = try? socket?.receiveRouted() {
            _ = try? socket?.send(message.body.bytes, to: message.peer)
        }
        return SocketThread.longestWait
    }

    func close() {
        if let router = socket.take() {
            thread.unwatch(router)
        }
    }

    func onThread() -> Bool { thread.isOnThread }
}

/// Asks, and resumes the caller when the reply comes.
actor EchoClient {
    let thread: SocketThread
    private var socket: Socket?
    private var waiting: [UInt8: CheckedContinuation<[UInt8], Never>] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init() throws {
        thread = try SocketThread(name: "echo client")
    }

    func connect(to endpoint: String, in context: Context) throws {
        var dealer = try Socket(.dealer, in: context)
        try dealer.connect(endpoint)
        thread.watch(dealer)
        socket = consume dealer
        thread.onTurn { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
        }
    }

    func ask(_ number: UInt8) async throws -> [UInt8] {
        _ = try socket?.send([number, number])
        return await withCheckedContinuation { waiting[number] = $0 }
    }

    private func turn() -> Duration {
        while let message = try? socket?.receive() {
            let bytes = message.bytes
            waiting.removeValue(forKey: bytes[0])?.resume(returning: bytes)
        }
        return SocketThread.longestWait
    }

    func close() {
        if let dealer = socket.take() {
            thread.unwatch(dealer)
        }
    }
}

/// Enters the actor as if the caller ran on its thread.
private func enterFromHere(_ server: EchoServer) {
    server.assumeIsolated { _ in }
}

@Suite(.timeLimit(.minutes(5)))
struct SocketThreadTests {
    @Test func `Actors on socket threads ask and answer`() async throws {
        let context = try Context()
        let server = try EchoServer(in: context)
        let client = try EchoClient()
        try await client.connect(to: server.start(), in: context)

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in UInt8(0)..<200 {
                group.addTask {
                    let answer = try await client.ask(number)
                    #expect(answer == [number, number])
                }
            }
            try await group.waitForAll()
        }
        await client.close()
        await server.close()
        await client.thread.stop()
        await server.thread.stop()
    }

    @Test func `An actor's work runs on its thread and only there`() async throws {
        let server = try EchoServer(in: Context())
        #expect(await server.onThread())
        #expect(!server.thread.isOnThread)
        #expect(server.thread.isIsolatingCurrentContext() == false)
        await server.thread.stop()
    }

    @Test func `Entering the actor from another thread ends the process`() async {
        await #expect(processExitsWith: .failure) {
            try enterFromHere(EchoServer(in: Context()))
        }
    }

    @Test func `A sleeping thread runs a job without waiting out its poll`() async throws {
        // If nothing woke the thread, the second of them would wait for an hour.
        let server = try EchoServer(in: Context(), longestWait: .seconds(3600))
        for _ in 0..<100 { #expect(await server.onThread()) }
        await server.thread.stop()
    }

    @Test func `Turns go on when nothing happens`() async throws {
        let server = try EchoServer(in: Context())
        _ = try await server.start()
        let before = await server.turns
        while await server.turns < before + 3 { try await moment(waitingFor: "turns") }
        await server.close()
        await server.thread.stop()
    }

    @Test func `Stopping runs what was enqueued and what comes late`() async throws {
        let server = try EchoServer(in: Context())
        let runs = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { await server.onThread() ? 1 : 0 }
            }
            for _ in 0..<2 {
                group.addTask {
                    await server.thread.stop()
                    return 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(runs == 100)
        #expect(await server.onThread(), "a late job runs isolated too")
        await server.thread.stop()
    }
}

struct PollerTests {
    @Test(.timeLimit(.minutes(5)))
    func `A poller tells the socket that has something and can be woken`() throws {
        let context = try Context()
        var poller = try Poller()
        var left = try Socket(.pair, in: context)
        var right = try Socket(.pair, in: context)
        var idle = try Socket(.pair, in: context)
        try left.bind("inproc://left")
        try right.connect("inproc://left")
        try idle.bind("inproc://idle")
        poller.add(right)
        poller.add(idle)

        try poller.wait(atMost: .zero)
        var isReady = poller.isReady(right)
        #expect(!isReady)

        #expect(try left.send([1]) == .sent)
        try poller.wait(atMost: .seconds(3600))
        isReady = poller.isReady(right)
        #expect(isReady)
        isReady = poller.isReady(idle)
        #expect(!isReady)

        poller.remove(right)
        poller.waker.wake()
        try poller.wait(atMost: .seconds(3600))
        isReady = poller.isReady(right)
        #expect(!isReady)
    }

    @Test(.timeLimit(.minutes(5)))
    func `What comes while a socket sends ends the next wait`() throws {
        let context = try Context()
        var poller = try Poller()
        var left = try Socket(.pair, in: context)
        var right = try Socket(.pair, in: context)
        try left.bind("inproc://left")
        try right.connect("inproc://left")
        poller.add(right)
        // Now and then sending takes in what the socket's file tells of: after a millisecond or so.
        for _ in 0..<5000 {
            #expect(try right.receiveFrames() == nil)
            var isDrained = right.isDrained
            #expect(isDrained)
            #expect(try left.send([1]) == .sent)
            #expect(try right.send([2]) == .sent)
            isDrained = right.isDrained
            #expect(!isDrained)
            try poller.wait(atMost: .seconds(3600))
            let isReady = poller.isReady(right)
            #expect(isReady)
            #expect(try right.receiveFrames() == [[1]])
            #expect(try left.receiveFrames() == [[2]])
        }
    }

    @Test func `A socket that is drained stays so while nothing comes`() throws {
        let context = try Context()
        var poller = try Poller()
        var left = try Socket(.pair, in: context)
        var right = try Socket(.pair, in: context)
        try left.bind("inproc://left")
        try right.connect("inproc://left")
        poller.add(right)
        var isDrained = right.isDrained
        #expect(!isDrained)
        try poller.wait(atMost: .zero)
        isDrained = right.isDrained
        #expect(isDrained)
        #expect(try left.send([1]) == .sent)
        isDrained = right.isDrained
        #expect(isDrained)
        try poller.wait(atMost: .seconds(3600))
        isDrained = right.isDrained
        #expect(!isDrained)
        // Who does not receive is told again.
        try poller.wait(atMost: .seconds(3600))
        let isReady = poller.isReady(right)
        #expect(isReady)
    }
}
