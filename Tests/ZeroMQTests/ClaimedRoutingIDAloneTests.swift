import CZeroMQ
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ZeroMQ

/// It takes every processor.
@Suite(.alone, .timeLimit(.minutes(5)))
struct ClaimedRoutingIDAloneTests {
    /// On a busy machine the answer may overtake the I/O thread, which has to wait for who was woken
    /// by the question: without a fence a fifth of these clients got what they claimed.
    @Test func `However fast the answer is, a routing id that is claimed counts for nothing`()
        async throws
    {
        let isOver = Mutex(false)
        for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
            Thread.detachNewThread { while !isOver.withLock(\.self) {} }
        }
        defer { isOver.withLock { $0 = true } }
        let ids = try await onThread { try Self.idsOfClaimants(100) }
        #expect(ids.count == 100)
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.count == 5 && $0[0] == 0 })
    }

    /// The routing ids of clients that come one after the other and all claim the same.
    private static func idsOfClaimants(_ count: Int) throws -> [[UInt8]] {
        let context = try Context()
        let user = KeyPair.random()
        var authenticator = try Authenticator(in: context)
        authenticator.allow(user.publicKey, as: "user", in: EncryptedServer.domain)
        var router = try Socket(.router, in: context)
        try router.encrypt(asServer: EncryptedServer.keys, domain: EncryptedServer.domain)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        var poller = try Poller()
        authenticator.forEachSocket { poller.add($0) }
        poller.add(router)
        let others = try Context()
        let deadline = ContinuousClock.now + .seconds(240)
        var ids: [[UInt8]] = []
        while ids.count < count {
            var client = try Socket(.dealer, in: others)
            try client.encrypt(asClient: user, server: EncryptedServer.keys.publicKey)
            try client.set(ZMQ_ROUTING_ID, Array("claimed".utf8))
            try client.connect(endpoint)
            _ = try client.send([1])
            let before = ids.count
            while ids.count == before {
                try #require(ContinuousClock.now < deadline)
                try poller.wait(atMost: .milliseconds(100))
                try authenticator.serve()
                while let message = try router.receiveRouted() {
                    ids.append(message.peer.withUnsafeBytes { [UInt8]($0) })
                }
            }
        }
        return ids
    }
}
