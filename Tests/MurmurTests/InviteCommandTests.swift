import Foundation
import TestSupport
import Testing

@testable import murmur

/// `murmur invite`, `murmur keys` and the keys of `murmur serve`, against the executable itself.
@Suite(.timeLimit(.minutes(5)))
final class InviteCommandTests {
    private let directory: TemporaryDirectory
    private let list = ["keys", "list", "--data", "data"]

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func check(_ arguments: [String], _ code: Int32, _ sentence: String) async throws {
        let result = try await RunningMurmur.once(arguments, in: directory)
        #expect(result.code == .exited(code), "\(arguments)")
        #expect(result.error.contains(sentence), "\(arguments): \(result.error)")
        #expect(result.output == "", "\(arguments)")
        // How it is used follows only where the arguments alone are wrong.
        #expect(code == 64 || result.error.split(separator: "\n").count == 1, "\(arguments)")
    }

    private func serve(_ options: String...) async throws -> RunningMurmur {
        let coordinator = try await RunningMurmur(
            ["serve", "--port", "0", "--data", "data"] + options, in: directory)
        _ = try await coordinator.line("Serving at murmur://127.0.0.1:")
        return coordinator
    }

    @Test func `Scripts see what a key may use up`() async throws {
        let coordinator = try await serve("--invitations")
        let invited = try await RunningMurmur.once(
            ["invite", "--role", "admin", "--max-members", "7", "--data", "data"], in: directory)
        #expect(invited.code == .exited(0))
        let listed = try await RunningMurmur.once(list + ["--json"], in: directory)
        #expect(listed.output.contains("\"max_members\":7,\"max_populations\":1000"))
        #expect(listed.output.contains("\"made_members\":0"))
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }

    @Test func `A mistake is one sentence, and nobody was invited then`() async throws {
        let coordinator = try await serve("--invitations")
        let taken = try directory.file("taken", "")
        let worker = ["--role", "worker", "--all"]
        let mistakes: [([String], Int32, String)] = [
            (["--all"], 64, "'--role <role>'"),
            (["--role", "boss"], 64, "one of 'worker', 'monitor' or 'admin'"),
            (["--role", "worker"], 64, "A worker needs --population NAME, or --all"),
            (["--role", "monitor", "--population", "a b"], 64, "'a b' cannot name a population"),
            (worker + ["--population", "p"], 64, "--all and --population exclude each other"),
            (["--role", "admin", "--population", "p"], 64, "An admin has all populations"),
            (worker + ["--expires", "0s"], 64, "'0s' is no time at all"),
            (worker + ["--expires=-1d"], 64, "'-1d' is not a length of time"),
            (worker + ["--expires", "abc"], 64, "'abc' is not a length of time"),
            (worker + ["--label", String(repeating: "x", count: 257)], 64, "at most 256 bytes"),
            (worker + ["--max-joins", "0"], 64, "--max-joins is a number from 1 to"),
            (worker + ["--out", ""], 64, "--out names no file"),
            (worker + ["--out", taken], 1, "is there already; name another file"),
            (worker + ["--out", "nowhere/new"], 1, "nowhere/new cannot be written"),
            (worker + ["--out", taken + "/new"], 1, "a directory that you may write to"),
        ]
        for (arguments, code, sentence) in mistakes {
            try await check(["invite", "--data", "data"] + arguments, code, sentence)
        }
        for host in ["a b", "", "::1", "h:80", "h/p", "secret@h", "murmur://h"] {
            let sentence = "--host takes a name or a number alone, without a port"
            try await check(["invite", "--data", "data", "--host", host] + worker, 64, sentence)
        }
        try await check(["keys", "revoke", "--data", "data"], 64, "<keys>")
        for key in ["abc", ""] {
            try await check(
                ["keys", "revoke", key, "--data", "data"], 1, "no key that begins with '\(key)'")
        }
        let listed = try await RunningMurmur.once(list, in: directory)
        #expect(listed.output == "Nobody was invited; murmur invite does.\n")
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }

    @Test func `An address is written where only its owner reads it`() async throws {
        let coordinator = try await serve("--invitations")
        let result = try await RunningMurmur.once(
            [
                "invite", "--role", "worker", "--all", "--host", "[::1]", "--out", "new",
                "--data", "data",
            ], in: directory)
        #expect(result.code == .exited(0))
        #expect(result.output == "")
        #expect(result.error.contains("is invited as a worker of all populations"))
        let path = directory.path + "/new"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("murmur://invited:"))
        #expect(text.contains("@[::1]:"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
        // What was invited is read when nobody serves it, and changed only when somebody does.
        let kept = try await RunningMurmur.once(list, in: directory)
        #expect(kept.output.contains("worker  all"))
        for arguments in [["invite", "--role", "admin"], ["keys", "revoke", "abc"]] {
            try await check(
                arguments + ["--data", "data"], 1, "is not running; start it with murmur serve")
        }
    }

    @Test func `Who serves without invitations is told how to have them`() async throws {
        let coordinator = try await serve()
        try await check(
            ["invite", "--role", "admin", "--data", "data"], 1, "start it with --invitations")
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }

    @Test func `A directory that invites is served with its key, or not at all`() async throws {
        let first = try await serve("--invitations")
        #expect(try await first.end(SIGTERM) == .exited(0))
        let again = ["serve", "--port", "0", "--data", "data"]
        try await check(again + ["--insecure"], 1, "this directory lets in who is invited")
        let key = directory.path + "/data/server.key"
        #expect(chmod(key, 0o644) == 0)
        try await check(again, 1, "chmod 600 data/server.key")
        #expect(chmod(key, 0o600) == 0)
        try Data("junk\n".utf8).write(to: URL(filePath: key))
        #expect(chmod(key, 0o600) == 0)
        try await check(again, 1, "server.key is damaged; restore it, or remove it")
    }

    @Test func `Without encryption there is no secret, and no invitation`() async throws {
        let secret = try directory.file("secret", "AAAAAAAAAAAAAAAAAAAAAA\n")
        #expect(chmod(secret, 0o600) == 0)
        let serve = ["serve", "--host", "0.0.0.0", "--port", "0", "--insecure"]
        try await check(
            serve + ["--secret-file", secret], 1, "leave out --insecure, or the secret")
        try await check(serve + ["--invitations"], 64, "leave out one of them")
        try await check(Array(serve.dropLast()), 1, "needs a secret or invitations")
    }
}
