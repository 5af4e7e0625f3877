import Foundation
import Messages
import Testing

@testable import Coordinator

/// Requests that no client of ours sends.
struct HostileRequestTests {
    @Test func `A refusal fits into a message, however long the name that it repeats`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let long = String(repeating: "é", count: 32_000)
        var history = WireGetHistory()
        history.population = long
        var creation = WireCreatePopulation()
        creation.key = desk.key()
        creation.name = long
        var space = WireCreatePopulation()
        space.key = desk.key()
        space.name = "q"
        space.space = "a,0,\(String(repeating: "9", count: 60_000)),linear\n"
        for body: WireRequest.OneOf_Body in [
            .getHistory(history), .createPopulation(creation), .createPopulation(space),
        ] {
            var reply = WireReply()
            reply.body = try desk.ask(body)
            guard case .error(let error) = reply.body else {
                Issue.record("it was not refused")
                continue
            }
            #expect(error.message.utf8.count <= Limits.sentenceBytes + "…".utf8.count)
            #expect(error.message.hasSuffix("."))
            #expect(throws: Never.self) { try WireReply(frame: reply.bytes) }
        }
    }

    @Test(arguments: [UInt64(Int.max), UInt64(Int.max) + 1, .max])
    func `The largest numbers are answered`(largest: UInt64) throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let lease = try desk.lease()
        _ = try desk.report(lease.token, step: 10, score: 1)
        var board = WireGetLeaderboard()
        board.offset = largest
        board.limit = .max
        guard case .leaderboard(let page) = try desk.ask(.getLeaderboard(board)) else {
            Issue.record("there is no board")
            return
        }
        #expect(page.entries.isEmpty)
        var history = WireGetHistory()
        history.after = largest
        history.member = largest
        history.limit = .max
        guard case .history(let events) = try desk.ask(.getHistory(history)) else {
            Issue.record("there is no history")
            return
        }
        #expect(events.events.isEmpty && !events.more)
        var schedule = WireGetSchedule()
        schedule.offset = largest
        guard case .schedule(let segments) = try desk.ask(.getSchedule(schedule)) else {
            Issue.record("there is no schedule")
            return
        }
        #expect(segments.segments.isEmpty)
        schedule.member = largest
        #expect(try desk.refusal(.getSchedule(schedule))?.code == .noMember)

        var change = WireChangePopulation()
        change.key = desk.key()
        change.addMembers.members = largest
        #expect(try desk.refusal(.changePopulation(change))?.code == .limit)
        change.key = desk.key()
        change.removeMember.member = largest
        #expect(try desk.refusal(.changePopulation(change))?.code == .noMember)
        change.key = desk.key()
        change.settings.maxSteps = largest
        #expect(try desk.refusal(.changePopulation(change))?.code == .invalid)
    }

    @Test func `Groups within groups are refused and do not exhaust the stack`() throws {
        var desk = try Desk()
        // A group of an unknown field begins in each byte.
        let frame = [UInt8](repeating: 0x7B, count: Limits.messageBytes)
        guard case .error(let error) = desk.take([frame]).first?.body else {
            Issue.record("it was not refused")
            return
        }
        #expect(error.code == .malformed)
    }
}
