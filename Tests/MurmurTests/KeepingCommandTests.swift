import Foundation
import Murmuration
import Subprocess
import TestSupport
import Testing

@testable import murmur

/// `murmur check` and `murmur backup`: the executable itself, with a coordinator and without.
@Suite(.timeLimit(.minutes(5)))
final class KeepingCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        _ = try directory.file("space.csv", "name,min,max,scale\nrate,0.01,1,log\n")
    }

    /// What a command says; of one that fails, its last words too.
    private func murmur(
        _ arguments: String..., code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await RunningMurmur.once(arguments, in: directory)
        #expect(
            result.code == .exited(code), "\(arguments): \(result.error)",
            sourceLocation: sourceLocation)
        #expect(result.error.isEmpty == (code == 0), sourceLocation: sourceLocation)
        return result.output + result.error
    }

    private func serve(_ data: String) async throws -> RunningMurmur {
        let coordinator = try await RunningMurmur(
            ["serve", "--port", "0", "--data", data], in: directory)
        _ = try await coordinator.line("Serving at murmur://127.0.0.1:")
        return coordinator
    }

    private func create() async throws {
        _ = try await murmur(
            "create", "digits", "--space", "space.csv", "--population-size", "3", "--data", "data")
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path) }
    }

    @Test func `A journal is checked and copied while it is served, and when nobody serves it`()
        async throws
    {
        let coordinator = try await serve("data")
        try await create()
        let url = try String(contentsOfFile: directory.path + "/data/url", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let worker = try await Worker.join(url: url, name: "test")
        _ = try await worker.report(step: 1, score: .nan, checkpoint: "/c/1")
        let well = try await murmur("check", "data")
        #expect(
            well.wholeMatch(
                of: /All is well in data: 1 population, 3 members, \d+ events, 1 live lease\.\n/)
                != nil, "\(well)")
        let copied = try await murmur("backup", "data", "copy.sqlite")
        #expect(
            copied.wholeMatch(
                of: /Copied the journal of data to copy\.sqlite: \d+ events, [\d ]+ bytes\.\n/)
                != nil, "\(copied)")
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
        #expect(try await murmur("check", "data").hasPrefix("All is well in data:"))
        _ = try await murmur("backup", "data", "later.sqlite")
        #expect(try Set(names).isSuperset(of: ["copy.sqlite", "later.sqlite"]))
        #expect(try !names.contains { $0.hasSuffix(".part") })
    }

    @Test func `A copy in an empty directory is served from`() async throws {
        let coordinator = try await serve("data")
        try await create()
        try FileManager.default.createDirectory(
            atPath: directory.path + "/restored", withIntermediateDirectories: false)
        _ = try await murmur("backup", "data", "restored/journal.sqlite")
        let restored = try await serve("restored")
        let list = try await murmur("list", "--data", "restored")
        #expect(list.contains("digits"))
        #expect(try await murmur("list", "--data", "data") == list)
        #expect(try await murmur("check", "restored").hasPrefix("All is well in restored: 1 pop"))
        #expect(try await restored.end(SIGTERM) == .exited(0))
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }

    @Test func `A broken journal is said to be one, and can still be copied`() async throws {
        let coordinator = try await serve("data")
        try await create()
        #expect(try await coordinator.end(SIGKILL) == .signaled(SIGKILL))
        _ = try await murmur("backup", "data", "whole.sqlite")
        let journal = directory.path + "/data/journal.sqlite"
        // The population is paused, behind the coordinator's back.
        try FileManager.default.removeItem(atPath: journal)
        for name in [journal + "-wal", journal + "-shm", directory.path + "/data/journal.open"] {
            try? FileManager.default.removeItem(atPath: name)
        }
        var data = try #require(
            FileManager.default.contents(atPath: directory.path + "/whole.sqlite"))
        var place = try #require(data.range(of: Data("active".utf8), options: .backwards))
        // In quotes it stands in the schema.
        while data[place.lowerBound - 1] == UInt8(ascii: "'") {
            place = try #require(
                data.range(
                    of: Data("active".utf8), options: .backwards, in: 0..<place.lowerBound))
        }
        data.replaceSubrange(place, with: Data("paused".utf8))
        try data.write(to: URL(filePath: journal))

        let said = try await murmur("check", "data", code: 1).split(separator: "\n")
        #expect(
            said == [
                "Of 'digits', the status is stored as paused, but the events lead to active.",
                "Error: The journal in data has 1 fault; move journal.sqlite, -wal and -shm away, "
                    + "keep them, and put a backup in their place.",
            ])
        _ = try await murmur("backup", "data", "broken.sqlite")
    }

    @Test func `What cannot be is said in a sentence`() async throws {
        let coordinator = try await serve("data")
        _ = try directory.file("there.sqlite", "mine")
        for (arguments, sentence) in [
            (["check", "nowhere"], "There is no directory nowhere; name the data directory of"),
            (["check", "."], "There is no journal in .; name the data directory of"),
            (["check", ""], "DIR is empty; name the data directory of"),
            (["backup", "nowhere", "new"], "There is no directory nowhere; name the data"),
            (
                ["backup", "data", "there.sqlite"],
                "something at there.sqlite already, which is not"
            ),
            (["backup", "data", "data"], "There is something at data already"),
            (
                ["backup", "data", "none/new"],
                "none for the copy; make it, or name a file elsewhere"
            ),
            (["backup", "data", "there.sqlite/new"], "there.sqlite for the copy; make it, or"),
        ] {
            let result = try await RunningMurmur.once(arguments, in: directory)
            #expect(result.code == .exited(1), "\(arguments)")
            #expect(result.error.contains(sentence), "\(result.error)")
            #expect(result.output + result.error.dropLast() == result.error.dropLast())
            #expect(result.error.split(separator: "\n").count == 1, "\(result.error)")
        }
        let empty = try await RunningMurmur.once(["backup", "data", ""], in: directory)
        #expect(empty.error.contains("FILE is empty; name a new file."))
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }

    @Test func `A copy for which there is no room is said to have none, and leaves nothing`()
        async throws
    {
        let coordinator = try await serve("data")
        try await create()
        let executable = try MurmurTests.murmur()
        // A file may have 4 KiB at most; the signal for more is ignored, so that writing fails.
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: [
                "-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" backup data copy.sqlite", executable,
            ],
            workingDirectory: .init(directory.path), output: .string(limit: 4096),
            error: .string(limit: 4096))
        #expect(result.terminationStatus == .exited(1))
        #expect(result.standardError.contains("The copy cannot be written to copy.sqlite ("))
        #expect(result.standardError.split(separator: "\n").count == 1)
        #expect(try names.allSatisfy { !$0.hasPrefix("copy") })
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }

    @Test func `Only long checks tell how far they are, and each percent once`() {
        var progress = EventProgress("Checking", isShown: true)
        #expect(progress.line(10, of: EventProgress.large - 1) == nil)
        #expect(progress.line(1000, of: 200_000) == "\rChecking event 1 000 of 200 000 (0 %)")
        #expect(progress.line(1999, of: 200_000) == nil)
        #expect(
            progress.line(200_000, of: 200_000) == "\rChecking event 200 000 of 200 000 (100 %)")
    }
}
