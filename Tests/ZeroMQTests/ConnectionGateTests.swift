import TestSupport
import Testing

@testable import ZeroMQ

struct ConnectionGateTests {
    let start = ContinuousClock.now

    /// A gate of 1000 files that is open up to number 750.
    private func openGate() throws -> ConnectionGate {
        var gate = ConnectionGate(limit: 1000, at: start)
        let step = gate.look(lowestFree: 20, at: start) { reserve in
            #expect(reserve == 250)
            return 750
        }
        #expect(step == .resume(mark: 750))
        return gate
    }

    @Test func `It closes when all numbers below the mark are in use`() throws {
        var gate = try openGate()
        #expect(gate.look(lowestFree: 749, at: start) { _ in nil } == nil)
        #expect(gate.look(lowestFree: 750, at: start) { _ in nil } == .hold)
        #expect(gate.look(lowestFree: 750, at: start) { _ in nil } == nil)
    }

    @Test func `It closes when no file can be opened`() throws {
        var gate = try openGate()
        #expect(gate.look(lowestFree: nil, at: start) { _ in nil } == .hold)
    }

    @Test func `It opens again when the reserve is free, and a number beside it`() throws {
        var gate = try openGate()
        #expect(gate.look(lowestFree: 800, at: start) { _ in nil } == .hold)
        let later = start + ConnectionGate.pause
        // A number is free, but fewer than the reserve in all.
        #expect(gate.look(lowestFree: 30, at: later) { _ in nil } == nil)
        // The reserve, and no more.
        let evenLater = later + ConnectionGate.pause
        #expect(gate.look(lowestFree: 700, at: evenLater) { _ in 700 } == nil)
        let last = evenLater + ConnectionGate.pause
        #expect(gate.look(lowestFree: 30, at: last) { _ in 700 } == .resume(mark: 700))
        #expect(gate.look(lowestFree: 700, at: last) { _ in nil } == .hold)
    }

    @Test func `It stays closed for a while, and does not search for a mark meanwhile`() throws {
        var gate = try openGate()
        #expect(gate.look(lowestFree: nil, at: start) { _ in nil } == .hold)
        for milliseconds in stride(from: 0, to: 1000, by: 100) {
            let step = gate.look(lowestFree: 30, at: start + .milliseconds(milliseconds)) { _ in
                Issue.record("the search is costly")
                return 750
            }
            #expect(step == nil)
        }
        #expect(
            gate.look(lowestFree: 30, at: start + ConnectionGate.pause) { _ in 750 }
                == .resume(mark: 750))
    }

    @Test func `It knows when the mark is near`() throws {
        var gate = try openGate()
        #expect(gate.isNearMark, "just opened, nobody knows who waits")
        _ = gate.look(lowestFree: 499, at: start) { _ in nil }
        #expect(!gate.isNearMark)
        _ = gate.look(lowestFree: 500, at: start) { _ in nil }
        #expect(gate.isNearMark)
        _ = gate.look(lowestFree: 750, at: start) { _ in nil }
        #expect(!gate.isNearMark)
    }

    @Test(arguments: [
        (64, 32), (128, 64), (256, 64), (1024, 256), (20_000, 4096), (1_048_576, 4096),
    ])
    func `The reserve is a quarter of the limit, within bounds`(limit: Int, reserve: Int) {
        let gate = ConnectionGate(limit: limit, at: start)
        #expect(gate.reserve == reserve)
        #expect(2 * gate.queue(of: 2) <= reserve / 2)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct HoldingTests {
    /// Where the system cannot hold connections there is nothing to look at.
    static var isPossible: Bool {
        #if os(Linux)
            true
        #else
            false
        #endif
    }

    @Test(.enabled(if: isPossible))
    func `While connections are held, those that stand go on`() async throws {
        let context = try Context()
        var router = try Socket(.router, in: context)
        let endpoint = try router.listen(at: "tcp://127.0.0.1:*")
        var standing = try await Socket.connectedDealer(to: endpoint, in: context)
        let isHeld = router.holdConnections()
        #expect(isHeld)

        var waiting = try Socket(.dealer, in: context)
        var monitor = try SocketMonitor(of: waiting)
        try waiting.connect(endpoint)
        for number in UInt8(0)..<200 {
            #expect(try standing.send([number]) == .sent)
            while true {
                if let message = try router.receiveRouted() {
                    #expect(try router.send(message.body.bytes, to: message.peer) == .sent)
                }
                if let reply = try standing.receiveFrames() {
                    #expect(reply == [[number]])
                    break
                }
                try await moment(waitingFor: "the reply")
            }
            while let event = try monitor.next() { #expect(event != .connected) }
        }
        router.resumeConnections()
        while try monitor.next() != .handshakeSucceeded {
            try await moment(waitingFor: "the handshake")
        }
        _ = consume waiting
    }

    @Test(arguments: ["tcp://nonsense..x:7777", "tcp://192.0.2.1:7777", "tcp://127.0.0.1:x"])
    func `Where nobody can listen, the reason is the same as when binding`(
        endpoint: String
    ) throws {
        var socket = try Socket(.router, in: Context())
        let reason = try #require(throws: ZeroMQError.self) { try socket.bind(endpoint) }
        #expect(throws: reason) { try socket.listen(at: endpoint) }
    }

    @Test func `Listening is binding`() throws {
        let context = try Context()
        var router = try Socket(.router, in: context)
        let endpoint = try router.listen(at: "tcp://127.0.0.1:*")
        #expect(Socket.port(of: endpoint).map { $0 > 0 } == true)
        var other = try Socket(.router, in: context)
        #expect(throws: ZeroMQError.addressInUse(endpoint: endpoint)) {
            try other.listen(at: endpoint)
        }
        try router.unbind(endpoint)
        let isListening = !router.listeners.isEmpty
        #expect(!isListening)
        let isHeld = router.holdConnections()
        #expect(isHeld, "there is nothing to hold")
    }
}

struct OpenFilesTests {
    @Test func `A mark leaves so many numbers free above it`() throws {
        let limit = 1_000_000
        let mark = try #require(OpenFiles.mark(leaving: 100, below: limit))
        #expect(mark == limit - 100, "no file of the tests has such a number")
        #expect(OpenFiles.mark(leaving: limit + 1, below: limit) == nil)
    }

    @Test func `The lowest free number is one that a file may get`() throws {
        let number = try #require(OpenFiles.lowestFree())
        #expect(number > 2)
    }
}
