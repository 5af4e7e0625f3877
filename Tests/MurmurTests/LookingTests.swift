import Foundation
import Murmuration
import Subprocess
import TestSupport
import Testing

@testable import murmur

/// The commands that look at a population and steer it: the executable itself, with a coordinator.
@Suite(.timeLimit(.minutes(5)))
final class LookingTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        _ = try directory.file("space.csv", "name,min,max,scale\nrate,0.01,1,log\n")
    }

    /// What a command says on the only coordinator of the test.
    private func murmur(
        _ arguments: String..., code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await RunningMurmur.once(
            arguments + ["--data", "data"], in: directory)
        #expect(
            result.code == .exited(code), "\(arguments): \(result.error)",
            sourceLocation: sourceLocation)
        return code == 0 ? result.output : result.error
    }

    private func serve() async throws -> RunningMurmur {
        let coordinator = try await RunningMurmur(
            ["serve", "--port", "0", "--data", "data"], in: directory)
        _ = try await coordinator.line("Serving at murmur://127.0.0.1:")
        return coordinator
    }

    private func create() async throws {
        _ = try await murmur(
            "create", "digits", "--space", "space.csv", "--population-size", "6", "--interval",
            "10", "--max-steps", "40")
    }

    private var url: String {
        get throws {
            try String(contentsOfFile: directory.path + "/data/url", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Trains until there is nothing more, one member after the other. Its number, and a little of
    /// its step, are a member's score.
    private func train() async throws {
        let worker = try await Worker.join(url: url, name: "test")
        while true {
            let (step, member) = (worker.targetStep, worker.member)
            let directive = try await worker.report(
                step: step, score: Double(member) + Double(step) / 100,
                checkpoint: "/c/\(member)-\(step)")
            if directive.action == .stop { return }
        }
    }

    @Test func `A population is looked at while it is served, and when nobody serves it`()
        async throws
    {
        let coordinator = try await serve()
        try await create()
        #expect(try await murmur("best", code: 1).contains("No member of digits has reported"))
        #expect(
            try await murmur("schedule", "0", code: 1).contains("has not reported a checkpoint"))
        #expect(try await murmur("history") == "No member has reported yet.\n")
        try await train()

        let served = try await looks()
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
        #expect(try await looks() == served)
        try check(served)
    }

    @Test func `A synchronous population is looked at as any other`() async throws {
        let coordinator = try await serve()
        _ = try await murmur(
            "create", "digits", "--space", "space.csv", "--population-size", "6", "--interval",
            "10", "--max-steps", "40", "--synchronous", "--generation-deadline", "600")
        try await train()
        #expect(try await murmur("list").contains("5: 6/6 reported"))
        #expect(try await murmur("leaderboard").contains("generation 5: 6/6 reported"))

        let looks = try await looks()
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
        #expect(try await self.looks() == looks)
        func lines(_ look: String) -> [String] {
            (looks[look] ?? "").split(separator: "\n").map(String.init)
        }
        // One of six copies each time, but for the last.
        #expect(lines("reports").count { $0.contains("copies") } == 3)
        #expect(lines("json").count { $0.contains("\"event\":\"exploited\"") } == 3)
        #expect(lines("json").count { $0.contains("\"event\":\"reported\"") } == 24)
        #expect(lines("csv").count == 25)
        let donor = (lines("csv").first ?? "").split(separator: ",").firstIndex(of: "donor") ?? 0
        let donors = lines("csv").dropFirst().filter {
            !$0.split(separator: ",", omittingEmptySubsequences: false)[donor].isEmpty
        }
        #expect(donors.count == 3)
        #expect(lines("lineage").first?.contains("3 exploits") == true)
        let told = looks["explain"] ?? ""
        #expect(told.contains("The worst one copies, so it copied member"))
        let plot = ["plot", "digits", "--out", directory.path + "/digits.svg"]
        #expect(
            try await RunningMurmur.once(plot + ["--data", "data"], in: directory).code
                == .exited(0))
    }

    /// What each way to look at the population says.
    private func looks() async throws -> [String: String] {
        [
            "best": try await murmur("best"),
            "checkpoint": try await murmur("best", "digits", "--checkpoint"),
            "score": try await murmur("best", "--current", "--score"),
            "reports": try await murmur("history", "digits"),
            "events": try await murmur("history", "--events", "--member", "5"),
            "csv": try await murmur("history", "--csv"),
            "json": try await murmur("history", "--json"),
            "schedule": try await murmur("schedule", "digits", "5", "--json"),
            "best schedule": try await murmur("schedule", "--best", "--csv"),
            "current schedule": try await murmur("schedule", "--best", "--current", "--csv"),
            "lineage": try await murmur("lineage"),
            "dot": try await murmur("lineage", "digits", "--dot", "--all"),
            "explain": try await murmur("explain", "0"),
        ]
    }

    private func check(_ looks: [String: String]) throws {
        func lines(_ look: String) -> [String] {
            (looks[look] ?? "").split(separator: "\n").map(String.init)
        }
        #expect(
            lines("best").prefix(4).map { $0.split(separator: " ").first } == [
                "member", "score", "step", "checkpoint",
            ])
        #expect(looks["checkpoint"] == "/c/5-40\n")
        #expect(looks["score"] == "5.4\n")
        let reports = lines("reports").count - 1
        #expect(reports >= 6)
        #expect(lines("csv").count == reports + 1)
        #expect(
            lines("csv").first?.hasPrefix("sequence,time,member,report,step,score,checkpoint,")
                == true)
        #expect(lines("json").count == reports)
        #expect(lines("json").allSatisfy { $0.contains("\"event\":\"reported\"") })
        #expect(lines("events")[1].contains("created: rate "))
        #expect(lines("events").contains { $0.contains("leased to test") })
        #expect(lines("schedule").first?.contains("\"member\":5,\"objective\":") == true)
        #expect(lines("schedule").first?.contains("\"population\":\"digits\"") == true)
        #expect(lines("best schedule").first == "start,end,member,hyperparameter.rate")
        #expect(lines("best schedule").last?.contains(",40,5,") == true)
        #expect(looks["current schedule"] == looks["best schedule"])
        #expect(lines("lineage").first?.hasPrefix("digits: 6 of 6 members have a state") == true)
        #expect(lines("dot").last == "}")
        #expect(lines("explain").first?.hasPrefix("It began with rate ") == true)
        #expect(lines("explain").count > 1)
    }

    /// A worker that ends when it may.
    private static let waiting = "while [ ! -e over ]; do sleep 0.05; done"

    @Test func `A population is steered`() async throws {
        let coordinator = try await serve()
        try await create()
        #expect(
            try await murmur("pause") == """
                The population digits is paused: no worker trains it, and none will until murmur \
                resume.

                """)
        #expect(try await murmur("list").contains("paused"))
        #expect(try await murmur("resume", "digits").contains("is active: 6 of its 6 members"))
        #expect(
            try await murmur("add", "--members", "2")
                == "The population digits has 2 members more, 8 in all.\n")
        #expect(
            try await murmur("remove", "digits", "7")
                == "Member 7 of digits is removed, and 7 members are left; its history stays.\n")
        #expect(try await murmur("remove", "99", code: 1).contains("99"))
        #expect(
            try await murmur("set", "--max-steps", "none", "--fraction", "0.5")
                == "The population digits evolves with max_steps none, fraction 0.5 from now on.\n")
        #expect(
            try await murmur("history", "--events")
                .contains("settings: max_steps 40 → none, fraction 0.25 → 0.5"))
        #expect(try await murmur("explain", "7").contains("\nIt was removed.\n"))

        let watcher = try await RunningMurmur(["watch", "--data", "data"], in: directory)
        _ = try await watcher.line("digits")
        let work = try await RunningMurmur(
            ["work", "--workers", "1", "--data", "data", "--", "sh", "-c", Self.waiting],
            in: directory)
        _ = try await work.line("1 worker trains digits")
        #expect(
            try await murmur("end")
                == "The population digits is ended: no worker trains it any more.\n")
        #expect(try await watcher.exit == .exited(0))
        _ = try directory.file("over", "")
        _ = try await work.line("The population digits was ended.")
        #expect(try await work.exit == .exited(0))
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
        #expect(try await murmur("pause", code: 1).contains("is not running; start it with"))
    }

    @Test(arguments: [
        (["best", "--json", "--score"], Int32(64), "exclude each other"),
        (["history", "--csv", "--json"], 64, "exclude each other"),
        (["history", "--csv", "--events"], 64, "use --json with --events"),
        (["history", "--member", "x"], 64, "--member"),
        (["lineage", "--dot", "--json"], 64, "exclude each other"),
        (["schedule"], 64, "There is no member; give its number"),
        (["schedule", "digits", "x"], 64, "'x' is no member"),
        (["schedule", "digits", "7", "--current"], 64, "--current is about --best"),
        (["list", "--data", ""], 64, "--data is empty"),
        (["schedule", "digits", "7", "--best"], 64, "leave the member's number out"),
        (["schedule", "a", "b", "1"], 64, "There are 3 names"),
        (["explain", "digits"], 64, "'digits' is no member"),
        (["explain", "7", "--last", "0"], 64, "leaves nothing to explain"),
        (["add", "--members", "0"], 64, "adds no member"),
        (["remove"], 64, "There is no member"),
        (["set"], 64, "There is nothing to change"),
        (["set", "--max-steps", "0"], 64, "--max-steps: It is 0; write from 1"),
        (["set", "--fraction", "0.6"], 64, "write a number from 0.0 to 0.5"),
        (["set", "--resample-probability", "nan"], 64, "write a number from 0.0 to 1.0"),
        (["set", "--interval", "0"], 64, "write from 1 to"),
        (["pause", "--url", "murmur://127.0.0.1:1"], 1, "cannot be reached"),
        (["best", "--data", "none"], 1, "There is no directory none"),
    ])
    func `Mistakes are told before anything is asked`(
        arguments: [String], code: Int32, sentence: String
    ) async throws {
        let result = try await RunningMurmur.once(arguments, in: directory)
        #expect(result.code == .exited(code))
        #expect(result.error.contains(sentence), "\(result.error)")
    }

    @Test func `What does not exist is one sentence`() async throws {
        let coordinator = try await serve()
        try await create()
        for arguments in [
            ["best", "birds"], ["history", "birds"], ["lineage", "birds"],
            ["schedule", "birds", "0"], ["schedule", "birds", "--best"], ["explain", "birds", "0"],
            ["pause", "birds"], ["resume", "birds"], ["end", "birds"],
            ["add", "birds", "--members", "1"], ["remove", "birds", "0"],
            ["set", "birds", "--interval", "2"],
        ] {
            let result = try await RunningMurmur.once(
                arguments + ["--data", "data"], in: directory)
            #expect(result.code == .exited(1), "\(arguments)")
            #expect(result.error.contains("There is no population 'birds'"), "\(result.error)")
            #expect(result.error.split(separator: "\n").count == 1, "\(arguments)")
        }
        for arguments in [
            ["history", "--member", "6"], ["schedule", "6"], ["explain", "digits", "6"],
            ["remove", "6"],
        ] {
            let result = try await RunningMurmur.once(
                arguments + ["--data", "data"], in: directory)
            #expect(result.code == .exited(1), "\(arguments)")
            #expect(result.error.contains("no member 6"), "\(result.error)")
        }
        #expect(try await coordinator.end(SIGTERM) == .exited(0))
    }
}
