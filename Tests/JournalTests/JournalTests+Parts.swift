import Evolution
import GRDB
import Records
import Testing

@testable import Journal

/// Parts of a history, which are read without the rest.
extension JournalTests {
    private func withEveryKindOfEvent(_ deferral: Deferral) throws -> Journal {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        var other = population
        (other.id, other.name) = (1, "other")
        // Of two batches the second one may wait.
        let records = everyKindOfEvent()
        try journal.commit(
            [.population(population), .population(other)] + records.prefix(9).map(Change.event))
        try journal.commit(records.dropFirst(9).map(Change.event))
        let paused = EventRecord(
            sequence: records.count + 1, population: 1, time: 0, event: Event(kind: .paused))
        try journal.commit([.event(paused)])
        return journal
    }

    @Test(arguments: deferrals)
    func `What tells of descent is read without the rest`(deferral: Deferral) throws {
        let journal = try withEveryKindOfEvent(deferral)
        let (events, through) = try journal.descent(of: 0, after: 0, limit: 99, lookingAt: 99)
        #expect(events.map(\.sequence) == [1, 3, 4, 5, 6, 7, 13, 18, 21])
        #expect(through == nil)
        let all = try journal.events(of: 0, after: 0, limit: 99)
        // NaN is unequal to itself, so descriptions are compared.
        #expect(
            events.map { "\($0)" }
                == all.compactMap { record in
                    var record = record
                    guard let bare = record.event.bare else { return nil }
                    record.event = bare
                    return "\(record)"
                })
        #expect(try journal.descent(of: 1, after: 0, limit: 99, lookingAt: 99).events.isEmpty)
    }

    @Test(arguments: 1...5, [1, 2, 5, 22, 23])
    func `Pages of what tells of descent look at so many events, and lead on`(
        limit: Int, most: Int
    ) throws {
        let journal = try withEveryKindOfEvent(Deferral())
        var found: [Int] = []
        var after: Int? = 0
        while let sequence = after {
            let page = try journal.descent(
                of: 0, after: sequence, limit: limit, lookingAt: most)
            #expect(page.events.count <= limit)
            if let through = page.through {
                #expect(through > sequence && through - sequence <= most)
                #expect(page.events.allSatisfy { (sequence + 1...through).contains($0.sequence) })
            }
            found += page.events.map(\.sequence)
            after = page.through
        }
        #expect(found == [1, 3, 4, 5, 6, 7, 13, 18, 21])
    }

    @Test(arguments: deferrals)
    func `What happened to a population itself is read by page`(deferral: Deferral) throws {
        let journal = try withEveryKindOfEvent(deferral)
        let all = try journal.events(of: 0, after: 0, limit: 99)
        let events = try journal.memberlessEvents(of: 0, after: 0, limit: 99)
        #expect(events.map(\.sequence) == [14, 15, 16, 17, 20, 22])
        #expect(events == all.filter { $0.event.member == nil })
        #expect(
            try journal.memberlessEvents(of: 0, after: 14, limit: 2).map(\.sequence) == [15, 16])
        #expect(try journal.memberlessEvents(of: 1, after: 0, limit: 9).map(\.sequence) == [23])
        #expect(try journal.memberlessEvents(of: 0, after: 22, limit: 9).isEmpty)
    }

    @Test func `Parts of a history are found without looking at others' events`() throws {
        let journal = try Journal(directory: directory.path, access: .write)
        func plan(_ sql: String) throws -> [String] {
            try journal.queue.read { database in
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: [0, 0, 1]
                ).map { $0["detail"] as String }
            }
        }
        let place = Journal.EventPlace.tables(before: nil)
        #expect(
            try plan(place.page(Journal.columnsOfDescent, place.ofPopulation)) == [
                "SEARCH place USING PRIMARY KEY (population=? AND sequence>?)",
                "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)",
            ])
        #expect(
            try plan(Journal.memberlessEvents)
                == ["SEARCH event USING INDEX event_memberless (population=? AND sequence>?)"])
    }
}

extension Event {
    /// What it tells of descent; `nil` for nothing.
    fileprivate var bare: Event? {
        switch kind {
        case .created: return Event(member: member, kind: .created(hyperparameters: []))
        case .reported(var reported):
            (reported.hyperparameters, reported.metrics, reported.verdict) = ([], [], nil)
            reported.exploit = reported.exploit?.bare
            return Event(member: member, kind: .reported(reported))
        case .exploited(var exploited):
            exploited.verdict = nil
            exploited.exploit = exploited.exploit.bare
            return Event(member: member, kind: .exploited(exploited))
        case .declined(let reason, .donor(let exploit)):
            let fallback = Fallback.donor(exploit.bare)
            return Event(member: member, kind: .declined(reason: reason, fallback: fallback))
        case .declined, .removed: return self
        case .leased, .released, .paused, .resumed, .ended, .changed, .generationClosed: return nil
        }
    }
}

extension Exploit {
    fileprivate var bare: Exploit {
        var donor = donor
        donor.hyperparameters = []
        return Exploit(donor: donor, explored: [], operations: [])
    }
}
