import Foundation
import Murmuration
import Subprocess
import TestSupport
import Testing

@testable import murmur

/// `murmur run` itself. Its workers are scripts that hand their address to the test, which trains
/// in their place.
@Suite(.timeLimit(.minutes(5)))
final class RunCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        _ = try directory.file("space.csv", "name,min,max,scale\nrate,0.01,1,log\n")
    }

    private func command(_ options: String..., script: String) -> [String] {
        ["run", "--space", "space.csv", "--population-size", "2", "--max-steps", "3"] + options
            + ["--", "sh", "-c", script]
    }

    @Test func `A run trains to the end, prints its result, and the next one begins anew`()
        async throws
    {
        let addresses = try Fifo(in: directory)
        let run = try await RunningMurmur(
            command(
                "--workers", "1",
                script: "echo $MURMUR_URL >fifo; while [ ! -e over ]; do sleep 0.05; done"),
            in: directory)
        _ = try await run.line("Beginning runs/0001: 2 members, 1 worker")
        let url = try #require(await addresses.toEnd().first)
        #expect(url.contains("@127.0.0.1:"))
        let worker = try await Worker.join(url: url, name: "test")
        var action = Directive.Action.continue
        while action != .stop {
            let step = worker.targetStep
            action = try await worker.report(
                step: step, score: Double(step + worker.member),
                checkpoint: "/c/\(worker.member)-\(step)"
            ).action
        }
        _ = try directory.file("over", "")
        let result = await run.rest().joined(separator: "\n")
        #expect(try await run.exit == .exited(0))
        #expect(result.contains("best member  1"))
        #expect(result.contains("checkpoint   /c/1-3"))
        #expect(result.contains("0–3"))
        #expect(result.contains("runs/0001/logs/worker-*.log"))

        let next = try await RunningMurmur(
            command("--max-time", "0.1s", script: "sleep 60"), in: directory)
        _ = try await next.line("Beginning runs/0002")
        _ = try await next.line("The time is over")
        #expect(try await next.exit == .exited(0))
    }

    @Test func `A command that never works ends the run with its output, and may be corrected`()
        async throws
    {
        let failed = try await RunningMurmur.once(
            command("--workers", "1", script: "echo no module named torch; exit 3"), in: directory)
        #expect(failed.code == .exited(1))
        #expect(failed.error.contains("\nno module named torch\n"))
        // At once, or again and again where a process takes seconds to start.
        #expect(failed.error.contains("failed with exit code 3 "))
        #expect(failed.error.contains("in every worker, "))

        let corrected = try await RunningMurmur(command(script: "sleep 60"), in: directory)
        _ = try await corrected.line("Beginning runs/0002")
        #expect(try await corrected.end(SIGINT) == .exited(128 + SIGINT))
    }

    @Test func `Ctrl-C stops the workers, and the same command resumes`() async throws {
        let life = try Fifo(in: directory)
        let script = "exec 9>fifo; echo alive >&9; while :; do sleep 0.1; done"
        let run = try await RunningMurmur(
            command("--workers", "2", script: script), in: directory)
        var lines = life.lines.makeAsyncIterator()
        #expect(await lines.next() == "alive")
        #expect(await lines.next() == "alive")
        #expect(try await run.end(SIGINT) == .exited(128 + SIGINT))
        #expect(await lines.next() == nil)
        #expect(await run.rest().last == "The same command goes on where this run stopped.")

        let other = try await RunningMurmur.once(
            command("--minimize", script: script), in: directory)
        #expect(other.code == .exited(1))
        #expect(other.error.contains("was begun with no --objective (now --objective minimize)"))

        let resumed = try await RunningMurmur(
            command("--max-time", "0.1s", script: script), in: directory)
        _ = try await resumed.line("Going on with runs/0001")
        #expect(try await resumed.exit == .exited(0))
    }

    @Test func `No worker outlives a run that was killed`() async throws {
        let life = try Fifo(in: directory)
        let run = try await RunningMurmur(
            command(
                "--workers", "3",
                script: "exec 9>fifo; sleep 99 & echo alive >&9; while :; do sleep 0.1; done"),
            in: directory)
        var lines = life.lines.makeAsyncIterator()
        for _ in 0..<3 { #expect(await lines.next() == "alive") }
        #expect(try await run.end(SIGKILL) == .signaled(SIGKILL))
        #expect(await lines.next() == nil)
    }

    @Test func `A search space with a mistake leaves no run behind`() async throws {
        _ = try directory.file("space.csv", "name,min,max,scale\nrate,1,0.1,log\n")
        let result = try await RunningMurmur.once(command(script: "true"), in: directory)
        #expect(result.code == .exited(1))
        #expect(result.error.contains("space.csv:2: "))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/runs")
        #expect(left == [])
    }
}
