import Messages
import Testing

@testable import Coordinator

struct BroadcastTests {
    @Test func `A board is published when it changed, at most each tick, and each second anyway`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 2)
        #expect(desk.core.publications(at: desk.now).map(\.topic) == ["p/leaderboard"])
        #expect(desk.core.publications(at: desk.now).isEmpty)

        let lease = try desk.lease().token
        desk.advance(.milliseconds(99))
        #expect(desk.core.publications(at: desk.now).isEmpty)
        #expect(desk.core.timeToPublication(at: desk.now) == .milliseconds(1))
        desk.advance(.milliseconds(1))
        let board = desk.core.publications(at: desk.now)[0].message
        #expect(board.leaderboard.summary.training == 1)
        #expect((board.counter, board.epoch) == (2, 1))
        #expect(board.committed == UInt64(desk.core.sequence))

        desk.advance(.milliseconds(999))
        #expect(desk.core.publications(at: desk.now).isEmpty)
        desk.advance(.milliseconds(1))
        #expect(desk.core.publications(at: desk.now).count == 1)

        _ = try desk.report(lease, step: 10, score: 3)
        desk.advance(.milliseconds(100))
        let entries = desk.core.publications(at: desk.now)[0].message.leaderboard.entries
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
        let news = desk.core.publications(at: desk.now).filter { $0.topic == "p/lineage" }
        #expect(news.flatMap { $0.message.lineage.events.map(\.member) } == [4])
        #expect(news[0].message.lineage.events[0].reported.exploit.donor <= 2)
        desk.advance(.seconds(1))
        #expect(desk.core.publications(at: desk.now).map(\.topic) == ["p/leaderboard"])
    }

    @Test func `A board does not grow with the population`() throws {
        var desk = try Desk()
        try desk.create(members: 300, fraction: 0)
        var lease = try desk.lease()
        for _ in 0..<300 {
            // Each report is answered with the next member.
            lease = try desk.report(lease.token, step: 10, score: Double(lease.member)).lease
        }
        let board = desk.core.publications(at: desk.now)[0].message.leaderboard
        #expect(board.entries.map(\.member) == (250..<300).reversed())
        #expect(board.summary.ranked == 300)
        #expect(board.bytes.count < Limits.messageBytes)
    }

    @Test func `What nobody gets is counted and not made`() throws {
        var desk = try Desk()
        try desk.create(members: 5)
        let leases = try (0..<5).map { _ in try desk.lease() }
        func publications(isWanted: (String) -> Bool) -> [Core.Publication] {
            desk.advance(.seconds(1))
            return desk.core.publications(at: desk.now, isWanted: isWanted)
        }
        var asked: [String] = []
        for _ in 1...2 {
            #expect(
                publications {
                    asked.append($0)
                    return false
                }.isEmpty)
        }
        #expect(asked == ["p/leaderboard", "p/leaderboard"])
        for (index, lease) in leases.enumerated() {
            _ = try desk.report(lease.token, step: 10, score: -Double(index))
        }
        let boards = publications { $0 == "p/leaderboard" }
        #expect(boards.map(\.message.counter) == [3])
        #expect(boards[0].message.leaderboard.summary.ranked == 5)

        _ = try desk.report(
            leases[4].token, step: 20, score: 9, checkpoint: "/c/9", effect: .declined)
        let all = publications { _ in true }
        #expect(all.map(\.topic) == ["p/leaderboard", "p/lineage"])
        // The first news were not made.
        #expect(all.map(\.message.counter) == [4, 2])
        #expect(all[1].message.lineage.events.map(\.reported.declined) == [true])
    }
}
