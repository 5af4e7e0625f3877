import Messages
import Testing

@testable import Coordinator

struct BroadcastTests {
    @Test func `A board is published when it changed, at most each tick, and each second anyway`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 2)
        #expect(desk.takePublications().map(\.topic) == ["p/leaderboard"])
        #expect(desk.takePublications().isEmpty)

        let lease = try desk.lease().token
        desk.advance(.milliseconds(99))
        #expect(desk.takePublications().isEmpty)
        #expect(desk.core.timeToPublication(at: desk.now) == .milliseconds(1))
        desk.advance(.milliseconds(1))
        let board = desk.takePublications()[0].message
        #expect(board.leaderboard.summary.training == 1)
        #expect((board.counter, board.epoch) == (2, 1))
        #expect(board.committed == UInt64(desk.core.sequence))

        desk.advance(.milliseconds(999))
        #expect(desk.takePublications().isEmpty)
        desk.advance(.milliseconds(1))
        #expect(desk.takePublications().count == 1)

        _ = try desk.report(lease, step: 10, score: 3)
        desk.advance(.milliseconds(100))
        let entries = desk.takePublications()[0].message.leaderboard.entries
        #expect(entries.map(\.score) == [3])
        #expect(entries.map(\.rank) == [1])
    }

    @Test func `Who copied whom is news, once`() throws {
        var desk = try Desk()
        try desk.create(members: 5)
        let leases = try (0..<5).map { _ in try desk.lease() }
        for (index, lease) in leases.enumerated() {
            _ = try desk.report(lease.token, step: 10, score: -Double(index))
        }
        desk.advance(.seconds(1))
        let news = desk.takePublications().filter { $0.topic == "p/lineage" }
        #expect(news.flatMap { $0.message.lineage.events.map(\.member) } == [4])
        #expect(news[0].message.lineage.events[0].reported.exploit.donor <= 2)
        desk.advance(.seconds(1))
        #expect(desk.takePublications().map(\.topic) == ["p/leaderboard"])
    }

    @Test func `A board does not grow with the population`() throws {
        var desk = try Desk()
        try desk.create(members: 300, fraction: 0)
        var lease = try desk.lease()
        for _ in 0..<300 {
            // Each report is answered with the next member.
            lease = try desk.report(lease.token, step: 10, score: Double(lease.member)).lease
        }
        desk.advance(.seconds(1))
        let board = try #require(desk.takePublications().last).message.leaderboard
        #expect(board.entries.map(\.member) == (250..<300).reversed())
        #expect(board.summary.ranked == 300)
        #expect(board.bytes.count < Limits.messageBytes)
    }

    @Test func `What nobody gets is counted and not made`() throws {
        var desk = try Desk(topics: [])
        try desk.create(members: 5)
        let leases = try (0..<5).map { _ in try desk.lease() }
        desk.advance(.seconds(1))
        #expect(desk.takePublications().isEmpty)
        for (index, lease) in leases.enumerated() {
            _ = try desk.report(lease.token, step: 10, score: -Double(index))
        }
        desk.subscribe(to: "p/leaderboard")
        desk.advance(.seconds(1))
        let boards = desk.takePublications()
        #expect(boards.map(\.topic) == ["p/leaderboard"])
        #expect(boards.map(\.message.counter) == [3])
        #expect(boards[0].message.leaderboard.summary.ranked == 5)

        desk.subscribe(to: "p/")
        desk.advance(.seconds(1))
        _ = desk.takePublications()
        _ = try desk.report(
            leases[4].token, step: 20, score: 9, checkpoint: "/c/9", effect: .declined)
        desk.advance(.seconds(1))
        let all = desk.takePublications()
        #expect(all.map(\.topic) == ["p/leaderboard", "p/lineage"])
        // The first news were not made.
        #expect(all.map(\.message.counter) == [5, 2])
        #expect(all[1].message.lineage.events.map(\.reported.declined) == [true])
    }
}
