import Foundation
import TestSupport
import Testing

@testable import ZeroMQ

/// Clients that claim routing ids at a ROUTER without encryption, where nothing stops them before.
@Suite(.timeLimit(.minutes(5)))
struct RoutingIDTests {
    enum Claimed: CaseIterable, Sendable {
        /// The id of a client that claimed none: a zero byte and four more.
        case allotted
        /// The id that another client claimed.
        case claimed
    }

    @Test(arguments: Claimed.allCases)
    func `Claiming another client's routing id takes nothing from it`(
        _ kind: Claimed
    ) async throws {
        let context = try Context()
        var router = try Self.router(in: context)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let port = try #require(Socket.port(of: endpoint))
        let victim = try await RawPeer.introduced(
            to: port, kind == .claimed ? [("Identity", Array("victim".utf8))] : [])
        victim.say(RawPeer.frame(Array("from the victim".utf8)))
        let (peer, body) = try await Self.next(&router)
        #expect(body == Array("from the victim".utf8))
        let id = peer.withUnsafeBytes { [UInt8]($0) }
        #expect((id.count == 5 && id[0] == 0) == (kind == .allotted))

        // The thief claims it again and again while others come.
        var thieves: [RawPeer] = []
        for _ in 0..<20 {
            let thief = try await RawPeer.introduced(to: port, [("Identity", id)])
            thief.say(RawPeer.frame(Array("from a thief".utf8)))
            thieves.append(thief)
            var bystander = try await Socket.connectedDealer(to: endpoint, in: context)
            #expect(try bystander.send([1]) == .sent)
            while true {
                let (other, body) = try await Self.next(&router)
                #expect(other != peer, "only the victim speaks by its id")
                if body == [1] {
                    #expect(try router.send([2], to: other) == .sent)
                    break
                }
            }
            while try bystander.receiveFrames() == nil {
                try await moment(waitingFor: "the reply of the bystander")
            }
            #expect(try router.send(Array("for the victim".utf8), to: peer) == .sent)
        }
        let reply = RawPeer.frame(Array("for the victim".utf8))
        let replies = Array(repeatElement(reply, count: thieves.count).joined())
        while victim.received.firstRange(of: replies) == nil {
            victim.look()
            try #require(!victim.isHungUp)
            try await moment(waitingFor: "what peers get")
        }
        victim.say(RawPeer.frame(Array("again".utf8)))
        while true {
            let (other, body) = try await Self.next(&router)
            #expect((other == peer) == (body == Array("again".utf8)))
            if other == peer { break }
        }
        for thief in thieves {
            thief.look()
            #expect(thief.received.firstRange(of: Array("for the victim".utf8)) == nil)
        }
    }

    @Test func `A claimed routing id that looks allotted is like any other`() async throws {
        let context = try Context()
        var router = try Self.router(in: context)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let port = try #require(Socket.port(of: endpoint))
        let raw = try await RawPeer.introduced(to: port, [("Identity", [0, 1, 2, 3, 4])])
        raw.say(RawPeer.frame([1]))
        let (peer, _) = try await Self.next(&router)
        #expect(try router.send(Array("reply".utf8), to: peer) == .sent)
        while raw.received.firstRange(of: RawPeer.frame(Array("reply".utf8))) == nil {
            raw.look()
            try await moment(waitingFor: "what peers get")
        }
    }

    @Test func `The routing ids that are allotted cannot be foreseen`() async {
        // What an unseeded generator gives is the same in each new process.
        await #expect(processExitsWith: .success) {
            srand(1)
            let unseeded = UInt32(bitPattern: rand()) | UInt32(bitPattern: rand()) << 31
            srand(1)
            let context = try Context()
            var router = try RoutingIDTests.router(in: context)
            var dealer = try Socket(.dealer, in: context)
            try dealer.connect(router.bind("tcp://127.0.0.1:*"))
            _ = try dealer.send([1])
            let (peer, _) = try await RoutingIDTests.next(&router)
            let first = peer.withUnsafeBytes {
                UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
            }
            exit(first == unseeded ? EXIT_FAILURE : EXIT_SUCCESS)
        }
    }

    // MARK: - Helpers

    private static func router(in context: Context) throws -> Socket {
        try Socket(
            .router, in: context, options: [.routerMandatory(true), .routerHandover(false)])
    }

    private static func next(_ router: inout Socket) async throws -> (RoutingID, [UInt8]) {
        while true {
            if let message = try router.receiveRouted() {
                return (message.peer, message.body.bytes)
            }
            try await moment(waitingFor: "what peers get")
        }
    }
}
