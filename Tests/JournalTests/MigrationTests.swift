import Evolution
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Journal

/// Journals that older versions wrote.
struct MigrationTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A journal as the first version made it, with a population, its members and their events.
    private func writeFirstVersion() throws {
        let path = directory.path + "/" + Journal.fileName
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "1")
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO population VALUES (0, 'digits', 'text', 'rate', 7);
                    INSERT INTO member VALUES (0, 0, '{"rate":0.5}', 10, 1, 10, NULL,
                        0, 1, 10, 0.25, 'a', '{"rate":0.5}', NULL, NULL, NULL, NULL, NULL, NULL);
                    INSERT INTO event (sequence, time, population, member, kind, hyperparameters)
                        VALUES (1, 5, 0, 0, 'created', '{"rate":0.5}');
                    INSERT INTO event (sequence, time, population, member, kind, report, step, score,
                        checkpoint, hyperparameters, metrics, declined)
                        VALUES (2, 6, 0, 0, 'reported', 1, 10, 0.25, 'a', '{"rate":0.5}', '{}', 0);
                    INSERT INTO event (sequence, time, population, member, kind, report, step, score,
                        checkpoint, hyperparameters, metrics, declined)
                        VALUES (3, 6, 0, 0, 'reported', 2, 20, 0.125, 'b', '{"rate":0.5}', '{}', 0);
                    INSERT INTO event (sequence, time, population, member, kind, detail)
                        VALUES (4, 6, 0, 0, 'leased', 'w'), (5, 7, 0, 0, 'released', 'lapsed');
                    INSERT INTO lease VALUES (9, 0, 0, 'w', 1, 'live', x'01', 6);
                    """)
        }
        try queue.close()
    }

    @Test func `All that an older version wrote is there, and new things are written`() throws {
        try writeFirstVersion()
        var wasTold = false
        let journal = try Journal(directory: directory.path, access: .write) { wasTold = true }
        #expect(wasTold)
        let population = try #require(try journal.populations().first)
        #expect((population.name, population.status) == ("digits", .active))
        #expect((population.best?.report, population.best?.checkpoint) == (1, "a"))
        #expect(
            (population.best?.score, population.best?.hyperparameters) == (0.25, [.number(0.5)]))
        let member = try #require(try journal.members(of: 0).first)
        #expect((member.step, member.isLost, member.isRemoved) == (10, true, false))
        #expect(member.latest?.checkpoint == "a")
        #expect(try journal.leases().map(\.keeps) == [false])
        #expect(try journal.events(of: 0, after: 0, limit: 9).map(\.sequence) == Array(1...5))
        try journal.commit([
            .event(EventRecord(sequence: 6, population: 0, time: 8, event: Event(kind: .paused)))
        ])
        #expect(
            try journal.events(of: 0, after: 5, limit: 9).map(\.event) == [Event(kind: .paused)])
        #expect(try journal.events(of: 0, after: 0, member: 0, limit: 9).count == 5)
    }

    @Test(arguments: ["1", "2"])
    func `What an older version declined led to the state before`(version: String) throws {
        let path = directory.path + "/" + Journal.fileName
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: version)
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO event (sequence, time, population, member, kind, detail)
                    VALUES (1, 5, 0, 0, 'declined', 'gone')
                    """)
        }
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        #expect(
            try journal.events(of: 0, after: 0, limit: 9).map(\.event.kind)
                == [.declined(reason: "gone", fallback: .previous)])
        #expect(try journal.malformedRows(limit: 9).isEmpty)
    }

    @Test func `A population of the second version has no generations`() throws {
        try writeFirstVersion()
        let queue = try DatabaseQueue(path: directory.path + "/" + Journal.fileName)
        try Schema.migrator.migrate(queue, upTo: "2")
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        #expect(try journal.populations().map(\.generation) == [0])
        #expect(try journal.members(of: 0).map(\.generation) == [0])
        let closed = GenerationClosed(generation: 1, reported: 1, isByDeadline: true)
        let event = Event(kind: .generationClosed(closed))
        try journal.commit([
            .event(EventRecord(sequence: 6, population: 0, time: 8, event: event))
        ])
        #expect(try journal.events(of: 0, after: 5, limit: 9).map(\.event) == [event])
        for case .reported(let report) in try journal.events(of: 0, after: 0, limit: 9)
            .map(\.event.kind)
        {
            #expect(report.generation == nil)
        }
    }

    @Test func `Members' events of the fourth version are found`() throws {
        try writeFirstVersion()
        let queue = try DatabaseQueue(path: directory.path + "/" + Journal.fileName)
        try Schema.migrator.migrate(queue, upTo: "4")
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO event (sequence, time, population, member, kind)
                    VALUES (6, 8, 0, 1, 'removed'), (7, 8, 0, NULL, 'paused'), (8, 8, 1, 0, 'removed')
                    """)
        }
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        #expect(
            try journal.events(of: 0, after: 1, member: 0, limit: 3).map(\.sequence) == [2, 3, 4])
        #expect(try journal.events(of: 0, after: 0, member: 1, limit: 9).map(\.sequence) == [6])
        #expect(try journal.events(of: 1, after: 0, member: 0, limit: 9).map(\.sequence) == [8])
        #expect(try journal.lineage(of: 0, member: 0, throughReport: 2).count == 2)
        #expect(try journal.misplacedEvents(limit: 9) == [])
        #expect(try journal.malformedRows(limit: 9) == [])
        let old = try journal.queue.read { database in
            try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE name = 'event_member'")
        }
        #expect(old == [])
    }

    @Test func `Reading an older version's journal says how to bring it up to date`() throws {
        try writeFirstVersion()
        #expect(throws: JournalError.olderVersion(directory.path)) {
            _ = try Journal(directory: directory.path, access: .read)
        }
        var isTold = false
        _ = try Journal(directory: directory.path, access: .write) { isTold = true }
        #expect(isTold)
        _ = try Journal(directory: directory.path, access: .write) {
            Issue.record("It is up to date.")
        }
        #expect(try Journal(directory: directory.path, access: .read).populations().count == 1)
    }
}
