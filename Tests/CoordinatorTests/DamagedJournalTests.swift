import Foundation
import GRDB
import Journal
import Messages
import Testing

@testable import Coordinator

/// Journals that a disk or a hand has changed, which a coordinator must not go on from.
struct DamagedJournalTests {
    @Test(arguments: [
        ("UPDATE population SET id = 7", "the population number 0 is missing"),
        ("DELETE FROM member WHERE population = 0 AND id = 0", "member 0 of 'p' is missing"),
        ("UPDATE member SET hyperparameters = '{}' WHERE id = 1", "other hyperparameters"),
        ("UPDATE member SET latest_member = 99 WHERE id = 0", "is of no member"),
        ("UPDATE member SET latest_report = NULL WHERE id = 0", "a row lacks something"),
        ("UPDATE member SET step = -1 WHERE id = 0", "a row has -1 as step"),
        ("UPDATE member SET step = 9223372036854775807 WHERE id = 0", "as step"),
        ("UPDATE member SET reports = 9223372036854775807 WHERE id = 0", "as reports"),
        ("UPDATE population SET best_member = 99", "best state of 'p' is of no member"),
        ("UPDATE population SET best_hyperparameters = '{\"a\":'", "not the journal's JSON"),
        ("UPDATE population SET specification = '{'", "This is not YAML"),
        ("UPDATE lease SET member = 99", "a lease is of no member"),
        ("UPDATE lease SET population = -1", "a lease is of no member"),
        (
            "UPDATE lease SET member = 0, state = 'live'",
            "member 0 of 'p' has two leases"
        ),
        ("UPDATE coordinator SET pruned = -1", "a row has -1 as pruned"),
        ("INSERT INTO release VALUES (1, 9, NULL, '/c')", "a release is of no population"),
    ])
    func `A coordinator says what is damaged and does not start`(
        damage: String, reason: String
    ) throws {
        var desk = try Desk()
        try desk.create(members: 3)
        for _ in 0..<2 {
            let lease = try desk.lease()
            _ = try desk.report(lease.token, step: 10, score: 1)
        }
        try desk.settle()
        desk.close()
        let path = desk.directory.path + "/" + Journal.fileName
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: damage) }
            try queue.close()
        }
        let error = #expect(throws: (any Error).self) { try desk.restart() }
        #expect("\(try #require(error))".contains(reason))
    }

    @Test func `A state that descends from itself has no schedule, and no end of it either`() throws
    {
        var desk = try Desk()
        try desk.create(members: 5, fraction: 0.2)
        for score in 1...5 {
            let lease = try desk.lease()
            _ = try desk.report(lease.token, step: 10, score: Double(score))
        }
        try desk.settle()
        desk.close()
        let queue = try DatabaseQueue(path: desk.directory.path + "/" + Journal.fileName)
        // Members 0 and 1 copy each other's second reports before they make them.
        try queue.write { database in
            for (sequence, member, donor) in [(1001, 0, 1), (1002, 1, 0)] {
                try database.execute(
                    sql: """
                        INSERT INTO event (sequence, time, population, member, kind, report, step,
                            score, checkpoint, hyperparameters, metrics, declined, donor,
                            donor_report, donor_step, donor_score, donor_checkpoint,
                            donor_hyperparameters, explored, operations)
                        VALUES (?1, 0, 0, ?2, 'reported', 2, 20, 1, 'c', '{"rate":1.0}', '{}', 0,
                            ?3, 3, 30, 1, 'd', '{"rate":1.0}', '{"rate":1.0}', 'kept');
                        """, arguments: [sequence, member, donor])
                try database.execute(
                    sql: """
                        INSERT INTO event (sequence, time, population, member, kind, report, step,
                            score, checkpoint, hyperparameters, metrics, declined)
                        VALUES (?1, 0, 0, ?2, 'reported', 3, 30, 1, 'd', '{"rate":1.0}', '{}', 0)
                        """, arguments: [sequence + 10, member])
                try database.execute(
                    sql: "INSERT INTO event_of_member VALUES (0, ?1, ?2), (0, ?1, ?2 + 10)",
                    arguments: [member, sequence])
                try database.execute(
                    sql: "INSERT INTO event_of_population VALUES (0, ?1), (0, ?1 + 10)",
                    arguments: [sequence])
            }
            try database.execute(
                sql: """
                    UPDATE member SET latest_member = 0, latest_report = 3, latest_step = 30
                    WHERE id = 0
                    """)
        }
        try queue.close()
        try desk.restart()
        #expect(try desk.refusal(.getSchedule(WireGetSchedule()))?.code == .unavailable)
    }
}
