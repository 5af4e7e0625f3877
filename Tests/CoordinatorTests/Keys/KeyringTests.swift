import Foundation
import Messages
import Records
import Testing

@testable import Coordinator

/// Inviting, listing, and what a key may use up.
struct KeyringTests {
    struct Spoiled: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spoil: @Sendable (inout WireInvite) -> Void

        init(_ what: String, _ spoil: @escaping @Sendable (inout WireInvite) -> Void) {
            testDescription = what
            self.spoil = spoil
        }
    }

    @Test(arguments: [
        Spoiled("a key that is too short") { $0.publicKey = Data(count: 31) },
        Spoiled("no role") { $0.role = .unspecified },
        Spoiled("an unknown role") { $0.role = .UNRECOGNIZED(9) },
        Spoiled("no population") { $0.populations = [] },
        Spoiled("a population and all") { $0.allPopulations = true },
        Spoiled("an admin of one population") { $0.role = .admin },
        Spoiled("a population that is none") { $0.populations = ["../p"] },
        Spoiled("no time") { $0.expiresAfterSeconds = 0 },
        Spoiled("a thousand years") { $0.expiresAfterSeconds = .max },
        Spoiled("a label that is too long") { $0.label = String(repeating: "x", count: 257) },
        Spoiled("too many populations") { $0.populations = (0..<257).map { "p\($0)" } },
        Spoiled("a limit beyond all") { $0.quota.members = .max },
    ])
    func `An invitation that makes no sense is refused`(spoiled: Spoiled) throws {
        var desk = try Desk(settings: .inviting)
        var invite = WireInvite()
        invite.key = desk.key()
        invite.publicKey = Data(repeating: 1, count: 32)
        invite.role = .worker
        invite.populations = ["p"]
        spoiled.spoil(&invite)
        let code = try #require(try desk.code(.invite(invite)))
        #expect([.invalid, .limit].contains(code))
        #expect(desk.core.keyring.records(after: "").isEmpty)
    }

    @Test func `A coordinator without invitations says how to have them`() throws {
        var desk = try Desk()
        let error = #expect(throws: WireError.self) { try desk.invite(1, .worker, "p") }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("--invitations") == true)
    }

    @Test func `A public key is invited once`() throws {
        var desk = try Desk(settings: .inviting)
        _ = try desk.invite(1, .worker, "p")
        #expect(throws: WireError.self) { try desk.invite(1, .monitor, "q") }
        try desk.revoke(1)
        #expect(throws: WireError.self) { try desk.invite(1, .worker, "p") }
    }

    @Test func `The owner's own key is nobody else's`() throws {
        var desk = try Desk(settings: .inviting)
        let error = #expect(throws: WireError.self) { try desk.invite(255, .monitor) }
        #expect(error?.code == .conflict)
    }

    @Test func `Keys are in the journal with public halves only, and come back`() throws {
        var desk = try Desk(settings: .inviting)
        var quota = WireQuota()
        quota.members = 3
        _ = try desk.invite(1, .worker, "a", "b", for: 60, quota: quota)
        _ = try desk.invite(2, .monitor)
        _ = try desk.invite(3, .admin)
        try desk.revoke(2)
        let before = desk.core.keyring.records(after: "")
        #expect(before.map(\.role) == [.worker, .monitor, .admin])
        #expect(before.map(\.populations) == [["a", "b"], nil, nil])
        #expect(before[0].quota.members == 3)
        #expect(before[1].revoked != nil)
        try desk.restart()
        #expect(desk.core.keyring.records(after: "") == before)
    }

    @Test func `Keys are listed page by page`() throws {
        var desk = try Desk(settings: .inviting)
        for byte in 0..<UInt8(130) { _ = try desk.invite(byte, .monitor, "p") }
        var list = WireListKeys()
        var seen: [Data] = []
        while true {
            guard case .keys(let page) = try desk.ask(.listKeys(list)) else {
                throw DeskError.unexpected("no keys")
            }
            seen += page.keys.map(\.publicKey)
            guard page.more, let last = page.keys.last else { break }
            list.after = last.publicKey
        }
        #expect(seen == (0..<UInt8(130)).map { Data(repeating: $0, count: 32) })
    }

    @Test func `At the limit a new key takes the place of the one that ended first`() throws {
        var keyring = Keyring()
        func record(_ number: Int) -> KeyRecord {
            KeyRecord(
                publicKey: (0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 8))) },
                role: .monitor, populations: nil, label: "", created: 0, expires: nil,
                quota: .usual(for: .monitor))
        }
        let now = Moment(uptime: .zero, wall: 1_000)
        for number in 0..<Limits.keys { _ = try keyring.add(record(number), at: now) }
        let error = #expect(throws: WireError.self) {
            try keyring.add(record(Limits.keys), at: now)
        }
        #expect(error?.code == .limit)
        _ = keyring.revoke(record(7).publicKey, at: Moment(uptime: .zero, wall: 3_000))
        _ = keyring.revoke(record(5).publicKey, at: Moment(uptime: .zero, wall: 2_000))
        #expect(try keyring.add(record(Limits.keys), at: now)?.publicKey == record(5).publicKey)
        #expect(try keyring.add(record(Limits.keys + 1), at: now)?.publicKey == record(7).publicKey)
    }

    // MARK: Limits

    @Test func `More requests at one time than a key may have are put off, those of others not`()
        throws
    {
        var desk = try Desk(settings: .inviting)
        try desk.create("p", members: 1)
        var quota = WireQuota()
        quota.outstanding = 3
        let greedy = try desk.invite(1, .monitor, "p", quota: quota)
        let other = try desk.invite(2, .monitor, "p")
        var request = WireRequest()
        request.id = 1
        request.body = Requests.leaderboard("p")
        let requests = (0..<6).map { index in
            Incoming<ConnectionNumber?>(
                frame: request.bytes, connection: ConnectionNumber(number: index < 5 ? 0 : 1),
                user: index < 5 ? greedy : other)
        }
        for _ in 0..<2 {
            let replies = desk.takeTurn(requests)
            let refused = replies.filter {
                if case .error(let error) = $0.reply.body {
                    error.code == .unavailable
                } else {
                    false
                }
            }
            #expect(replies.count == 6)
            #expect(refused.map(\.connection?.number) == [0, 0])
        }
    }

    @Test func `A key that joins more often than it may has to wait`() throws {
        var desk = try Desk(settings: .inviting)
        try desk.create("p", members: 500)
        var quota = WireQuota()
        quota.joinsPerSecond = 1
        desk.user = try desk.invite(1, .worker, "p", quota: quota)
        for _ in 0..<100 { _ = try desk.join("p") }
        #expect(try desk.code(Requests.join("p", key: desk.key())) == .unavailable)
        desk.advance(.seconds(2))
        for _ in 0..<2 { #expect(try desk.code(Requests.join("p", key: desk.key())) == nil) }
        #expect(try desk.code(Requests.join("p", key: desk.key())) == .unavailable)
        // Whoever has the secret is not held up by it.
        desk.user = Keyring.sharedUser
        #expect(try desk.code(Requests.join("p", key: desk.key())) == nil)
    }

    @Test func `Declining, and joining with another space, count as joining`() throws {
        var desk = try Desk(settings: .inviting)
        try desk.create("p", members: 2)
        var quota = WireQuota()
        quota.joinsPerSecond = 1
        desk.user = try desk.invite(1, .worker, "p", quota: quota)
        let lease = try desk.lease().token
        func decline(_ desk: inout Desk) throws -> WireError.Code? {
            var decline = WireDecline()
            decline.key = desk.key()
            decline.lease = lease
            return try desk.code(.decline(decline))
        }
        for _ in 0..<49 { #expect(try decline(&desk) == nil) }
        for _ in 0..<50 {
            var join = WireJoin()
            join.key = desk.key()
            join.population = "p"
            join.space = "name,min,max,scale\nother,0,1,linear\n"
            #expect(try desk.code(.join(join)) == .spaceMismatch)
        }
        #expect(try decline(&desk) == .unavailable)
        desk.advance(.seconds(1))
        #expect(try decline(&desk) == nil)
        #expect(try decline(&desk) == .unavailable)
    }

    @Test func `Joins that have to wait for a member are not counted`() throws {
        var desk = try Desk(settings: .inviting)
        try desk.create("p", members: 1)
        var quota = WireQuota()
        quota.joinsPerSecond = 1
        desk.user = try desk.invite(1, .worker, "p", quota: quota)
        _ = try desk.join("p")
        for _ in 0..<300 { #expect(try desk.join("p").wait.milliseconds == 1000) }
    }

    @Test func `A key makes as many populations and members as it may, also over a restart`() throws
    {
        var desk = try Desk(settings: .inviting)
        var quota = WireQuota()
        quota.populations = 2
        quota.members = 10
        desk.user = try desk.invite(1, .admin, quota: quota)
        try desk.create("a", members: 6)
        var creation = WireCreatePopulation.sample(members: 5)
        let refusal = try #require(try desk.refusal(.createPopulation(creation)))
        #expect(refusal.code == .limit)
        #expect(refusal.message.contains("4 are left"))
        try desk.restart()
        creation.populationSize = 1
        creation.key = desk.key()
        #expect(try desk.code(.createPopulation(creation)) == nil)
        creation.name = "c"
        creation.key = desk.key()
        #expect(try desk.code(.createPopulation(creation)) == .limit)
        var change = WireChangePopulation()
        change.population = "a"
        for (members, code) in [(4, .limit), (3, nil), (1, .limit)] as [(UInt64, WireError.Code?)] {
            change.key = desk.key()
            change.addMembers.members = members
            #expect(try desk.code(.changePopulation(change)) == code)
        }
        #expect(desk.core.keyring.records(after: "")[0].madeMembers == 10)
    }

    @Test func `In a growing population a worker's key makes no more members than it may`() throws {
        var settings = Settings.inviting
        settings.open = OpenPopulation(name: "p")
        var desk = try Desk(settings: settings)
        var quota = WireQuota()
        quota.members = 2
        desk.user = try desk.invite(1, .worker, "p", quota: quota)
        func joining() -> WireRequest.OneOf_Body {
            var join = WireJoin()
            join.key = desk.key()
            join.population = "p"
            join.space = "name,min,max,scale\nrate,0,1,linear\n"
            join.keeps = true
            return .join(join)
        }
        for _ in 0..<2 { #expect(try desk.directive(joining()).lease.token != 0) }
        #expect(try desk.directive(joining()).stop.reason.contains("2 members"))
        desk.user = Keyring.sharedUser
        #expect(try desk.directive(joining()).lease.token != 0)
    }

    @Test func `A worker makes no open population that it is not invited to`() throws {
        var settings = Settings.inviting
        settings.open = OpenPopulation(name: "p")
        var desk = try Desk(settings: settings)
        desk.user = try desk.invite(1, .worker, "q")
        for (name, code) in [("", .noPopulation), ("p", .unauthorized)] as [(_, WireError.Code)] {
            var join = WireJoin()
            join.key = desk.key()
            join.population = name
            join.space = "name,min,max,scale\nrate,0,1,linear\n"
            let refusal = try #require(try desk.refusal(.join(join)))
            #expect(refusal.code == code)
            // Who does not name it learns no name.
            #expect(refusal.message.contains("'p'") == (name == "p"))
        }
        #expect(desk.core.populations.isEmpty)
    }
}
