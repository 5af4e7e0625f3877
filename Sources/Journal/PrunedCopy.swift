import Foundation
import GRDB
import Records

/// A journal without some of its events, made to take that one's place.
///
/// It is made whole in a file beside the journal, and then copied over it in one transaction, which
/// SQLite's log makes all or nothing: whenever the process or the machine dies, the journal is the
/// old one or the new one. That takes room on the disk for what stays, twice, and none for what
/// goes; deleting in place and `VACUUM` would write every page that an event is deleted from, and
/// the new file twice after that.
package struct PrunedCopy {
    /// The copy, to be read.
    package let journal: Journal
    private let queue: DatabaseQueue

    private static let suffix = ".pruned"
    /// The pages that are kept in memory while the copy is written, in KiB.
    private static let cache = 65_536

    /// - Parameters:
    ///   - journal: The journal, open for writing.
    ///   - sequence: Events up to this one are left out unless they are kept.
    ///   - baselines: What those events led to.
    package init(
        of journal: Journal, through sequence: Int, baselines: [Baseline],
        isKept: @escaping @Sendable (_ sequence: Int) -> Bool
    ) throws(JournalError) {
        try journal.settle()
        queue = try Journal.catching(in: journal.directory) {
            // It takes the place of one with pages of that size.
            let pageSize = try journal.queue.read { try Int.fetchOne($0, sql: "PRAGMA page_size") }
            let path = journal.directory + "/" + Journal.fileName + Self.suffix
            let queue = try Self.unnamedQueue(path, pageSize: pageSize ?? Journal.pageSize)
            try Schema.migrator.migrate(queue)
            let isKept = DatabaseFunction("is_kept", argumentCount: 1, pure: true) { values in
                Int.fromDatabaseValue(values[0]).map(isKept)
            }
            let source = try Self.source(of: journal)
            try queue.writeWithoutTransaction { database in
                database.add(function: isKept)
                try database.execute(
                    sql: "PRAGMA cache_size = -\(Self.cache); ATTACH ? AS journal",
                    arguments: [source])
                try database.inTransaction {
                    try Self.copy(through: sequence, in: database)
                    for baseline in baselines { try journal.insert(baseline, into: database) }
                    try database.execute(
                        sql: "UPDATE coordinator SET pruned = ?", arguments: [sequence])
                    return .commit
                }
                try database.execute(sql: "DETACH journal")
            }
            return queue
        }
        self.journal = try Journal(queue, of: journal.directory)
    }

    /// What the copy's connection reads the journal by.
    private static func source(of journal: Journal) throws -> String {
        guard journal.isLockedForGood else { return journal.path }
        // All is in the file then, and nothing changes it before the copy is made: it may be read without
        // its log and without a lock.
        try journal.queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        return DatabaseQueue.addressWithoutLog(journal.path)
    }

    /// A process that dies between making the file and taking its name away leaves the file behind,
    /// which has nothing in it: whoever opens the journal to write removes it.
    static func removeWhatIsLeft(beside journal: String) { unlink(journal + suffix) }

    /// The file loses its name at once, so that its room is free whatever becomes of the process.
    private static func unnamedQueue(_ path: String, pageSize: Int) throws -> DatabaseQueue {
        defer { unlink(path) }
        var configuration = Configuration()
        configuration.label = "pruned journal"
        configuration.prepareDatabase { database in
            // A copy that is not whole is thrown away.
            try database.execute(
                sql: """
                    PRAGMA page_size = \(pageSize); PRAGMA journal_mode = OFF;
                    PRAGMA synchronous = OFF
                    """)
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// All tables are copied as they are, but for the events and the baseline.
    private static func copy(through sequence: Int, in database: Database) throws {
        let tables = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM journal.sqlite_schema
                WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                    AND name NOT IN (
                        'event', 'event_of_member', 'event_of_population', 'baseline_population',
                        'baseline_member', 'baseline_archived', 'grdb_migrations')
                """)
        for table in tables {
            try database.execute(
                sql: """
                    DELETE FROM main."\(table)";
                    INSERT INTO main."\(table)" SELECT * FROM journal."\(table)"
                    """)
        }
        for (table, order) in [
            ("event", "sequence"), ("event_of_member", "population, member, sequence"),
            ("event_of_population", "population, sequence"),
        ] {
            try database.execute(
                sql: """
                    INSERT INTO main.\(table) SELECT * FROM journal.\(table)
                    WHERE sequence > ? OR is_kept(sequence) ORDER BY \(order)
                    """, arguments: [sequence])
        }
    }

    /// Puts the copy in the journal's place.
    ///
    /// - Returns: Whether the file could be made smaller; not while something reads the journal.
    package func replace(_ journal: Journal) throws(JournalError) -> Bool {
        try Journal.catching(in: journal.directory) {
            try queue.backup(to: journal.queue)
        }
        try journal.load()
        return try Journal.catching(in: journal.directory) {
            try journal.queue.writeWithoutTransaction { database in
                // The log's pages go to the file, and what is left over of both is cut off.
                let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return row?[0] == 0
            }
        }
    }
}

extension Journal {
    /// The size of the journal's file and its log, in bytes.
    package var bytes: Int {
        return [path, path + "-wal"].reduce(0) { sum, file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            return sum + (attributes?[.size] as? Int ?? 0)
        }
    }

    /// How many events there are.
    package func eventCount() throws(JournalError) -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") ?? 0 }
    }

    /// The sequence of the last event before the first one that is not older than a time; that of
    /// the last one of all when all are older.
    ///
    /// - Parameter time: Milliseconds since 1970 UTC.
    package func lastSequence(before time: Int64) throws(JournalError) -> Int {
        let first = try read { database in
            try Int.fetchOne(
                database, sql: "SELECT min(sequence) FROM event WHERE time >= ?",
                arguments: [time])
        }
        return first.map { $0 - 1 } ?? sequence
    }
}
