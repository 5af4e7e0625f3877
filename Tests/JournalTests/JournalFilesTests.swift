import Evolution
import Foundation
import Records
import TestSupport
import Testing

@testable import Journal

/// Files that are removed or replaced while a journal has them open.
struct JournalFilesTests {
    let directory: TemporaryDirectory
    private let population = PopulationRecord(
        id: 0, name: "p", specification: "", hyperparameters: ["rate"], created: 1)

    private var path: String { directory.path + "/" + Journal.fileName }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func paused(_ sequence: Int) -> Change {
        .event(
            EventRecord(sequence: sequence, population: 0, time: 5, event: Event(kind: .paused)))
    }

    @Test(arguments: [false, true])
    func `What a log held that was removed is in the journal, and nothing more is accepted`(
        isReplaced: Bool
    ) throws {
        do {
            let journal = try Journal(directory: directory.path, access: .write)
            try journal.commit([.population(population), paused(1)])
            try FileManager.default.removeItem(atPath: path + "-wal")
            // A reader makes another one.
            if isReplaced { try Data().write(to: URL(filePath: path + "-wal")) }
            for _ in 0..<2 {
                #expect(throws: JournalError.logRemoved(directory.path)) {
                    try journal.commit([paused(2)])
                }
            }
            #expect(journal.sequence == 1)
            // What a process that is killed here leaves behind.
            let file = try Data(contentsOf: URL(filePath: path))
            let left = try TemporaryDirectory()
            try file.write(to: URL(filePath: left.path + "/" + Journal.fileName))
            #expect(try Journal(directory: left.path, access: .write).sequence == 1)
        }
        let journal = try Journal(directory: directory.path, access: .write)
        #expect(journal.sequence == 1)
        try journal.commit([paused(2)])
    }

    @Test func `A journal that is moved away takes nothing more until it is back`() throws {
        let journal = try Journal(directory: directory.path, access: .write)
        try journal.commit([.population(population), paused(1)])
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        #expect(throws: JournalError.removed(directory.path)) { try journal.commit([paused(2)]) }
        try Data("another".utf8).write(to: URL(filePath: path))
        #expect(throws: JournalError.removed(directory.path)) { try journal.commit([paused(2)]) }
        #expect(journal.sequence == 1)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        try journal.commit([paused(2)])
        #expect(journal.sequence == 2)
    }
}
