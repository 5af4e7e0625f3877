import Foundation
import Messages
import Testing

@testable import Coordinator

/// What is broadcast over connections, and to whom.
struct SubscriptionTests {
    private func subscriptions(_ topics: [String: [String]]) -> Subscriptions<String> {
        var all = Subscriptions<String>()
        for (connection, topics) in topics {
            all.put(
                Subscription(user: connection, topics: topics, end: .seconds(60)), of: connection)
        }
        return all
    }

    @Test func `A topic goes to those who named its beginning`() {
        let all = subscriptions([
            "exact": ["p/leaderboard"], "both": ["p/"], "all": [""], "other": ["q/leaderboard"],
            "several": ["q/", "p/lineage"], "longer": ["p/leaderboards"],
        ])
        let board = all.receivers(of: "p/leaderboard") { _ in true }
        #expect(Set(board) == ["exact", "both", "all"])
        let lineage = all.receivers(of: "p/lineage") { _ in true }
        #expect(Set(lineage) == ["both", "all", "several"])
    }

    @Test func `Nobody gets what the key may not read, whatever was subscribed to`() {
        let all = subscriptions(["a": [""], "b": ["p/"], "c": ["p/leaderboard"]])
        #expect(all.receivers(of: "p/leaderboard") { $0 == "b" } == ["b"])
    }

    @Test func `The last subscription of a connection counts, and none ends it`() {
        var all = subscriptions(["a": ["p/"]])
        all.put(Subscription(user: "a", topics: ["q/"], end: .seconds(60)), of: "a")
        #expect(all.receivers(of: "p/leaderboard") { _ in true }.isEmpty)
        #expect(all.receivers(of: "q/leaderboard") { _ in true } == ["a"])
        all.put(Subscription(user: "a", topics: [], end: .seconds(60)), of: "a")
        #expect(all.isEmpty)
    }

    @Test func `One that is not asked for again ends`() {
        var all = subscriptions(["a": [""]])
        all.expire(at: .seconds(59))
        #expect(!all.isEmpty)
        all.expire(at: .seconds(60))
        #expect(all.isEmpty)
    }

    @Test func `Too many topics, and too long ones, are refused`() throws {
        var desk = try Desk(settings: .inviting)
        var subscribe = WireSubscribe()
        subscribe.topics = Array(repeating: "p/", count: 65)
        #expect(try desk.code(.subscribe(subscribe)) == .limit)
        subscribe.topics = [String(repeating: "p", count: 129)]
        #expect(try desk.code(.subscribe(subscribe)) == .limit)
        subscribe.topics = Array(repeating: "p/", count: 64)
        #expect(try desk.code(.subscribe(subscribe)) == nil)
    }

    @Test func `Who subscribes to what the key may not read is told so`() throws {
        var desk = try Desk(settings: .inviting)
        desk.user = try desk.invite(1, .monitor, "p")
        for (topics, code) in [
            (["p/leaderboard", ""], nil), (["q/leaderboard"], .unauthorized),
            (["p/", "q/"], .unauthorized), (["q"], nil), (["p/x/"], .unauthorized),
        ] as [([String], WireError.Code?)] {
            var subscribe = WireSubscribe()
            subscribe.topics = topics
            #expect(try desk.code(.subscribe(subscribe)) == code, "\(topics)")
        }
    }

    @Test func `A key that is revoked or expires may read no more`() throws {
        var desk = try Desk(settings: .inviting)
        let revoked = try desk.invite(1, .monitor, "p")
        let expiring = try desk.invite(2, .monitor, "p", for: 5)
        func may(_ user: String) -> Bool { desk.core.keyring.mayRead("p", user, at: desk.now) }
        #expect(may(revoked) && may(expiring))
        try desk.revoke(1)
        #expect(!may(revoked) && may(expiring))
        desk.advance(.seconds(5))
        #expect(!may(expiring))
    }
}
