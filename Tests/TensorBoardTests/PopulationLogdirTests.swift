import Foundation
import Testing

@testable import TensorBoard

/// Each test has a directory of its own.
final class PopulationLogdirTests {
    private let directory = NSTemporaryDirectory() + "logdir-\(UUID().uuidString)"

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static let time = Date(timeIntervalSince1970: 2)
    private static let version = EventRecord.fileVersion(at: time).bytes
    private static let session = EventRecord.sessionStart(named: "m", [], at: time)
    private static let experiment = EventRecord.experiment(
        Experiment(name: "p", hyperparameters: [], metrics: []), at: time)

    private func logdir(
        _ population: String = "p", members: Int = 1, second: Double = 1
    ) throws -> PopulationLogdir {
        try PopulationLogdir(
            in: directory, population: population, members: members,
            at: Date(timeIntervalSince1970: second))
    }

    /// The paths of all files, in order.
    private var files: [String] {
        let all = FileManager.default.enumerator(atPath: directory)?.allObjects as? [String]
        return (all ?? []).sorted().filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: directory + "/" + path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
    }

    private func contents(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: directory + "/" + path)))
    }

    private func write(_ path: String) throws {
        let url = URL(filePath: directory + "/" + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("other".utf8).write(to: url)
    }

    @Test func `A member's scalars grow, and its session is replaced`() throws {
        var logdir = try logdir()
        try logdir.append([1, 2], to: 7, at: Self.time)
        try logdir.append([3], to: 7, at: Self.time)
        let sessions = [Self.experiment, Self.session]
        for record in sessions { try logdir.replaceSession(of: 7, with: record, at: Self.time) }
        let run = "p/member-0007/events.out.tfevents.1000."
        #expect(files == [run + "0-session.murmur", run + "1-scalars.murmur"])
        #expect(try contents(run + "1-scalars.murmur") == Self.version + [1, 2, 3])
        #expect(try contents(run + "0-session.murmur") == Self.version + Self.session.bytes)
    }

    @Test func `Beginning again removes the files of before, and no others`() throws {
        var first = try logdir(members: 20_000)
        for member in [3, 12_345] { try first.append([1], to: member, at: Self.time) }
        try first.replaceSession(of: 3, with: Self.session, at: Self.time)
        try first.replaceExperiment(with: Self.experiment, at: Self.time)
        let others = [
            "events.out.tfevents.5.host", "p/events.out.tfevents.5.host",
            "p/member-00003/events.out.tfevents.5.host", "p/member-00003/notes.murmur",
            "p/member-x/events.out.tfevents.5.murmur", "q/events.out.tfevents.5.murmur",
        ]
        for path in others { try write(path) }
        var second = try logdir(second: 2)
        #expect(files == others.sorted())
        #expect(!FileManager.default.fileExists(atPath: directory + "/p/member-12345"))
        try second.append([2], to: 3, at: Self.time)
        #expect(files.contains("p/member-0003/events.out.tfevents.2000.1-scalars.murmur"))
    }

    @Test func `Columns are written while no other population is there`() throws {
        let name = "events.out.tfevents.1000.experiment.murmur"
        let first = try logdir("p")
        try first.replaceSession(of: 0, with: Self.session, at: Self.time)
        try write("other/events.out.tfevents.5.host")
        try first.replaceExperiment(with: Self.experiment, at: Self.time)
        #expect(try contents("p/\(name)") == Self.version + Self.experiment.bytes)
        let second = try logdir("q")
        try second.replaceSession(of: 0, with: Self.session, at: Self.time)
        try second.replaceExperiment(with: Self.experiment, at: Self.time)
        #expect(files.filter { $0.hasSuffix(name) } == [])
        #expect(files.filter { $0.hasSuffix("session.murmur") }.count == 2)
    }

    @Test(arguments: [
        ("digits-2.b_C", "digits-2.b_C"), ("..", "%2E%2E"), (".", "%2E"), ("...", "%2E%2E%2E"),
        ("../../etc", "..%2F..%2Fetc"), ("a\0b", "a%0b"), ("é", "%C3%A9"),
    ])
    func `A population's folder leads nowhere else`(population: String, folder: String) throws {
        #expect(PopulationLogdir.folder(for: population) == folder)
    }

    @Test func `Runs sort as their members do`() throws {
        #expect(try logdir(members: 10_000).run(of: 7) == "member-0007")
        #expect(try logdir(members: 10_001).run(of: 7) == "member-00007")
        #expect(try logdir().run(of: 123_456) == "member-123456")
    }

    @Test func `What cannot be written is a sentence that says what to do`() throws {
        try write("file")
        let error = #expect(throws: EventFileError.self) {
            try PopulationLogdir(
                in: directory + "/file", population: "p", members: 1, at: Self.time)
        }
        #expect(
            error?.description.hasPrefix("The directory \(directory)/file/p cannot be made (")
                == true)
        #expect(error?.description.hasSuffix("); name another one with --logdir.") == true)
        #expect(
            EventFileError(writing: "a", ENOSPC).description
                == "The disk that holds a is full; free some space, and begin again.")
    }

    @Test func `Who writes to the same files is told that another one does, too`() throws {
        var first = try logdir(second: 1)
        try first.append([1], to: 0, at: Self.time)
        var second = try logdir(second: 2)
        try second.append([2], to: 0, at: Self.time)
        let path = "\(directory)/p/member-0000/events.out.tfevents.1000.1-scalars.murmur"
        #expect(throws: EventFileError.gone(path)) { try first.append([1], to: 0, at: Self.time) }
        #expect(files == ["p/member-0000/events.out.tfevents.2000.1-scalars.murmur"])
    }
}
