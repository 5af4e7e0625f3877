import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Coordinator

/// Copies of a journal that others write.
struct BackupTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var file: String { directory.path + "/copy.sqlite" }

    private func isLeftBehind() throws -> Bool {
        try !FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0 != "copy.sqlite" }.isEmpty
    }

    @Test(.timeLimit(.minutes(5)))
    func `A copy that is made while commits go on is well, and a prefix of them`() async throws {
        let office = BusyOffice()
        var turns = office.turns.makeAsyncIterator()
        let path = try #require(await turns.next()).path
        var last = 0
        for round in 0..<4 {
            let before = try #require(await turns.next()).sequence
            let copy = directory.path + "/\(round)"
            try FileManager.default.createDirectory(
                atPath: copy, withIntermediateDirectories: false)
            let backup = try Archive.backUp(
                directory: path, to: copy + "/" + Journal.fileName)
            #expect(backup.events >= max(before, last))
            last = backup.events

            let inspection = try Inspection(directory: copy)
            #expect(inspection.faults == [])
            #expect(inspection.events == backup.events)
            let copied = try Journal(directory: copy, access: .read)
            let original = try Journal(directory: path, access: .read)
            #expect(
                try copied.events(after: 0, limit: last) == original.events(after: 0, limit: last))
        }
        office.isOpen.store(false, ordering: .releasing)
        var end = 0
        while let turn = await turns.next() { end = turn.sequence }
        #expect(end > last)
    }

    @Test func `A copy is its owner's alone, and can be written on from where it was`() throws {
        let desk = try Desk.withEveryKindOfEvent()
        let backup = try Archive.backUp(directory: desk.directory.path, to: file)
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == backup.bytes)
        #expect(try !isLeftBehind())

        let restored = try TemporaryDirectory()
        try FileManager.default.copyItem(
            atPath: file, toPath: restored.path + "/" + Journal.fileName)
        let journal = try Journal(directory: restored.path, access: .write)
        #expect(journal.sequence == desk.core.sequence)
        #expect(try journal.members(of: 1) == desk.core.populations[1].population.members)
    }

    @Test func `What is there is not overwritten`() throws {
        let desk = try Desk()
        try Data("mine".utf8).write(to: URL(filePath: file))
        #expect(throws: BackupError.exists(file)) {
            try Archive.backUp(directory: desk.directory.path, to: file)
        }
        #expect(FileManager.default.contents(atPath: file) == Data("mine".utf8))
        #expect(try !isLeftBehind())
    }

    @Test func `A link that leads nowhere is something too`() throws {
        let desk = try Desk()
        try FileManager.default.createSymbolicLink(
            atPath: file, withDestinationPath: directory.path + "/nothing")
        #expect(throws: BackupError.exists(file)) {
            try Archive.backUp(directory: desk.directory.path, to: file)
        }
    }

    @Test func `Another file in the journal's place is not copied`() throws {
        let other = try TemporaryDirectory()
        let path = other.path + "/" + Journal.fileName
        #expect(throws: BackupError.noJournal(other.path)) {
            try Archive.backUp(directory: other.path, to: file)
        }
        let contents: [(String, BackupError)] = [
            ("", .journal(.empty(other.path))),
            (String(repeating: "A", count: 4096), .notAJournal(path)),
        ]
        for (content, error) in contents {
            try Data(content.utf8).write(to: URL(filePath: path))
            #expect(throws: error) {
                try Archive.backUp(directory: other.path, to: file)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try !isLeftBehind())
    }
}

/// A coordinator that commits one request after the other on a thread of its own.
private final class BusyOffice: Sendable {
    let isOpen = Atomic(true)
    /// Where its journal is, and what is committed. Only the newest turn is kept for who is late.
    let turns: AsyncStream<(path: String, sequence: Int)>

    init() {
        let (turns, continuation) = AsyncStream.makeStream(
            of: (path: String, sequence: Int).self, bufferingPolicy: .bufferingNewest(1))
        self.turns = turns
        Thread.detachNewThread { [self] in
            do {
                var desk = try Desk()
                try desk.create(members: 20)
                let leases = try (0..<20).map { _ in try desk.lease() }
                while isOpen.load(ordering: .acquiring) {
                    for lease in leases {
                        let member = desk.members[Int(lease.member)]
                        _ = try desk.report(
                            lease.token, step: member.step + 10, score: Double(lease.member),
                            effect: member.isInherited ? .applied : .unspecified)
                        continuation.yield((desk.directory.path, desk.core.sequence))
                    }
                }
                continuation.yield((desk.directory.path, desk.core.sequence))
                withExtendedLifetime(desk) { continuation.finish() }
            } catch {
                Issue.record(error)
                continuation.finish()
            }
        }
    }
}
