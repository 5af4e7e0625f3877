import Evolution
import Foundation
import Messages
import Records
import Testing

@testable import Coordinator

/// A worker that is started again at its place.
struct PlaceTests {
    @Test(arguments: [false, true])
    func `A place's new worker gets the member of the earlier one at once`(
        isRestarted: Bool
    ) throws {
        var desk = try Desk()
        try desk.create(members: 3)
        _ = try desk.lease()
        let earlier = try desk.join(place: "a").lease
        _ = try desk.report(earlier.token, step: 10, score: 1, checkpoint: "/c/10")
        let held = try desk.holder(of: "a")
        if isRestarted { try desk.restart() }
        let next = try desk.join(place: "a").lease
        #expect((next.member, next.sequence) == (held.member, 0))
        #expect(next.token != held.token)
        // What the earlier one says counts no more, and its member is no other one's.
        let late = desk.nextReport(held.token, step: 20, score: 3)
        #expect(try desk.refusal(.report(late))?.code == .leaseLapsed)
        let heartbeat = WireHeartbeat.with { $0.leases = [held.token, next.token] }
        #expect(
            try desk.ask(.heartbeat(heartbeat)) == .alive(.with { $0.gone = [held.token] }))
        #expect(desk.core.populations[0].training == 2)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `The earlier worker of a place is told so when it joins anew`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let earlier = try desk.join(place: "a").lease.token
        let next = try desk.join(place: "a").lease.token
        let join = desk.newJoin(former: earlier, place: "a")
        let refusal = try #require(try desk.refusal(.join(join)))
        #expect(refusal.code == .conflict)
        #expect(refusal.message.contains("'a'"))
        #expect(desk.core.leases[next]?.isLive == true)
        // So it is while the newer one lives, and no longer.
        _ = try desk.ask(.leave(.with { $0.lease = next }))
        #expect(try desk.join(former: earlier, place: "a").lease.member == 0)
    }

    @Test func `One that waits is older than who came over a newer connection`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let other = try desk.lease().token
        desk.connection = ConnectionNumber(number: 1)
        #expect(try desk.join(place: "a").wait.milliseconds > 0)
        _ = try desk.ask(.leave(.with { $0.lease = other }))
        desk.connection = ConnectionNumber(number: 2)
        let newer = try desk.join(place: "a").lease.token
        desk.connection = ConnectionNumber(number: 1)
        #expect(try desk.refusal(.join(desk.newJoin(place: "a")))?.code == .conflict)
        #expect(desk.core.leases[newer]?.isLive == true)
    }

    @Test func `A Join that was long under way is older also than the next member's lease`() throws
    {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1)
        desk.connection = ConnectionNumber(number: 2)
        let first = try desk.join(place: "a").lease
        let second = try desk.report(first.token, step: 1, score: 1).lease
        #expect(second.member != first.member)
        desk.connection = ConnectionNumber(number: 1)
        #expect(try desk.refusal(.join(desk.newJoin(place: "a")))?.code == .conflict)
        #expect(desk.core.leases[second.token]?.isLive == true)
    }

    /// It may have been standing still since before its place's next worker came.
    @Test func `Neither is one let in whose lease is forgotten`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        desk.connection = ConnectionNumber(number: 1)
        let first = try desk.join(place: "a").lease
        let report = desk.nextReport(first.token, step: 10, score: 1)
        // It does not get the answer.
        let second = try desk.directive(.report(report)).lease
        desk.connection = ConnectionNumber(number: 2)
        let newer = try desk.join(place: "a").lease
        #expect(newer.member == second.member)
        desk.connection = ConnectionNumber(number: 3)
        #expect(try desk.refusal(.report(report))?.code == .leaseLapsed)
        for former in [first.token, second.token, 12345] {
            let join = desk.newJoin(former: former, place: "a")
            #expect(try desk.refusal(.join(join))?.code == .conflict)
        }
        #expect(desk.core.leases[newer.token]?.isLive == true)
    }

    @Test func `After going back to an older journal a worker takes over its own lease`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        _ = try desk.join(place: "a")
        var older = try Desk(copyOf: desk)
        older.connection = ConnectionNumber(number: 1)
        #expect(try older.join(former: 12345, place: "a").lease.member == 0)
    }

    @Test func `A place is its key's own, and goes with its worker from member to member`() throws {
        var desk = try Desk()
        try desk.create(members: 3, interval: 1)
        let first = try desk.join(place: "a").lease
        let second = try desk.report(first.token, step: 1, score: 1).lease
        #expect(second.member != first.member)
        #expect(try desk.join(place: "b").lease.member != second.member)
        #expect(try desk.join(place: "a").lease.member == second.member)
    }

    @Test(arguments: [false, true])
    func `Whoever keeps its member has it again after a new start`(isSynchronous: Bool) throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1, synchronous: isSynchronous)
        let first = try desk.join(keeps: true, place: "a").lease
        let other = try desk.join(keeps: true, place: "b").lease
        _ = try desk.report(first.token, step: 1, score: 1)
        if isSynchronous {
            // Its generation is open, and it is the next one that it trains in.
            #expect(try desk.join(keeps: true, place: "a").wait.milliseconds > 0)
            _ = try desk.report(other.token, step: 1, score: 2)
        }
        let again = try desk.join(keeps: true, place: "a").lease
        #expect(again.member == first.member)
        #expect(again.token != first.token)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `The lease of a place is ended for whoever saw its worker end`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.join(place: "a").lease.token
        let leave = WireRequest.OneOf_Body.leave(.with { $0.place = "a" })
        for _ in 0..<2 { #expect(try desk.ask(leave) == .left(WireLeft())) }
        #expect(desk.core.leases[lease]?.isLive == false)
        #expect(try desk.lease().member == 0)
    }

    @Test func `A place that is too long, or holds a zero byte, is refused`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let long = String(repeating: "é", count: Limits.placeBytes / 2)
        #expect(try desk.refusal(.join(desk.newJoin(place: long + "x")))?.code == .limit)
        #expect(try desk.refusal(.join(desk.newJoin(place: "a\0")))?.code == .invalid)
        #expect(try desk.join(place: long).lease.member == 0)
    }

    @Test func `A population that is paused has its worker wait, and the earlier one is over`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 1)
        let earlier = try desk.join(place: "a").lease.token
        _ = try desk.ask(
            .changePopulation(
                .with {
                    $0.key = desk.key()
                    $0.population = "p"
                    $0.pause = WirePause()
                }))
        #expect(try desk.join(place: "a").wait.milliseconds > 0)
        #expect(desk.core.leases[earlier]?.isLive == false)
    }
}

extension Desk {
    fileprivate mutating func newJoin(former: UInt64 = 0, place: String) -> WireJoin {
        var join = WireJoin()
        join.key = key()
        join.population = "p"
        join.former = former
        join.place = place
        return join
    }

    fileprivate func holder(of place: String) throws -> (token: UInt64, member: UInt64) {
        let lease = core.leases.values.first { $0.isLive && $0.record.place == place }
        guard let record = lease?.record else { throw DeskError.unexpected("nobody is there") }
        return (record.token, UInt64(record.member))
    }
}
