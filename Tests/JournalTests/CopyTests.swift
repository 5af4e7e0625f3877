import Evolution
import Foundation
import Records
import TestSupport
import Testing

@testable import Journal

/// A backup in the place of a journal whose coordinator was killed.
struct CopyTests {
    let directory: TemporaryDirectory
    private var path: String { directory.path + "/" + Journal.fileName }
    private var log: String { path + "-wal" }
    private var mark: UnclosedMark { UnclosedMark(directory: directory.path) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open(_ access: Journal.Access = .write) throws -> Journal {
        try Journal(directory: directory.path, access: access)
    }

    private func paused(_ sequence: Int) -> Change {
        .event(
            EventRecord(sequence: sequence, population: 0, time: 5, event: Event(kind: .paused)))
    }

    /// A backup with one event, and then what a second run left that was killed after two more.
    private func leaveUnclosed() throws -> String {
        let copy = directory.path + "/backup.sqlite"
        let left = try TemporaryDirectory()
        do {
            let journal = try open()
            _ = try journal.beginEpoch()
            let population = PopulationRecord(
                id: 0, name: "p", specification: "", hyperparameters: ["rate"], created: 1)
            try journal.commit([.population(population), paused(1)])
            _ = try Backup(directory: directory.path, file: copy)
        }
        let names = [Journal.fileName, Journal.fileName + "-wal", UnclosedMark.fileName]
        do {
            let journal = try open()
            #expect(try journal.beginEpoch() == 2)
            try journal.commit([paused(2), paused(3)])
            for name in names {
                try FileManager.default.copyItem(
                    atPath: "\(directory.path)/\(name)", toPath: "\(left.path)/\(name)")
            }
            withExtendedLifetime(journal) {}
        }
        for name in names {
            let file = "\(directory.path)/\(name)"
            try? FileManager.default.removeItem(atPath: file)
            try FileManager.default.copyItem(atPath: "\(left.path)/\(name)", toPath: file)
        }
        return copy
    }

    /// As `cp` does, which keeps the file that is there.
    private func putInPlace(_ copy: String) throws {
        try Data(contentsOf: URL(filePath: copy)).write(to: URL(filePath: path))
    }

    @Test func `A coordinator goes on from a copy without the log, under a number of its own`()
        throws
    {
        try putInPlace(try leaveUnclosed())
        try FileManager.default.removeItem(atPath: log)
        for access in [Journal.Access.read, .inspect] {
            #expect(try open(access).sequence == 1)
        }
        #expect(!Journal.hasLostLog(directory.path))
        do {
            let journal = try open()
            #expect(journal.sequence == 1)
            // The run that was killed was the second one.
            #expect(try journal.beginEpoch() == 3)
            try journal.commit([paused(2)])
            // It is a journal like any other now, and its log belongs to it.
            #expect(!CopyStamp(path: path).isSet)
            #expect(try open(.read).sequence == 2)
        }
        #expect(try open().sequence == 2)
    }

    @Test func `The log of another journal beside a copy is refused`() throws {
        try putInPlace(try leaveUnclosed())
        let held = try (Data(contentsOf: URL(filePath: path)), Data(contentsOf: URL(filePath: log)))
        for access in [Journal.Access.write, .read, .inspect] {
            #expect(throws: JournalError.logOfAnother(directory.path)) { _ = try open(access) }
        }
        #expect(throws: BackupError.journal(.logOfAnother(directory.path))) {
            _ = try Backup(directory: directory.path, file: directory.path + "/another.sqlite")
        }
        #expect(mark.isSet)
        #expect(try Data(contentsOf: URL(filePath: path)) == held.0)
        #expect(try Data(contentsOf: URL(filePath: log)) == held.1)
    }

    @Test func `A copy of a copy is one too`() throws {
        let copy = try leaveUnclosed()
        let second = try TemporaryDirectory()
        try FileManager.default.copyItem(
            atPath: copy, toPath: second.path + "/" + Journal.fileName)
        let third = second.path + "/another.sqlite"
        #expect(try Backup(directory: second.path, file: third).events == 1)
        #expect(CopyStamp(path: third).isSet)
        #expect(CopyStamp(path: second.path + "/" + Journal.fileName).isSet)
    }

    @Test func `Only what a backup made is a copy`() throws {
        let copy = try leaveUnclosed()
        #expect(CopyStamp(path: copy).isSet)
        #expect(!CopyStamp(path: path).isSet)
        #expect(!CopyStamp(path: directory.path + "/none").isSet)
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
        #expect(!CopyStamp(path: path).isSet)
    }

    @Test func `A start that is interrupted over a copy is followed by one that goes on`() throws {
        try putInPlace(try leaveUnclosed())
        try FileManager.default.removeItem(atPath: log)
        // It comes as far as this.
        #expect(try Journal.adopt(directory.path, mark) == 2)
        #expect(try open().sequence == 1)
    }

    @Test func `A link in the place of a file that is written keeps what it leads to`() throws {
        let target = try directory.file("target", "precious")
        for name in ["lock", "journal.sqlite-wal", "journal.sqlite-shm", UnclosedMark.fileName] {
            do { _ = try open() }
            let link = "\(directory.path)/\(name)"
            try? FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
            #expect(throws: JournalError.link(link)) { _ = try open().beginEpoch() }
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
            try FileManager.default.removeItem(atPath: link)
        }
    }

    @Test func `A journal that is reached by a link has its log where SQLite has it`() throws {
        let elsewhere = try TemporaryDirectory()
        do { _ = try open() }
        try FileManager.default.moveItem(
            atPath: path, toPath: elsewhere.path + "/" + Journal.fileName)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: elsewhere.path + "/" + Journal.fileName)
        let journal = try open()
        _ = try journal.beginEpoch()
        #expect(Journal.hasLog(directory.path))
        #expect(try open(.read).epoch() == 1)
        withExtendedLifetime(journal) {}
    }
}
