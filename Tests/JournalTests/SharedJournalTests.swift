import Evolution
import Foundation
import GRDB
import Records
import TestSupport
import Testing

@testable import Journal

/// A journal in a directory that hosts share. Any directory is one that has a claim in it.
@Suite(.timeLimit(.minutes(2)))
struct SharedJournalTests {
    let directory: TemporaryDirectory
    private var path: String { directory.path + "/" + Journal.fileName }
    private var folder: ClaimFolder { ClaimFolder(of: directory.path) }

    init() throws {
        directory = try TemporaryDirectory()
        try folder.makeIfMissing()
    }

    private func open() throws -> Journal { try Journal(directory: directory.path, access: .write) }

    private func read() throws -> Journal { try Journal(directory: directory.path, access: .read) }

    private func paused(_ sequence: Int) -> Change {
        .event(
            EventRecord(sequence: sequence, population: 0, time: 5, event: Event(kind: .paused)))
    }

    private let population = PopulationRecord(
        id: 0, name: "p", specification: "", hyperparameters: ["rate"], created: 1)

    private func begin() throws -> Journal {
        let journal = try open()
        _ = try journal.beginEpoch()
        try journal.commit([.population(population), paused(1)])
        return journal
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    private var link: String {
        get throws { try FileManager.default.destinationOfSymbolicLink(atPath: path) }
    }

    /// Has starts believe that whoever has the directory is no more.
    private func pretendHolderIsGone() throws {
        // It gets another name meanwhile.
        while true {
            guard let claim = try folder.claim(isFresh: true), let token = claim.holder
            else { continue }
            var process = HolderProcess.this(token: token)
            process.process = .max
            if (try? folder.note(process, in: claim)) != nil { return }
        }
    }

    @Test func `It is served without shared memory, and gone on with after its end`() throws {
        var journal: Journal? = try begin()
        let file = try link
        #expect(try names().contains(file + "-wal"))
        #expect(try !names().contains { $0.hasSuffix("-shm") })
        journal = nil
        #expect(try names() == ["holder", file, "journal.sqlite", "lock"].sorted())
        journal = try open()
        #expect(try link == file)
        #expect(try journal?.beginEpoch() == 2)
        #expect(journal?.sequence == 1)
    }

    @Test func `A second start is refused as long as the first one shows that it runs`() throws {
        let journal = try begin()
        #expect(Journal.isServed(directory.path))
        let process = HolderProcess.this(token: "").description
        #expect(throws: JournalError.inUse(directory.path, process: process)) { _ = try open() }
        try journal.commit([paused(2)])
        #expect(journal.loss == nil)
    }

    @Test func `It goes on after a kill, in a file of its own`() throws {
        let journal = try begin()
        let former = try link
        try pretendHolderIsGone()
        #expect(!Journal.isServed(directory.path))
        let next = try open()
        #expect(next.sequence == 1)
        #expect(try link != former)
        #expect(try !names().contains(former))
        withExtendedLifetime(journal) {}
    }

    @Test func `Who was taken over acknowledges nothing, and leaves the next one alone`() throws {
        var journal: Journal? = try begin()
        try pretendHolderIsGone()
        let next = try open()
        #expect(try next.beginEpoch() == 2)
        try next.commit([paused(2)])
        for _ in 0..<2 {
            let error = #expect(throws: JournalError.self) { try journal?.commit([paused(2)]) }
            guard case .takenOver(directory.path, by: _) = error else {
                Issue.record("it says \(String(describing: error))")
                continue
            }
        }
        #expect(journal?.loss != nil)
        let before = try names()
        journal = nil
        #expect(try names() == before)
        try next.commit([paused(3)])
        #expect(try read().sequence == 3)
    }

    @Test func `A start that was killed before it had its file is gone on after`() throws {
        let journal = try begin()
        let former = try link
        let token = Claim.token()
        // What it has copied until then.
        try Data("half".utf8).write(to: URL(filePath: "\(path).\(token)"))
        while true {
            guard let claim = try folder.claim(isFresh: true) else { continue }
            if try folder.move(claim, to: claim.taken(by: token)) { break }
        }
        try pretendHolderIsGone()
        let next = try open()
        #expect(next.sequence == 1)
        #expect(try !names().contains { $0.contains(token) || $0.contains(former.suffix(16)) })
        withExtendedLifetime(journal) {}
    }

    @Test func `It is read and copied while it is written, and nothing is left of that`() throws {
        let journal = try begin()
        let before = try names()
        #expect(try read().sequence == 1)
        try journal.commit([paused(2)])
        #expect(try read().sequence == 2)
        let copies = try TemporaryDirectory()
        let backup = try Backup(directory: directory.path, file: copies.path + "/journal.sqlite")
        #expect(backup.events == 2)
        #expect(try Journal(directory: copies.path, access: .read).sequence == 2)
        #expect(try names() == before)
    }

    @Test func `A backup takes its place, and what it replaces is left`() throws {
        let copies = try TemporaryDirectory()
        var journal: Journal? = try begin()
        _ = try Backup(directory: directory.path, file: copies.path + "/backup.sqlite")
        try journal?.commit([paused(2)])
        journal = nil
        let former = try link
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: copies.path + "/backup.sqlite", toPath: path)
        #expect(try read().sequence == 1)
        journal = try open()
        #expect(journal?.sequence == 1)
        #expect(try names().contains(former))
        #expect(try link != former)
    }

    @Test func `A journal that its host may have in use as its own is left alone`() throws {
        let own = try TemporaryDirectory()
        let journal = try Journal(directory: own.path, access: .write)
        _ = try journal.beginEpoch()
        // As another host sees it, to which the directory is one that hosts share.
        for name in try FileManager.default.contentsOfDirectory(atPath: own.path) {
            try FileManager.default.copyItem(
                atPath: "\(own.path)/\(name)", toPath: "\(directory.path)/\(name)")
        }
        #expect(throws: JournalError.servedElsewhere(directory.path)) { _ = try open() }
        try FileManager.default.removeItem(atPath: directory.path + "/journal.open")
        #expect(try open().beginEpoch() == 2)
        withExtendedLifetime(journal) {}
    }

    @Test func `A file that is gone is missed`() throws {
        var journal: Journal? = try begin()
        let file = try link
        journal = nil
        #expect(journal == nil)
        try FileManager.default.removeItem(atPath: "\(directory.path)/\(file)")
        #expect(throws: JournalError.missing(directory.path, beside: "holder")) { _ = try open() }
    }
}
