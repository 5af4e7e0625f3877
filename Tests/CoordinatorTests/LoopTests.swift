import Foundation
import Journal
import Logging
import Messages
import TestSupport
import Testing
import ZeroMQ

@testable import Coordinator

@Suite(.timeLimit(.minutes(5))) struct LoopTests {
    @Test func `Reports are in the journal when they are answered`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        try await Dealer.asking(coordinator) { peer in
            _ = try peer.ask(.createPopulation(.sample(members: 1)))
            var join = WireJoin()
            join.key = Data(count: 16)
            let lease = try peer.ask(.join(join)).directive.lease
            for sequence in 1...20 as ClosedRange<UInt64> {
                var report = WireReport()
                report.lease = lease.token
                report.sequence = sequence
                report.step = sequence
                report.score = Double(sequence)
                report.checkpoint = "/c/\(sequence)"
                let reply = try peer.ask(.report(report))
                #expect(reply.directive.same.targetStep == sequence + 1)
                let reader = try Journal(directory: directory.path, access: .read)
                #expect(reader.sequence == Int(reply.committed))
                #expect(try reader.counts(of: 0).reports == Int(sequence))
            }
        }
        await coordinator.shutDown()
    }

    @Test func `What is not a request is answered, and the next request too`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        try await Dealer.asking(coordinator) { peer in
            try peer.send(frames: [[0xff, 0xff, 0xff]])
            #expect(try peer.receive().error.code == .malformed)
            try peer.send(frames: [[1], [2], [3]])
            #expect(try peer.receive().error.code == .malformed)
            #expect(try peer.ask(.listPopulations(WireListPopulations())).populations.more == false)
        }
        await coordinator.shutDown()
    }

    @Test func `A connection with many leases gets all that it asked for at once`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        try await Dealer.asking(coordinator) { peer in
            let ids = 1...64 as ClosedRange<UInt64>
            for _ in 1...10 {
                for id in ids {
                    var request = WireRequest()
                    request.id = id
                    request.listPopulations = WireListPopulations()
                    try peer.send(frames: [request.bytes])
                }
                #expect(try ids.map { _ in try peer.receive().id } == Array(ids))
            }
        }
        await coordinator.shutDown()
    }

    @Test func `Who subscribes late gets a board, and not what nobody subscribed to`() async throws
    {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        try await Dealer.asking(coordinator) { peer in
            _ = try peer.ask(.createPopulation(.sample(members: 3)))
            var hello = WireHello()
            (hello.minVersion, hello.maxVersion) = (1, 1)
            let port = try peer.ask(.hello(hello)).welcome.broadcastPort
            for topic in ["p/leaderboard", ""] {
                var socket = try Socket(.sub, in: Context())
                try socket.subscribe(topic)
                try socket.connect("tcp://127.0.0.1:\(port)")
                var poller = try Poller()
                poller.add(socket)
                var frames: [[UInt8]]?
                while frames == nil {
                    try poller.wait(atMost: .seconds(1))
                    frames = try socket.receiveFrames()
                }
                let received = try #require(frames)
                #expect(received.first == Array("p/leaderboard".utf8))
                let board = try WireBroadcast(frame: received[1])
                #expect(board.counter >= 1)
                #expect(board.leaderboard.summary.members == 3)
            }
        }
        await coordinator.shutDown()
    }

    @Test func `The url file is private, and goes with the coordinator`() async throws {
        let directory = try TemporaryDirectory()
        let secret = SharedSecret.generate().text
        let coordinator = try await Coordinator.serving(in: directory, secret: secret)
        let path = directory.path + "/" + Coordinator.urlFileName
        #expect(try String(contentsOfFile: path, encoding: .utf8) == coordinator.url! + "\n")
        #expect(coordinator.url?.contains(secret) == true)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        await coordinator.shutDown()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `A port that is taken, and a network without a secret, are refused in a sentence`()
        async throws
    {
        let directories = try [TemporaryDirectory(), TemporaryDirectory(), TemporaryDirectory()]
        let first = try await Coordinator.serving(in: directories[0], secret: nil)
        let port = Int(try Address(first.url!).port)
        var second = Coordinator.Configuration(data: directories[1].path, secret: nil)
        second.port = port
        let taken = await #expect(throws: CoordinatorError.self) {
            try await Coordinator(second).start()
        }
        #expect(taken?.description.contains("Port \(port) is taken") == true)
        var open = Coordinator.Configuration(data: directories[2].path, secret: nil)
        open.host = "0.0.0.0"
        let refused = await #expect(throws: CoordinatorError.self) {
            try await Coordinator(open).start()
        }
        #expect(refused?.description.contains("needs a secret") == true)
        let inUse = await #expect(throws: CoordinatorError.self) {
            _ = try await Coordinator.serving(in: directories[0], secret: nil)
        }
        #expect(inUse?.description.contains("in use") == true)
        await first.shutDown()
    }

    @Test func `An archive answers what the coordinator answered`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        #expect(Archive.isServed(directory: directory.path))
        let live = try await Dealer.asking(coordinator) { peer in
            _ = try peer.ask(.createPopulation(.sample(members: 3)))
            return try peer.ask(.getLeaderboard(WireGetLeaderboard()))
        }
        await coordinator.shutDown()
        #expect(!Archive.isServed(directory: directory.path))
        var archive = try Archive(directory: directory.path)
        let stored = archive.answer(.getLeaderboard(WireGetLeaderboard()))
        #expect(stored.committed == live.committed)
        var expected = live.leaderboard
        expected.summary.insecure = false
        #expect(stored.leaderboard == expected)
        var history = WireGetHistory()
        history.population = "p"
        #expect(archive.answer(.getHistory(history)).history.events.count == 3)
        #expect(archive.answer(.join(WireJoin())).error.code == .unavailable)
    }
}

extension Coordinator {
    /// A coordinator on free ports.
    static func serving(
        in directory: TemporaryDirectory, secret: String?, port: UInt16 = 0,
        broadcastPort: UInt16? = nil, lease: Duration? = nil
    ) async throws -> Coordinator {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var configuration = Configuration(data: directory.path, secret: secret, logger: logger)
        configuration.port = Int(port)
        configuration.broadcastPort = broadcastPort.map(Int.init)
        if let lease { configuration.lease = lease }
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        return coordinator
    }
}

extension WireCreatePopulation {
    static func sample(members: Int) -> WireCreatePopulation {
        var creation = WireCreatePopulation()
        creation.key = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
        creation.name = "p"
        creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
        creation.populationSize = UInt64(members)
        return creation
    }
}

/// A bare DEALER that waits for each answer, on the thread that uses it.
private struct Dealer: ~Copyable {
    private var socket: Socket
    private var poller: Poller

    private init(_ url: String) throws {
        var socket = try Socket(.dealer, in: Context())
        try socket.connect(try Address(url).endpoint)
        var poller = try Poller()
        poller.add(socket)
        self.socket = socket
        self.poller = poller
    }

    static func asking<Result: Sendable>(
        _ coordinator: Coordinator, _ body: @Sendable @escaping (inout Dealer) throws -> Result
    ) async throws -> Result {
        let url = try #require(coordinator.url)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Swift.Result {
                        var peer = try Dealer(url)
                        return try body(&peer)
                    })
            }
        }
    }

    mutating func ask(_ body: WireRequest.OneOf_Body) throws -> WireReply {
        var request = WireRequest()
        request.id = 1
        request.body = body
        try send(frames: [request.bytes])
        return try receive()
    }

    mutating func send(frames: [[UInt8]]) throws {
        while try socket.send(frames: frames) != .sent { try poller.wait(atMost: .milliseconds(1)) }
    }

    mutating func receive() throws -> WireReply {
        while true {
            if let frames = try socket.receiveFrames() { return try WireReply(frame: frames[0]) }
            try poller.wait(atMost: .seconds(1))
        }
    }
}
