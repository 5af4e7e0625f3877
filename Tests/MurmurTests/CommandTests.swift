import Foundation
import Murmuration
import Subprocess
import TestSupport
import Testing

@testable import Histories
@testable import murmur

/// The executable itself, with a coordinator of its own.
@Suite(.timeLimit(.minutes(5)))
final class CommandTests {
    private let directory: TemporaryDirectory
    private var data: String { directory.path + "/data" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func murmur(_ arguments: String...) async throws -> (
        code: TerminationStatus, output: String, error: String
    ) {
        try await RunningMurmur.once(arguments, in: directory)
    }

    private func serve() async throws -> RunningMurmur {
        let coordinator = try await RunningMurmur(
            ["serve", "--port", "0", "--data", "data"], in: directory)
        _ = try await coordinator.line("Serving at murmur://127.0.0.1:")
        return coordinator
    }

    private func create(_ name: String, _ options: String...) async throws {
        let space = try directory.file("space.csv", Self.space)
        let result = try await RunningMurmur.once(
            ["create", name, "--space", space, "--data", "data"] + options, in: directory)
        try #require(result.code == .exited(0), "\(result.error)")
    }

    private static let space = "name,min,max,scale\nrate,0.01,1,log\n"

    @Test func `Each secret is another one, and strong`() async throws {
        let first = try await murmur("keys", "generate")
        let second = try await murmur("keys", "generate")
        #expect(first.output.count == 23)
        #expect(first.output != second.output)
    }

    @Test func `A population is made, trained, watched, and read when nobody serves it`()
        async throws
    {
        let coordinator = try await serve()
        try await create("digits", "--population-size", "2", "--max-steps", "3")
        let watcher = try await RunningMurmur(
            ["watch", "digits", "--json", "--data", "data"], in: directory)
        let url = try String(contentsOfFile: data + "/url", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try await train(url: url)

        let last = try #require(await watcher.rest().last)
        #expect(try await watcher.exit == .exited(0))
        let served = try await murmur("leaderboard", "--json", "--data", "data")
        #expect(served.output == last + "\n")
        #expect(try Leaderboard(json: served.output).summary.finished == 2)
        #expect(try await coordinator.end(SIGTERM) == .exited(0))

        let kept = try await murmur("leaderboard", "--json", "--data", "data")
        #expect(try Leaderboard(json: kept.output).entries == Leaderboard(json: last).entries)
        let list = try await murmur("list", "--data", "data")
        #expect(list.output.contains("digits            2"))
        let change = try await murmur("watch", "--data", "data")
        #expect(change.code == .exited(1))
        #expect(change.error.contains("is not running; start it with murmur serve"))
    }

    /// Trains until there is nothing more: the score is the step.
    private func train(url: String) async throws {
        let worker = try await Worker.join(url: url, name: "test")
        while true {
            let step = worker.targetStep
            let directive = try await worker.report(
                step: step, score: Double(step), checkpoint: "/c/\(worker.member)-\(step)")
            if directive.action == .stop { return }
        }
    }

    @Test func `What is wrong with a request is one sentence`() async throws {
        let coordinator = try await serve()
        try await create("digits")
        let bad = try directory.file("bad.csv", "name,min,max,scale\nrate,1,0.1,log\n")
        let mistakes = [
            (["create", "digits", "--space", "space.csv"], "There is a population 'digits'"),
            (["create", "birds", "--space", bad], "bad.csv:2: "),
            (["create", "birds", "--space", "none.csv"], "There is no space file none.csv"),
            (["create", "birds"], "There is no search space; name its file with --space"),
            (["leaderboard", "birds"], "There is no population 'birds'"),
            (["watch", "birds"], "There is no population 'birds'"),
            (["work", "--population", "birds", "--", "true"], "There is no population 'birds'"),
            (["serve", "--port", "0"], "is in use by another coordinator (process"),
        ]
        for (arguments, sentence) in mistakes {
            // Options come before the command that follows `--`.
            let (command, rest) = (arguments[0], Array(arguments.dropFirst()))
            let result = try await RunningMurmur.once(
                [command, "--data", "data"] + rest, in: directory)
            #expect(result.code == .exited(1), "\(arguments)")
            #expect(result.error.contains(sentence), "\(arguments)")
            #expect(result.error.split(separator: "\n").count == 1, "\(arguments)")
        }
        #expect(try await coordinator.end(SIGINT) == .exited(0))
    }

    @Test(arguments: [
        (["serve", "--host", "0.0.0.0"], Int32(1), "needs a secret"),
        (["serve", "--port", "70000"], 64, "--port 70000 is no port"),
        (["serve", "--lease", "5s"], 64, "--lease must be longer than --heartbeat"),
        (["list", "--data", "none"], 1, "There is no directory none"),
        (["list", "--data", "."], 1, "There is no journal in ."),
        (["list", "--url", "http://x"], 1, "does not begin with murmur://"),
        (["list", "--url", "murmur://x", "--data", "."], 64, "use one of them"),
        (["leaderboard", "--limit", "0"], 64, "--limit 0 leaves no member"),
        (["run", "--", "true"], 1, "There is no search space"),
        (["run", "--space", "none.csv", "--", "true"], 1, "There is no space file none.csv"),
        (["run", "--space", "s.csv", "--", "no-such-command"], 1, "is not on PATH"),
        (["run", "--space", "s.csv"], 1, "There is no command to run"),
        (["run", "--max-time", "5", "--", "true"], 64, "is not a length of time"),
        (["run", "--workers", "0", "--", "true"], 64, "leaves no worker"),
        (["work", "--url", "murmur://127.0.0.1:1", "--", "true"], 1, "cannot be reached"),
    ])
    func `Mistakes are told before anything starts`(
        arguments: [String], code: Int32, sentence: String
    ) async throws {
        let result = try await RunningMurmur.once(arguments, in: directory)
        #expect(result.code == .exited(code))
        #expect(result.error.contains(sentence), "\(result.error)")
    }

    @Test func `A wrong secret is said at once`() async throws {
        let secret = try directory.file("secret", "AAAAAAAAAAAAAAAAAAAAAA\n")
        let open = try await murmur("serve", "--port", "0", "--secret-file", secret)
        #expect(open.error.contains("chmod 600"))
        #expect(chmod(secret, 0o600) == 0)
        let coordinator = try await RunningMurmur(
            ["serve", "--port", "0", "--data", "data", "--secret-file", secret], in: directory)
        let line = try await coordinator.line("Serving at murmur://")
        #expect(!line.contains("AAAA"))
        let place = try #require(line.split(separator: " ")[2].split(separator: "/").last)
            .trimmingCharacters(in: .punctuationCharacters)
        let wrong = try await murmur("list", "--url", "murmur://BBBBBBBBBBBBBBBBBBBBBB@\(place)")
        #expect(wrong.code == .exited(1))
        #expect(wrong.error.contains("does not accept the secret"))
        #expect(!wrong.error.contains("BBBB"))
        let none = try await murmur("list", "--url", "murmur://\(place)")
        // A busy machine may not read why before the connection is gone; the advice is the same.
        #expect(none.error.contains("secret"))
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }
}
