import Evolution
import Foundation
import GRDB
import Records
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
        #expect(try journal.leases().map(\.place) == [""])
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

    @Test func `Of the fifth version's members it is known who trains them, and where they stood`()
        throws
    {
        let path = directory.path + "/" + Journal.fileName
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "5")
        // Member 3 waits in `recent`: its row in the table is older.
        var waiting = Member(id: 3, hyperparameters: [.number(0.5)])
        (waiting.step, waiting.reports) = (20, 2)
        var writer = ChangeWriter()
        writer.write(.member(population: 0, waiting))
        let bytes = writer.withBytes { Data($0) }
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO population (id, name, specification, hyperparameters, created)
                        VALUES (0, 'p', 'x', 'x', 1);
                    INSERT INTO member (population, id, hyperparameters, step, reports, considered)
                        VALUES (0, 0, '{"x":0.5}', 10, 1, 10), (0, 1, '{"x":0.5}', 10, 1, 10),
                            (0, 2, '{"x":0.5}', 0, 0, 0), (0, 3, '{"x":0.5}', 10, 1, 10);
                    INSERT INTO event (sequence, time, population, member, kind, detail, rank, ranked)
                        VALUES (1, 5, 0, 0, 'leased', 'w', NULL, NULL),
                            (2, 5, 0, 0, 'reported', NULL, 1, 1),
                            (3, 5, 0, 1, 'leased', 'v', NULL, NULL),
                            (4, 5, 0, 1, 'reported', NULL, 2, 2),
                            (5, 5, 0, 3, 'leased', 'u', NULL, NULL),
                            (6, 5, 0, 3, 'reported', NULL, NULL, NULL),
                            (7, 5, 0, 1, 'released', 'left', NULL, NULL),
                            (8, 5, 0, 3, 'reported', NULL, 3, 3),
                            (9, 5, 0, 3, 'released', 'switched', NULL, NULL);
                    """)
            try database.execute(
                sql: "INSERT INTO recent (first_event, changes) VALUES (1, ?)", arguments: [bytes])
        }
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        let members = try journal.members(of: 0)
        #expect(members.map(\.presence) == [.held, .away(since: 3), .waiting, .waiting])
        #expect(
            members.map(\.standing) == [
                Standing(rank: 1, ranked: 1), Standing(rank: 2, ranked: 2), nil,
                Standing(rank: 3, ranked: 3),
            ])
        #expect(members[3].reports == 2)
        #expect(try journal.misplacedEvents(limit: 9) == [])
    }

    @Test func `What the sixth version decided has no verdict, and what is decided now has one`()
        throws
    {
        try writeFirstVersion()
        let queue = try DatabaseQueue(path: directory.path + "/" + Journal.fileName)
        try Schema.migrator.migrate(queue, upTo: "6")
        // As it was, before a migration of older ones brought the seventh's columns along.
        try queue.write { database in
            for (table, column) in [
                ("event", "verdict"), ("member", "scores"), ("baseline_member", "scores"),
            ] { try database.execute(sql: "ALTER TABLE \(table) DROP COLUMN \(column)") }
        }
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        let before = try journal.events(of: 0, after: 0, limit: 9).map(\.event)
        for case .reported(let report) in before.map(\.kind) { #expect(report.verdict == nil) }
        var reported = Reported(
            report: 3, step: 30, score: 1, checkpoint: "c", hyperparameters: [.number(0.5)])
        reported.verdict = Verdict(rule: "t_test", ranking: "mean", outcome: "not_worse")
        let event = Event(member: 0, kind: .reported(reported))
        var member = try journal.members(of: 0)[0]
        member.scores = OwnScores(
            [.init(step: 20, score: .nan, place: 0.25), .init(step: 30, score: 1)], fresh: 1)
        try journal.commit([
            .event(EventRecord(sequence: 6, population: 0, time: 9, event: event)),
            .member(population: 0, member),
        ])
        #expect(try journal.events(of: 0, after: 5, limit: 9).map(\.event) == [event])
        let stored = try journal.members(of: 0)[0].scores
        #expect(stored.fresh.map(\.score) == [1] && stored.entries[0].place == 0.25)
        #expect(stored.entries[0].score.isNaN)
        try journal.settle()
        #expect(try journal.members(of: 0)[0].scores.entries.count == 2)
        #expect(try journal.malformedRows(limit: 9) == [])
    }

    @Test func `What happened to a population of the ninth version is found`() throws {
        try writeFirstVersion()
        let queue = try DatabaseQueue(path: directory.path + "/" + Journal.fileName)
        try Schema.migrator.migrate(queue, upTo: "9")
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO event (sequence, time, population, member, kind)
                    VALUES (6, 8, 0, NULL, 'paused'), (7, 8, 1, NULL, 'paused'), (8, 8, 0, NULL, 'ended')
                    """)
        }
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        #expect(
            try journal.memberlessEvents(of: 0, after: 0, limit: 9).map(\.event)
                == [Event(kind: .paused), Event(kind: .ended(nil))])
        #expect(
            try journal.descent(of: 0, after: 0, limit: 9, lookingAt: 9).events.map(\.sequence)
                == [1, 2, 3])
        #expect(try journal.malformedRows(limit: 9) == [])
    }

    @Test func `Events of the tenth version are found, also those that waited`() throws {
        try writeFirstVersion()
        let queue = try DatabaseQueue(path: directory.path + "/" + Journal.fileName)
        try Schema.migrator.migrate(queue, upTo: "10")
        var waiting = Member(id: 0, hyperparameters: [.number(0.5)])
        waiting.reports = 9
        var writer = ChangeWriter()
        writer.write(.member(population: 0, waiting))
        let bytes = writer.withBytes { Data($0) }
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO event (sequence, time, population, member, kind)
                    VALUES (6, 8, 0, NULL, 'paused'), (7, 8, 0, NULL, 'ended')
                    """)
            try database.execute(
                sql: "INSERT INTO recent (first_event, changes) VALUES (7, ?)", arguments: [bytes])
        }
        try queue.close()
        let journal = try Journal(directory: directory.path, access: .write)
        #expect(
            try journal.events(of: 0, after: 4, limit: 9).map(\.sequence)
                == journal.events(after: 4, limit: 9).map(\.sequence))
        #expect(try journal.members(of: 0)[0].reports == 9)
        #expect(try journal.misplacedEvents(limit: 9) == [])
        #expect(try journal.malformedRows(limit: 9) == [])
    }

    @Test func `A population of the thirteenth version keeps no best states, and then some`()
        throws
    {
        try writeFirstVersion()
        let queue = try DatabaseQueue(path: directory.path + "/" + Journal.fileName)
        try Schema.migrator.migrate(queue, upTo: "13")
        var writer = ChangeWriter()
        var record = PopulationRecord(
            id: 0, name: "digits", specification: "text", hyperparameters: ["rate"], created: 7)
        record.status = .paused
        writer.write(.population(record))
        let bytes = writer.withBytes { Data($0) }
        try queue.write { database in
            try database.execute(
                sql: "INSERT INTO recent (first_event, changes) VALUES (6, ?)", arguments: [bytes])
        }
        try queue.close()
        func read() throws -> PopulationRecord? {
            try Journal(directory: directory.path, access: .read).populations().first
        }
        do {
            let journal = try Journal(directory: directory.path, access: .write)
            #expect(try journal.populations().first?.status == .paused)
            #expect(try journal.populations().first?.archive == [])
            record.archive = (1...3).map { report in
                let state = CommittedState(
                    member: 0, report: report, step: 10, score: 0.25,
                    hyperparameters: [.number(0.5)], checkpoint: "c\(report)")
                return ArchivedState(state, copies: report)
            }
            try journal.commit([.population(record)])
            #expect(try read() == record)
            try journal.settle()
            #expect(try read() == record)
            record.archive.removeFirst()
            try journal.commit([.population(record)])
            try journal.settle()
            #expect(try journal.malformedRows(limit: 9) == [])
        }
        #expect(try read() == record)
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
