import Evolution
import Records
import Testing

/// What every storage keeps to: the journal, and the simulated one by which the coordinator is tested.
@Suite(.timeLimit(.minutes(5)))
final class StorageTests {
    private typealias Make = Samples

    /// Those that the test uses, whose directories go with it.
    private var opened: [OpenStorage] = []

    private func open(_ kind: StorageKind) throws -> OpenStorage {
        let open = try kind.open()
        opened.append(open)
        return open
    }

    /// A storage with both populations and all events, in batches of a few.
    private func filled(_ kind: StorageKind) throws -> any Storage {
        let storage = try open(kind).storage
        try storage.commit([.population(Make.population(0)), .population(Make.population(1))])
        for start in stride(from: 0, to: Make.events.count, by: 3) {
            try storage.commit(Make.events.dropFirst(start).prefix(3).map(Change.event))
        }
        return storage
    }

    @Test(arguments: StorageKind.allCases)
    func `A new one has nothing`(kind: StorageKind) throws {
        let storage = try open(kind).storage
        #expect((storage.sequence, storage.pruned) == (0, 0))
        #expect(try storage.populations().isEmpty && storage.leases().isEmpty)
        #expect(try storage.releases().isEmpty && storage.answers().isEmpty)
        #expect(try storage.keys().isEmpty)
    }

    @Test(arguments: StorageKind.allCases)
    func `What is committed is read back as it was`(kind: StorageKind) throws {
        let storage = try open(kind).storage
        var population = Make.population(0)
        (population.status, population.generation) = (.paused, 8)
        population.best = Make.state(1, report: 4, score: 1e-9)
        population.archive = [
            ArchivedState(Make.state(1, report: 4, score: 1e-9), copies: 3),
            ArchivedState(Make.state(0, report: 2, score: -0.5)),
        ]
        var member = Make.member(1, reports: 4)
        (member.considered, member.donor, member.isLost) = (30, 0, true)
        member.previous = Make.state(1, report: 3)
        member.presence = .away(since: 12)
        member.standing = Standing(rank: 3, ranked: 16)
        let releases = [
            ReleaseRecord(number: 16, population: 0, member: 1, checkpoint: "a"),
            ReleaseRecord(number: 17, population: 0, member: nil, checkpoint: "b'"),
        ]
        try storage.commit(
            [
                .population(population), .member(population: 0, Make.member(0)),
                .member(population: 0, member), .lease(Make.lease(.max - 1, .ended)),
                .answer(Make.answer(1, time: 6)), .key(Make.key(7)),
            ] + releases.map(Change.release))
        #expect(try storage.populations() == [population])
        #expect(try storage.members(of: 0) == [Make.member(0), member])
        #expect(try storage.leases() == [Make.lease(.max - 1, .ended)])
        #expect(try storage.answers() == [Make.answer(1, time: 6)])
        #expect(try storage.keys() == [Make.key(7)])
        #expect(try storage.releases() == releases)
    }

    @Test(arguments: StorageKind.allCases)
    func `The last state counts, in one batch and in several`(kind: StorageKind) throws {
        let storage = try open(kind).storage
        let release = ReleaseRecord(number: 16, population: 0, member: 1, checkpoint: "a")
        var handedOver = release
        handedOver.member = nil
        var ended = Make.population(0)
        ended.status = .ended(.steps)
        ended.archive = [ArchivedState(Make.state(0, report: 1))]
        var began = Make.population(0)
        began.archive = (0..<3).map { ArchivedState(Make.state($0, report: 1), copies: $0) }
        var revoked = Make.key(7)
        revoked.revoked = 9
        try storage.commit([
            .population(began), .member(population: 0, Make.member(0)),
            .member(population: 0, Make.member(0, reports: 1)), .lease(Make.lease(1)),
            .lease(Make.lease(1, .ended)), .lease(Make.lease(2)), .release(release),
            .key(Make.key(7)),
        ])
        #expect(try storage.populations() == [began])
        #expect(try storage.members(of: 0) == [Make.member(0, reports: 1)])
        #expect(try storage.leases().map(\.state) == [.ended, .live])
        try storage.commit([
            .member(population: 0, Make.member(0, reports: 2)), .lease(Make.lease(2, .lapsed)),
            .release(handedOver), .population(ended), .key(revoked),
        ])
        #expect(try storage.members(of: 0) == [Make.member(0, reports: 2)])
        #expect(try storage.leases().map(\.state) == [.ended, .lapsed])
        #expect(try storage.releases() == [handedOver])
        #expect(try storage.populations() == [ended])
        #expect(try storage.keys() == [revoked])
    }

    @Test(arguments: StorageKind.allCases)
    func `What is forgotten is gone, in one batch and in another, and may not have been there`(
        kind: StorageKind
    ) throws {
        let storage = try open(kind).storage
        let release = ReleaseRecord(number: 16, population: 0, member: 1, checkpoint: "a")
        try storage.commit([
            .population(Make.population(0)), .lease(Make.lease(1)), .lease(Make.lease(2)),
            .forgetLease(2), .answer(Make.answer(1, time: 1)), .release(release),
            .key(Make.key(7)),
        ])
        #expect(try storage.leases().map(\.token) == [1])
        try storage.commit([
            .forgetLease(1), .forgetAnswer(key: Make.answer(1, time: 1).key), .forgetRelease(16),
            .forgetKey(Make.key(7).publicKey), .forgetLease(99), .forgetRelease(99),
            .forgetAnswer(key: [1]), .forgetKey([1]),
        ])
        #expect(try storage.leases().isEmpty && storage.releases().isEmpty)
        #expect(try storage.answers().isEmpty && storage.keys().isEmpty)
        try storage.commit([.lease(Make.lease(1))])
        #expect(try storage.leases() == [Make.lease(1)])
    }

    @Test(arguments: StorageKind.allCases)
    func `Everything has an order that does not depend on when it came`(kind: StorageKind) throws {
        let storage = try open(kind).storage
        func release(_ number: UInt64) -> Change {
            .release(
                ReleaseRecord(number: number, population: 0, member: 1, checkpoint: "\(number)"))
        }
        try storage.commit([
            .population(Make.population(0)), .lease(Make.lease(5)), .lease(Make.lease(.max)),
            .answer(Make.answer(3, time: 2)), .answer(Make.answer(9, time: 1)),
            .answer(Make.answer(1, time: 2)), release(33), release(16), .key(Make.key(200)),
            .key(Make.key(7)),
        ])
        try storage.commit([.lease(Make.lease(2)), release(20), .key(Make.key(99))])
        // Tokens by their bits with a sign.
        #expect(try storage.leases().map(\.token) == [.max, 2, 5])
        #expect(try storage.answers().map { $0.key[0] } == [9, 1, 3])
        #expect(try storage.releases().map(\.number) == [16, 20, 33])
        #expect(try storage.keys().map { $0.publicKey[0] } == [7, 99, 200])
    }

    @Test(arguments: StorageKind.allCases)
    func `Of a batch that is refused there is nothing, and all of it when it is taken`(
        kind: StorageKind
    ) throws {
        let open = try self.open(kind)
        let storage = open.storage
        try storage.commit([.population(Make.population(0)), .lease(Make.lease(1))])
        let batch: [Change] = [
            .event(Make.events[0]), .member(population: 0, Make.member(0)), .forgetLease(1),
            .lease(Make.lease(2)), .key(Make.key(7)),
        ]
        try open.whileRefusing {
            #expect(storage.failure(ofCommitting: batch) != nil)
        }
        #expect(storage.sequence == 0)
        #expect(try storage.leases() == [Make.lease(1)])
        #expect(try storage.members(of: 0).isEmpty && storage.keys().isEmpty)
        #expect(try storage.events(of: 0, after: 0, member: nil, limit: 9).isEmpty)
        #expect(storage.failure(ofCommitting: batch) == nil)
        #expect(storage.sequence == 1)
        #expect(try storage.leases() == [Make.lease(2)])
        #expect(try storage.members(of: 0) == [Make.member(0)])
        #expect(try storage.events(of: 0, after: 0, member: nil, limit: 9) == [Make.events[0]])
    }

    @Test func `No changes are committed without asking the disk`() throws {
        let open = try self.open(.simulated)
        try open.whileRefusing { #expect(open.storage.failure(ofCommitting: []) == nil) }
    }

    // MARK: Events

    @Test(arguments: StorageKind.allCases)
    func `Events are read by population, by page and by member`(kind: StorageKind) throws {
        let storage = try filled(kind)
        #expect(storage.sequence == Make.events.count)
        for population in 0...1 {
            let all = Make.events.filter { $0.population == population }
            for member in [nil, 0, 1, 2] as [Int?] {
                let expected = all.filter { member == nil || $0.event.member == member }
                for (after, limit) in [(0, Int.max), (0, 2), (4, 3), (99, 5), (0, 0)] {
                    #expect(
                        try storage.events(
                            of: population, after: after, member: member, limit: limit)
                            == Array(expected.filter { $0.sequence > after }.prefix(limit)))
                }
            }
            let memberless = all.filter { $0.event.member == nil }
            #expect(
                try storage.memberlessEvents(of: population, after: 0, limit: 1)
                    == Array(memberless.prefix(1)))
            #expect(
                try storage.memberlessEvents(of: population, after: 7, limit: .max)
                    == memberless.filter { $0.sequence > 7 })
        }
    }

    @Test(arguments: StorageKind.allCases)
    func `Descent comes in pages, which say up to where they looked`(kind: StorageKind) throws {
        let storage = try filled(kind)
        let all = try storage.descent(of: 0, after: 0, limit: .max, lookingAt: .max)
        #expect(all.through == nil)
        #expect(all.events.map(\.sequence) == [1, 2, 5, 9, 10, 12, 14])
        // Without what tells nothing of it.
        #expect(all.events.compactMap(\.event.exploit).map(\.donor.report) == [1, 3])
        #expect(all.events.compactMap(\.event.exploit).allSatisfy { $0.explored.isEmpty })
        let page = try storage.descent(of: 0, after: 2, limit: 2, lookingAt: .max)
        #expect(page.events == Array(all.events[2...3]))
        #expect(page.through == 9)
        // Of the three that follow none tells of descent, but for the first.
        let look = try storage.descent(of: 0, after: 4, limit: 9, lookingAt: 3)
        #expect(look.events.map(\.sequence) == [5])
        #expect(look.through == 8)
        let rest = try storage.descent(of: 0, after: 14, limit: 9, lookingAt: 3)
        #expect(rest.events.isEmpty && rest.through == nil)
    }

    @Test(arguments: StorageKind.allCases)
    func `A member's lineage begins with the report, and goes back`(kind: StorageKind) throws {
        let storage = try filled(kind)
        let lineage = try storage.lineage(of: 0, member: 1, throughReport: 2)
        var expected = [Make.report(2, copying: Make.state(0, report: 1)), Make.report(1)]
        for index in expected.indices { expected[index].metrics = [] }
        #expect(lineage == expected.map { Event(member: 1, kind: .reported($0)) })
        #expect(try storage.lineage(of: 0, member: 1, throughReport: 3).count == 4)
        #expect(try storage.lineage(of: 0, member: 1, throughReport: 4).isEmpty)
        #expect(try storage.lineage(of: 0, member: 0, throughReport: 1).isEmpty)
    }

    @Test(arguments: StorageKind.allCases)
    func `Reports are counted by the members, and exploits by the events`(kind: StorageKind) throws
    {
        let storage = try filled(kind)
        try storage.commit([
            .member(population: 0, Make.member(0, reports: 2)),
            .member(population: 0, Make.member(1, reports: 3)),
            .member(population: 1, Make.member(0, reports: 1)),
        ])
        #expect(try storage.counts(of: 0) == (reports: 5, exploits: 2))
        #expect(try storage.counts(of: 1) == (reports: 1, exploits: 0))
    }
}
