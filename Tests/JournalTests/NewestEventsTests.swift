import Evolution
import Records
import TestSupport
import Testing

@testable import Journal

@Suite struct NewestEventsTests {
    private func event(_ sequence: Int, of population: Int) -> EventRecord {
        EventRecord(
            sequence: sequence, population: population, time: 0, event: Event(kind: .paused))
    }

    @Test func `A page is what a list of all would have, or nothing when some are forgotten`() {
        var newest = NewestEvents()
        var all: [EventRecord] = []
        #expect(newest.events(of: 0, after: 0, limit: 9) == nil)
        for sequence in 101...(101 + 2 * NewestEvents.most + 70) {
            let record = event(sequence, of: sequence * 7919 / 8 % 3)
            newest.add(record)
            all.append(record)
            guard sequence % 97 == 0 || all.count <= 3 else { continue }
            let kept = all.suffix(NewestEvents.most)
            let first = kept[kept.startIndex].sequence
            let after = first - 3 + sequence * 31 % (kept.count + 5)
            let limit = 1 + sequence % 300
            let isKept = after >= first - 1
            let page = kept.filter { $0.population == 1 && $0.sequence > after }.prefix(limit)
            #expect(
                newest.events(of: 1, after: after, limit: limit) == (isKept ? Array(page) : nil))
        }
        #expect(newest.events(of: 1, after: .max, limit: 1) == [])
        #expect(newest.events(of: 1, after: .min, limit: 1) == nil)
    }

    @Test func `What does not follow on begins anew`() {
        var newest = NewestEvents()
        for sequence in [1, 2, 3, 9, 10] { newest.add(event(sequence, of: 0)) }
        #expect(newest.events(of: 0, after: 3, limit: 9) == nil)
        #expect(newest.events(of: 0, after: 8, limit: 9)?.map(\.sequence) == [9, 10])
    }
}

extension JournalTests {
    @Test(arguments: deferrals)
    func `Who wrote events and who reads their rows find the same`(deferral: Deferral) throws {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        let records = everyKindOfEvent()
        try journal.commit([.population(population)] + records.map(Change.event))
        let reader = try Journal(directory: directory.path, access: .read)
        for after in 0...records.count {
            let written = try journal.events(of: 0, after: after, limit: 4)
            let read = try reader.events(of: 0, after: after, limit: 4)
            #expect(written.count == min(4, records.count - after))
            // NaN is unequal to itself, so descriptions are compared.
            #expect(written.map { "\($0)" } == read.map { "\($0)" })
        }
    }

    /// Rows say where checkpoints are by now.
    @Test func `Events of a directory that was moved are read from their rows`() throws {
        let journal = try Journal(directory: directory.path, access: .write)
        journal.moves.add("/former", to: "/present")
        let reported = Reported(
            report: 1, step: 1, score: 1, checkpoint: "/former/0", hyperparameters: values)
        let record = EventRecord(
            sequence: 1, population: 0, time: 0,
            event: Event(member: 0, kind: .reported(reported)))
        try journal.commit([.population(population), .event(record)])
        let read = try journal.events(of: 0, after: 0, limit: 1)
        guard case .reported(let found)? = read.first?.event.kind else {
            Issue.record("it is no report")
            return
        }
        #expect(found.checkpoint == "/present/0")
    }
}
