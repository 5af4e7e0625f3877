import Foundation
import TestSupport
import Testing

@testable import Histories
@testable import murmur

final class RunDirectoryTests {
    private let directory: TemporaryDirectory
    private var data: String { directory.path + "/runs" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static func record() -> RunRecord {
        RunRecord(
            options: .init(
                name: "digits", command: ["python3", "digits.py"], space: "lr,0.1,1,log\n",
                settings: ["population_size": 16, "interval": 5, "max_steps": 100]),
            workers: 4)
    }

    @Test func `The first run begins in 0001, with its record`() throws {
        let run = try RunDirectory.open(in: data, wanted: Self.record())
        #expect(run.path == data + "/0001")
        #expect(!run.isResumed)
        let file = try Data(contentsOf: URL(filePath: run.path + "/run.json"))
        #expect(try RunRecord.decode(file) == Self.record())
    }

    @Test func `The same command resumes an unfinished run, also with other workers`() throws {
        _ = try RunDirectory.open(in: data, wanted: Self.record())
        var wanted = Self.record()
        wanted.workers = 9
        let run = try RunDirectory.open(in: data, wanted: wanted)
        #expect(run.isResumed)
        #expect(run.path == data + "/0001")
        #expect(run.record.workers == 9)
    }

    @Test func `The directory of the checkpoints is the former one until it is kept`() throws {
        var wanted = Self.record()
        var run = try RunDirectory.open(in: data, wanted: wanted)
        try run.keep(checkpoints: "/one")
        wanted.workers = 3
        run = try RunDirectory.open(in: data, wanted: wanted)
        #expect((run.record.workers, run.record.checkpoints) == (3, "/one"))
        try run.keep(checkpoints: "/two")
        try run.keep(checkpoints: nil)
        #expect(try RunDirectory.open(in: data, wanted: wanted).record.checkpoints == "/two")
    }

    @Test func `A new directory follows a finished run`() throws {
        var run = try RunDirectory.open(in: data, wanted: Self.record())
        try run.finish()
        var wanted = Self.record()
        wanted.options.settings["max_steps"] = 200
        let next = try RunDirectory.open(in: data, wanted: wanted)
        #expect(next.path == data + "/0002")
        #expect(!next.isResumed)
    }

    @Test func `A directory without a record is left alone`() throws {
        try FileManager.default.createDirectory(
            atPath: data + "/0007", withIntermediateDirectories: true)
        #expect(try RunDirectory.open(in: data, wanted: Self.record()).path == data + "/0008")
    }

    @Test func `A damaged record is said, not overwritten`() throws {
        let run = try RunDirectory.open(in: data, wanted: Self.record())
        try Data("{".utf8).write(to: URL(filePath: run.path + "/run.json"))
        #expect(throws: Failure.self) { try RunDirectory.open(in: data, wanted: Self.record()) }
    }

    @Test func `Changed options are refused by name`() throws {
        var wanted = Self.record()
        wanted.options.settings["population_size"] = nil
        wanted.options.settings["objective"] = "minimize"
        #expect(
            throws: Failure(
                "The unfinished run runs/0003 was begun with no --objective (now --objective "
                    + "minimize), and --population-size 16 (now no --population-size); use the "
                    + "same options to resume it, or another --data directory for a new run.")
        ) {
            try RunPlan(newest: "runs/0003", record: Self.record(), wanted: wanted)
        }
    }

    @Test func `A run that was begun before settings had one table goes on`() throws {
        let text = """
            {"isFinished": false, "workers": 4, "options": {"name": "digits", "command": ["a"],
            "space": "lr,0.1,1,log", "populationSize": 16, "maxSteps": 9, "isMinimizing": true,
            "isSynchronous": true, "generationDeadline": 2.5}}
            """
        let record = try RunRecord.decode(Data(text.utf8))
        #expect(
            record.options.settings == [
                "population_size": 16, "max_steps": 9, "objective": "minimize",
                "mode": "synchronous", "generation_deadline": 2.5,
            ])
        #expect(try RunRecord.decode(record.encoded()) == record)
    }

    @Test func `Each option that may not change is compared`() {
        let old = Self.record().options
        func differences(_ change: (inout RunRecord.Options) -> Void) -> [String] {
            var new = old
            change(&new)
            return old.differences(to: new)
        }
        #expect(differences { _ in } == [])
        #expect(differences { $0.name = "birds" } == ["--name digits (now --name birds)"])
        #expect(differences { $0.settings["interval"] = 1 } == ["--interval 5 (now --interval 1)"])
        #expect(
            differences { $0.settings["max_steps"] = nil } == [
                "--max-steps 100 (now no --max-steps)"
            ])
        #expect(differences { $0.space = nil } == ["another text of the --space file"])
        #expect(
            differences { $0.command = ["train"] }
                == ["the command `python3 digits.py` (now `train`)"])
    }

    @Test func `Runs are numbered by value, and other names are not runs`() {
        #expect(
            RunNumber.newest(of: ["0002", "0010", "notes", "0003", "12", ".DS_Store"]) == "0010")
        #expect(RunNumber.newest(of: ["9999", "10000"]) == "10000")
        #expect(RunNumber.next(after: nil) == "0001")
        #expect(RunNumber.newest(of: ["0003", "\(Int.max)"]) == "0003")
        #expect(RunNumber.next(after: "9999") == "10000")
    }
}
