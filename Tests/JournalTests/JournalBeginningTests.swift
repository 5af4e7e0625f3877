import Evolution
import Foundation
import GRDB
import Records
import TestSupport
import Testing

@testable import Journal

/// Where a journal may begin, and where one was lost.
struct JournalBeginningTests {
    let directory: TemporaryDirectory
    private var path: String { directory.path + "/" + Journal.fileName }
    private var log: String { path + "-wal" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open() throws -> Journal { try Journal(directory: directory.path, access: .write) }

    private func paused(_ sequence: Int) -> Change {
        .event(
            EventRecord(sequence: sequence, population: 0, time: 5, event: Event(kind: .paused)))
    }

    private let population = PopulationRecord(
        id: 0, name: "p", specification: "", hyperparameters: ["rate"], created: 1)

    /// What a run leaves that was killed after a commit.
    private func leaveUnclosed(_ other: TemporaryDirectory) throws {
        let journal = try open()
        _ = try journal.beginEpoch()
        try journal.commit([.population(population), paused(1)])
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            try FileManager.default.copyItem(
                atPath: "\(directory.path)/\(name)", toPath: "\(other.path)/\(name)")
        }
        withExtendedLifetime(journal) {}
    }

    private func expectRefusal(_ expected: JournalError, in directory: TemporaryDirectory) throws {
        for access in [Journal.Access.write, .read] {
            #expect(throws: expected) {
                _ = try Journal(directory: directory.path, access: access)
            }
        }
    }

    @Test func `An empty file is no journal to go on from`() throws {
        let killed = try TemporaryDirectory()
        try leaveUnclosed(killed)
        let path = killed.path + "/" + Journal.fileName
        let log = try Data(contentsOf: URL(filePath: path + "-wal"))
        #expect(truncate(path, 0) == 0)
        try expectRefusal(.empty(killed.path), in: killed)
        // Its log is left as it was.
        #expect(try Data(contentsOf: URL(filePath: path + "-wal")) == log)
    }

    @Test(arguments: [
        "journal.sqlite-wal", "server.key", "url", "lock", UnclosedMark.fileName,
    ])
    func `A journal is missed beside what only a coordinator leaves`(name: String) throws {
        try Data("1".utf8).write(to: URL(filePath: "\(directory.path)/\(name)"))
        try expectRefusal(.missing(directory.path, beside: name), in: directory)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `Another program's database is left alone`() throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE mine (a)") }
        try expectRefusal(.notAJournal(path), in: directory)
        let tables = try DatabaseQueue(path: path).read {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema")
        }
        #expect(tables == ["mine"])
    }

    @Test func `A start that came to no journal is followed by one that does`() throws {
        // As if the process had been killed before the journal had its name.
        try Data().write(to: URL(filePath: directory.path + "/lock"))
        try Data("half a database".utf8).write(to: URL(filePath: path + ".new"))
        let journal = try open()
        #expect(try journal.beginEpoch() == 1)
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
    }

    @Test func `A log that is gone after a kill is noticed, and nothing goes on without it`()
        throws
    {
        let killed = try TemporaryDirectory()
        try leaveUnclosed(killed)
        #expect(!Journal.hasLostLog(killed.path))
        let log = killed.path + "/" + Journal.fileName + "-wal"
        let held = try Data(contentsOf: URL(filePath: log))
        #expect(!held.isEmpty)
        for isEmptied in [false, true] {
            try FileManager.default.removeItem(atPath: log)
            if isEmptied { try Data().write(to: URL(filePath: log)) }
            #expect(Journal.hasLostLog(killed.path))
            try expectRefusal(.logMissing(killed.path), in: killed)
            let copy = killed.path + "/copy.sqlite"
            #expect(throws: BackupError.journal(.logMissing(killed.path))) {
                _ = try Backup(directory: killed.path, file: copy)
            }
            #expect(!FileManager.default.fileExists(atPath: copy))
            // A check says what is in the file.
            #expect(try Journal(directory: killed.path, access: .inspect).sequence == 0)
        }
        try held.write(to: URL(filePath: log))
        #expect(!Journal.hasLostLog(killed.path))
        #expect(try Journal(directory: killed.path, access: .write).sequence == 1)
    }

    @Test func `Whoever knows that nothing is missing takes the mark away`() throws {
        let killed = try TemporaryDirectory()
        try leaveUnclosed(killed)
        let path = killed.path + "/" + Journal.fileName
        for name in [path + "-wal", killed.path + "/" + UnclosedMark.fileName] {
            try FileManager.default.removeItem(atPath: name)
        }
        #expect(try Journal(directory: killed.path, access: .write).sequence == 0)
    }

    @Test func `An older file in the journal's place is noticed`() throws {
        let killed = try TemporaryDirectory()
        do { _ = try open() }
        let older = try Data(contentsOf: URL(filePath: path))
        try leaveUnclosed(killed)
        let path = killed.path + "/" + Journal.fileName
        try older.write(to: URL(filePath: path))
        // A log that SQLite makes nothing of.
        try Data(repeating: 7, count: 100).write(to: URL(filePath: path + "-wal"))
        try expectRefusal(.logMissing(killed.path), in: killed)
    }

    @Test func `A run that ends as it should leaves neither mark nor log`() throws {
        let mark = UnclosedMark(directory: directory.path)
        do {
            let journal = try open()
            #expect(!mark.isSet)
            #expect(try journal.beginEpoch() == 1)
            #expect(mark.isSet && mark.epoch == 1)
            try journal.commit([.population(population), paused(1)])
        }
        #expect(!mark.isSet)
        #expect(!FileManager.default.fileExists(atPath: log))
    }

    @Test func `The mark stays while a reader keeps the log`() throws {
        let mark = UnclosedMark(directory: directory.path)
        do {
            let journal = try open()
            _ = try journal.beginEpoch()
        }
        var journal: Journal? = try open()
        _ = try journal?.beginEpoch()
        let reader = try Journal(directory: directory.path, access: .read)
        try reader.reading { () throws(JournalError) in
            // From here on it reads this state.
            _ = try reader.populations()
            try journal?.commit([.population(population), paused(1)])
            journal = nil
        }
        #expect(mark.isSet)
        #expect(FileManager.default.fileExists(atPath: log))
        #expect(try open().sequence == 1)
        #expect(!mark.isSet)
    }
}
