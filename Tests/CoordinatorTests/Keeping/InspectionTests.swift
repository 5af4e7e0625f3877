import Foundation
import GRDB
import Journal
import Messages
import Testing

@testable import Coordinator

/// What a check finds in a journal, and what it does not.
struct InspectionTests {
    @Test func `A journal in which everything has happened is well`() throws {
        let desk = try Desk.withEveryKindOfEvent()
        let inspection = try Inspection(directory: desk.directory.path)
        #expect(inspection.faults == [])
        #expect((inspection.populations, inspection.members) == (3, 14))
        #expect(inspection.events == desk.core.sequence)
        #expect(inspection.leases == desk.core.leases.values.count(where: \.isLive))
        #expect(inspection.leases > 0)

        try desk.settle()
        #expect(try Inspection(directory: desk.directory.path).faults == [])
        let kinds = try sql(desk, "SELECT DISTINCT kind FROM event")
        #expect(kinds.count == 12)
        for what in [
            "event WHERE donor IS NOT NULL", "release",
            "member WHERE previous_member IS NOT NULL AND previous_score IS NULL",
            "event WHERE detail = 'lapsed'", "event WHERE fallback = 'previous'",
            "event WHERE fallback = 'donor'", "event WHERE fallback = 'start'",
            "event WHERE kind = 'exploited'",
        ] {
            #expect(try sql(desk, "SELECT count(*) FROM \(what)") != ["0"], "\(what)")
        }
    }

    @Test func `A journal without a population is well`() throws {
        let desk = try Desk()
        let inspection = try Inspection(directory: desk.directory.path)
        #expect(inspection.faults == [])
        #expect((inspection.populations, inspection.events) == (0, 0))
    }

    @Test(arguments: [
        ("DELETE FROM event WHERE sequence = 9", "Event 9 is missing."),
        ("DELETE FROM event WHERE sequence IN (9, 10)", "Events 9 to 10 are missing."),
        ("UPDATE event SET population = 9 WHERE sequence = 9", "Event 9 is of population number 9"),
        ("UPDATE event SET member = 77 WHERE sequence = 9", "there is no member 77"),
        ("UPDATE event SET member = 1 WHERE sequence = 1", "makes member 1, where 0 is next"),
        ("UPDATE event SET member = 1 WHERE kind = 'paused'", "and names a member"),
        ("UPDATE event SET member = NULL WHERE sequence = 9", "it names no member"),
        ("UPDATE event SET report = 9 WHERE report = 2", "it is report 9 of member"),
        (
            "UPDATE event SET hyperparameters = '{}' WHERE sequence = 2",
            "it has 0 hyperparameters, and the space has 1"
        ),
        (
            "UPDATE event SET hyperparameters = '{' WHERE sequence = 2",
            "After event 1 comes one that cannot be read"
        ),
        (
            "UPDATE event SET step = NULL WHERE report = 2",
            "The row of the table event with sequence"
        ),
        (
            "UPDATE event SET kind = 'sung' WHERE sequence = 9",
            "The row of the table event with sequence 9 is not one"
        ),
        (
            "UPDATE member SET latest_checkpoint = NULL WHERE id = 0",
            "The row of the table member with population 0, id 0"
        ),
        (
            "UPDATE event SET donor_report = 77 WHERE donor IS NOT NULL",
            "copies report 77 of member"
        ),
        ("UPDATE event SET donor = 77 WHERE donor IS NOT NULL", "of member 77, which that member"),
        (
            "UPDATE event SET donor_report = 77 WHERE fallback = 'donor'",
            "copies report 77 of member"
        ),
        (
            "UPDATE event SET explored = '{}' WHERE fallback = 'donor'",
            "it has 0 hyperparameters, and the space has 1"
        ),
        (
            "UPDATE event SET fallback = 'previous', donor = NULL WHERE fallback = 'donor'",
            "the next hyperparameters of member 4 is stored as"
        ),
        (
            "UPDATE event SET fallback = 'sideways' WHERE fallback = 'start'",
            "The row of the table event with sequence"
        ),
        (
            "UPDATE event SET fallback = NULL WHERE fallback = 'donor'",
            "The row of the table event with sequence"
        ),
        (
            "UPDATE event SET fallback = 'start' WHERE kind = 'leased'",
            "The row of the table event with sequence"
        ),
        (
            "UPDATE event SET kind = 'leased' WHERE detail = 'left'",
            "is leased or removed while a worker trains it"
        ),
        ("UPDATE event SET kind = 'released', detail = 'left' WHERE sequence = 9", "given back"),
        ("UPDATE member SET step = step + 1 WHERE id = 3", "the step of member 3 is stored as"),
        (
            "UPDATE member SET latest_score = 99 WHERE id = 2 AND population = 0",
            "at step 30 with score 99.0, checkpoint"
        ),
        ("UPDATE member SET previous_member = NULL", "the previous state of member 2 is stored"),
        ("UPDATE member SET hyperparameters = '{\"rate\":null}'", "the next hyperparameters of"),
        (
            "UPDATE member SET considered = 3 WHERE id = 1",
            "that the interval counts from of member"
        ),
        ("UPDATE member SET donor = 4", "the donor of member 1 is stored as 4"),
        ("UPDATE member SET rescued = 1 - rescued", "whether it was rescued of member 0"),
        ("UPDATE member SET lost = 1 - lost", "whether the worker was lost of member 0"),
        ("UPDATE member SET removed = 1 - removed", "whether it was removed of member 0"),
        (
            "UPDATE member SET reports = 9 WHERE id = 0 AND population = 0",
            "the number of reports is stored as"
        ),
        ("UPDATE member SET id = 9 WHERE id = 6", "the number of member 6 is stored as 9"),
        ("DELETE FROM member WHERE id = 6", "the number of members is stored as 6, but"),
        (
            "UPDATE population SET status = 'active' WHERE id = 0",
            "the status is stored as active, but the events lead to ended."
        ),
        (
            "UPDATE population SET status = 'asleep' WHERE id = 0",
            "The row of the table population with id 0"
        ),
        ("UPDATE population SET best_score = 0 WHERE id = 0", "the best state is stored as report"),
        ("UPDATE population SET best_member = NULL", "the best state is stored as none, but"),
        (
            """
            UPDATE population SET specification =
            replace(specification, 'interval: 10', 'interval: 11') WHERE id = 0
            """, "the setting interval is stored as 11, but the events lead to 10."
        ),
        ("UPDATE population SET specification = '['", "The specification of 'p' cannot be read: "),
        ("UPDATE population SET hyperparameters = 'rat'", "the list of hyperparameters is stored"),
        ("UPDATE population SET id = 7 WHERE id = 1", "The population 'q' has the number 7"),
        ("UPDATE lease SET state = 'ended'", "but has no live lease."),
        ("UPDATE lease SET member = 77 WHERE state = 'live'", "A lease is of member 77 of"),
        ("UPDATE lease SET population = 7", "of population number 7, which does not exist"),
        ("UPDATE lease SET state = 'live'", "but its events do not say so."),
        (
            """
            INSERT INTO lease SELECT 1, population, member, worker, 0, state, x'', 0, 0, '', 0, ''
            FROM lease WHERE state = 'live' LIMIT 1
            """, "has more than one live lease."
        ),
        (
            """
            INSERT INTO release
            SELECT (SELECT max(sequence) FROM event WHERE population = 0) * 16, 0, 0,
            best_checkpoint FROM population WHERE id = 0
            """, "which is held."
        ),
        (
            "UPDATE event SET generation = 2 WHERE kind = 'generation_closed'",
            "it closes generation 2, which is not open"
        ),
        (
            "UPDATE event SET generation_reported = 4 WHERE kind = 'generation_closed'",
            "it says that 4 members had reported for the generation, and 5 had"
        ),
        (
            "UPDATE event SET generation = 7 WHERE kind = 'exploited'",
            "generation 7 did not close just before it"
        ),
        (
            "UPDATE event SET report = 7 WHERE kind = 'exploited'",
            "did not go by report 7 then"
        ),
        (
            "UPDATE event SET donor = NULL WHERE kind = 'exploited'",
            "The row of the table event with sequence"
        ),
        (
            "UPDATE event SET generation = 9 WHERE kind = 'reported' AND generation = 1",
            "it counts for generation 9, which is not open"
        ),
        (
            "UPDATE member SET generation = generation + 1 WHERE generation > 0",
            "the generation of member 1 is stored as 2, but the events lead to 1."
        ),
        (
            "UPDATE population SET generation = 7 WHERE id = 2",
            "the open generation is stored as 7, but the events lead to 2."
        ),
        ("INSERT INTO release VALUES (1, 0, 0, '/c')", "The release 1 belongs to no event"),
        ("UPDATE release SET population = 1", "belongs to no event of its population."),
        (
            "DELETE FROM event_of_member WHERE sequence = 9",
            "The table event_of_member does not have event 9 as it happened."
        ),
        (
            "UPDATE event_of_member SET member = member + 1 WHERE sequence = 9",
            "The table event_of_member does not have event 9 as it happened."
        ),
        ("INSERT INTO event_of_member VALUES (0, 0, 1000)", "does not have event 1000 as it"),
        (
            "UPDATE event_of_member SET member = 'x' WHERE sequence = 9",
            "The row of the table event_of_member with sequence 9"
        ),
        (
            "DELETE FROM event_of_population WHERE sequence = 9",
            "The table event_of_population does not have event 9 as it happened."
        ),
        ("INSERT INTO event_of_population VALUES (0, 1000)", "does not have event 1000 as it"),
        (
            "UPDATE event_of_population SET population = 'x' WHERE sequence = 9",
            "The row of the table event_of_population with sequence 9"
        ),
        ("INSERT INTO recent VALUES (3, 7, x'01')", "The row of the table recent with number 3"),
        ("INSERT INTO recent VALUES (3, 7, '')", "The row of the table recent with number 3"),
        ("INSERT INTO recent VALUES (3, 9, x'')", "The table event_of_member does not have"),
        (
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, 'detail TEXT', 'detail TEXT NOT NULL')
            WHERE name = 'event'
            """, "SQLite finds its file broken: NULL value in event.detail."
        ),
    ])
    func `Each fault is found and named`(change: String, sentence: String) throws {
        let desk = try Desk.withEveryKindOfEvent()
        try desk.settle()
        try plant(change, in: desk)
        let faults = try Inspection(directory: desk.directory.path).faults.map(\.description)
        #expect(faults.contains { $0.contains(sentence) }, "\(faults)")
        #expect(faults.allSatisfy { $0.hasSuffix(".") && !$0.contains("\n") }, "\(faults)")
    }

    @Test func `Of very many faults the first are named, and all counted`() throws {
        let desk = try Desk.withEveryKindOfEvent()
        try desk.settle()
        try plant("UPDATE event SET population = 9", in: desk)
        let inspection = try Inspection(directory: desk.directory.path)
        #expect(inspection.faults.count == Inspection.mostFaults)
        #expect(inspection.further > 0)
    }

    @Test func `What is committed meanwhile is not looked at`() throws {
        let desk = try Desk.withEveryKindOfEvent()
        try desk.settle()
        var told: [Int] = []
        let inspection = try Inspection(directory: desk.directory.path) { event, last in
            #expect(last == desk.core.sequence)
            told.append(event)
            // Half of what a coordinator would commit.
            if event == last {
                #expect(throws: Never.self) { try plant("DELETE FROM member", in: desk) }
            }
        }
        #expect(told == [0, desk.core.sequence])
        #expect(inspection.faults == [])
        #expect(try Inspection(directory: desk.directory.path).faults.isEmpty == false)
    }

    /// Changes the journal behind the coordinator's back.
    private func plant(_ change: String, in desk: Desk) throws {
        let queue = try DatabaseQueue(path: desk.directory.path + "/" + Journal.fileName)
        let changes = try queue.writeWithoutTransaction { database in
            try database.execute(sql: change)
            return database.totalChangesCount
        }
        #expect(changes > 0, "\(change) changes something")
        try queue.close()
    }

    private func sql(_ desk: Desk, _ query: String) throws -> [String] {
        let queue = try DatabaseQueue(path: desk.directory.path + "/" + Journal.fileName)
        return try queue.read { try String.fetchAll($0, sql: query) }
    }
}
