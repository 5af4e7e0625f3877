import TestSupport
import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(2))) struct TCPListenerTests {
    @Test func `A port that another one has is refused`() throws {
        let first = try TCPListener(at: "127.0.0.1", port: 0, queue: 1)
        #expect((1...65_535).contains(first.port))
        #expect(throws: ZeroMQError.addressInUse(endpoint: "127.0.0.1:\(first.port)")) {
            try TCPListener(at: "127.0.0.1", port: UInt16(first.port), queue: 1)
        }
        #expect(throws: ZeroMQError.addressNotAvailable(endpoint: "192.0.2.1:0")) {
            try TCPListener(at: "192.0.2.1", port: 0, queue: 1)
        }
    }

    @Test func `Nobody comes within the time`() throws {
        let listener = try TCPListener(at: "127.0.0.1", port: 0, queue: 1)
        #expect(try listener.accept(within: .milliseconds(1)) == nil)
    }

    @Test func `A connection receives and sends, and waits no longer than it should`() throws {
        let listener = try TCPListener(at: "127.0.0.1", port: 0, queue: 1)
        let peer = try RawPeer(to: listener.port)
        let connection = try #require(try listener.accept(within: .seconds(60)))
        let soon = ContinuousClock.now + .seconds(60)
        peer.say([1, 2, 3])
        #expect(connection.receive(atMost: 2, until: soon) == [1, 2])
        #expect(connection.receive(atMost: 2, until: soon) == [3])
        #expect(connection.receive(atMost: 2, until: .now + .milliseconds(1)) == nil)
        #expect(connection.send([4, 5], until: soon))
        // More than the system keeps for a peer that does not read.
        let much = [UInt8](repeating: 6, count: 64 << 20)
        #expect(!connection.send(much, until: .now + .milliseconds(20)))
    }

    @Test func `What was sent arrives although the peer goes on to send`() async throws {
        let listener = try TCPListener(at: "127.0.0.1", port: 0, queue: 1)
        let peer = try RawPeer(to: listener.port, saying: [UInt8](repeating: 1, count: 9000))
        var connection = try listener.accept(within: .seconds(60))
        let soon = ContinuousClock.now + .seconds(60)
        #expect(connection?.send([4, 5], until: soon) == true)
        connection?.end(takingAtMost: 9000, until: soon)
        connection = nil
        while !peer.isHungUp {
            peer.look()
            try await moment(waitingFor: "the end")
        }
        #expect(peer.received == [4, 5])
    }

    @Test func `Connections are counted by the port that they came to`() throws {
        let listeners = try (0..<2).map { _ in
            try TCPListener(at: "127.0.0.1", port: 0, queue: 4)
        }
        let ports = listeners.map { UInt16($0.port) }
        let before = try #require(OpenFiles.count(atPorts: ports))
        #expect(before.connections == [0, 0])
        #expect(before.files > 2)
        let peers = try (0..<3).map { _ in try RawPeer(to: listeners[1].port) }
        let connections = try peers.map { _ in
            try #require(try listeners[1].accept(within: .seconds(60)))
        }
        #expect(OpenFiles.count(atPorts: ports)?.connections == [0, 3])
        withExtendedLifetime((peers, connections)) {}
    }
}
