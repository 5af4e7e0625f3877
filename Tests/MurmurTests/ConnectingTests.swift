import Coordinator
import Foundation
import Logging
import Messages
import Murmuration
import TestSupport
import Testing

@testable import Histories
@testable import murmur

struct ConnectingTests {
    private func options(_ arguments: String...) throws -> CoordinatorOptions {
        try CoordinatorOptions.parse(arguments)
    }

    @Test func `The coordinator that is named wins over the environment's`() throws {
        let environment = ["MURMUR_URL": "murmur://here:1"]
        #expect(
            try options("--url", "murmur://there:2/birds").place(environment: environment)
                == .running(Address(host: "there", port: 2, population: "birds")))
        #expect(
            try options().place(environment: environment)
                == .running(Address(host: "here", port: 1)))
    }

    @Test func `A directory of runs stands for its newest run`() throws {
        let directory = try TemporaryDirectory()
        for run in ["0001", "0002", "0003"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/\(run)", withIntermediateDirectories: true)
        }
        _ = try directory.file("0001/journal.sqlite", "")
        _ = try directory.file("0002/journal.sqlite", "")
        #expect(try Place(directory: directory.path) == .stopped(directory.path + "/0002"))
    }

    @Test func `The journal is known when the coordinator is named by a directory`() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.file("journal.sqlite", "")
        let environment = ["MURMUR_URL": "murmur://here:1"]
        #expect(
            try options("--data", directory.path).journal(environment: environment)
                == directory.path)
        #expect(try options("--url", "murmur://there:2").journal(environment: [:]) == nil)
        #expect(try options().journal(environment: environment) == nil)
    }

    @Test func `The secret comes from the file, or else from the environment`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("secret", "from the file\n")
        #expect(chmod(file, 0o600) == 0)
        let environment = ["MURMUR_SECRET": "from the environment"]
        #expect(try Secret.find(file: file, environment: environment) == "from the file")
        #expect(try Secret.find(file: nil, environment: environment) == "from the environment")
        #expect(try Secret.find(file: nil, environment: ["MURMUR_SECRET": ""]) == nil)
        #expect(chmod(file, 0o640) == 0)
        #expect(throws: Failure.self) { try Secret.find(file: file, environment: [:]) }
    }

    @Test(arguments: [
        ("spaces/digits.yaml", "digits"), ("my space.csv", "my-space"), ("häuser.csv", "h-user"),
        ("…", "default"),
    ])
    func `A run is named after its space file`(file: String, name: String) throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path + "/spaces", withIntermediateDirectories: true)
        let path = try directory.file(file, "x,0,1,linear")
        #expect(try SpaceText(path: path).populationName == name)
    }

    @Test func `A space file that does not fit into a message is named`() throws {
        let directory = try TemporaryDirectory()
        let text = "x,0,1,linear\n" + String(repeating: "#", count: SpaceText.mostBytes)
        let path = try directory.file("digits.csv", text)
        let failure = #expect(throws: Failure.self) { try SpaceText(path: path) }
        #expect(
            failure?.description == """
                The space file \(path) has 64 525 bytes and may have 64 512, for it travels in one \
                message; shorten it.
                """)
    }

    @Test func `A board is put together from pages of the same moment`() async throws {
        var asked: [Int] = []
        let board = try await BoardPages(limit: 1_200).collect { offset, limit in
            asked.append(offset)
            // A report comes in between the first page and the second.
            return Self.page(offset, min(limit, 400), committed: asked.count < 2 ? 7 : 8)
        }
        #expect(asked == [0, 400, 0, 400, 800])
        #expect(board.entries.map(\.rank) == Array(1...1_000))
        #expect(board.committed == 8)
    }

    private static func page(_ offset: Int, _ limit: Int, committed: UInt64) -> Leaderboard {
        var wire = WireLeaderboard()
        wire.summary.ranked = 1_000
        wire.offset = UInt64(offset)
        wire.entries = (offset..<min(1_000, offset + limit)).map { index in
            var entry = WireEntry()
            entry.rank = UInt64(index + 1)
            return entry
        }
        return Leaderboard(wire, epoch: 1, committed: committed)
    }

    @Test func `An address with a secret that others can read is refused`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("url", "murmur://s3cret@127.0.0.1:7777\n")
        #expect(chmod(file, 0o644) == 0)
        #expect(PrivateFile(path: file)?.isPrivate == false)
        let failure = #expect(throws: Failure.self) {
            try Place(servedAt: directory.path)
        }
        #expect(failure?.description.contains("chmod 600 \(file)") == true)
        #expect(failure?.description.contains("s3cret") == false)
        #expect(chmod(file, 0o600) == 0)
        #expect(
            try Place(servedAt: directory.path)
                == .running(Address(secret: "s3cret", host: "127.0.0.1")))
        _ = try directory.file("url", "murmur://127.0.0.1:7777\n")
        #expect(chmod(file, 0o644) == 0)
        #expect(try Place(servedAt: directory.path) == .running(Address(host: "127.0.0.1")))
    }

    @Test func `A log line holds what happened on one line`() {
        let line = LineLogHandler.line(
            time: Date(timeIntervalSince1970: 0), level: .info, message: "a worker\njoined",
            metadata: ["worker": "h/1", "reason": "so it is"])
        #expect(
            line
                == """
                1970-01-01T00:00:00.000Z info     a worker\\u{a}joined  \
                reason="so it is"  worker=h/1\n
                """)
    }
}
