import Foundation
import Subprocess
import TestSupport
import Testing

@testable import murmur

/// Real processes, whose lives show in a FIFO that they hold open: its end is their end.
@Suite(.timeLimit(.minutes(5)))
final class WorkerProcessTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `A worker finds its place in the environment and its output in the log`()
        async throws
    {
        var process = try worker(
            """
            echo $MURMUR_URL $MURMUR_POPULATION $MURMUR_WORKER $MURMUR_DATA $MURMUR_CHECKPOINTS \
                $CUDA_VISIBLE_DEVICES $MURMUR_PLACE
            echo and its errors >&2; exit 7
            """)
        process.environment.gpus = try GPUs("4,6", visible: nil)
        process.environment.checkpoints = "/shared"
        #expect(try await process.run(3) == .code(7))
        #expect(
            process.logs.tail(3)
                == [
                    "murmur://127.0.0.1:1 birds 3 \(directory.path) /shared 6 rack/3",
                    "and its errors",
                ])
    }

    @Test func `The output of a second start is appended`() async throws {
        let process = try worker("echo once")
        _ = try await process.run(0)
        _ = try await process.run(0)
        #expect(process.logs.tail(0) == ["once", "once"])
    }

    @Test func `A worker that prints without end leaves a log within its bound`() async throws {
        // It waits until its log was emptied: what is printed at that very moment may be lost.
        var process = try worker(
            """
            yes an epoch | head -c 4000000
            while size=$(wc -c <'\(directory.path)/logs/worker-0.log'); [ "$size" -ge 50000 ]; do
                [ "$size" -gt 100000 ] || yes an epoch | head -c 60000
                sleep 0.1
            done
            echo the last line of all; yes again | head -c 42000
            """)
        process.logs = try LogDirectory(process.logs.path, most: 100_000)
        _ = try await process.run(0)
        let sizes = try FileManager.default.contentsOfDirectory(atPath: process.logs.path)
            .map { "\(process.logs.path)/\($0)" }
            .map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? UInt64 ?? 0 }
        #expect(sizes.allSatisfy { $0 <= 100_000 })
        let kept = [process.logs.olderFile(0), process.logs.file(0)]
            .map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }.joined()
        #expect(kept.contains("the last line of all\n"))
        #expect(kept.hasSuffix("again\n"))
        #expect(process.logs.tail(0, lines: 2) == ["again", "again"])
    }

    @Test func `The last lines are shown also of a log that was just emptied`() throws {
        let logs = try LogDirectory(directory.path + "/logs", most: 20)
        _ = try directory.file("logs/worker-1.log", "one\ntwo, which is longer\n")
        logs.bound(1)
        #expect(try Data(contentsOf: URL(filePath: logs.file(1))).isEmpty)
        _ = try directory.file("logs/worker-1.log", "three\n")
        logs.bound(1)
        #expect(logs.tail(1) == ["wo, which is longer", "three"])
    }

    @Test func `A log that is a link keeps what it leads to`() throws {
        let logs = try LogDirectory(directory.path + "/logs", most: 3)
        let target = try directory.file("precious", "precious")
        try FileManager.default.createSymbolicLink(
            atPath: logs.file(1), withDestinationPath: target)
        #expect(throws: LogFile.link(logs.file(1))) { _ = try logs.open(1) }
        #expect(throws: LogFile.link(logs.file(1))) { _ = try LogFile(path: logs.file(1)) }
        logs.bound(1)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
    }

    @Test func `A worker that trains on without a report is ended, with all its processes`()
        async throws
    {
        let life = try Fifo(in: directory)
        var process = try worker(
            "exec 9>\(life.path); sleep 999 & touch $MURMUR_TRAINING/$$-mark; sleep 999")
        process.reportTimeout = .milliseconds(200)
        #expect(try await process.run(1) == .silent(.milliseconds(200)))
        #expect(await life.toEnd() == [])
        #expect(!FileManager.default.fileExists(atPath: process.logs.marks(1)))
    }

    @Test func `A worker that has nothing to train may wait as long as it takes`() async throws {
        var process = try worker("echo $MURMUR_TRAINING; sleep 1; exit 3")
        process.reportTimeout = .milliseconds(50)
        #expect(try await process.run(1) == .code(3))
        #expect(process.logs.tail(1) == [process.logs.marks(1)])
    }

    @Test func `A signal that ended the command is told`() async throws {
        let process = try worker("kill -9 $$")
        #expect(try await process.run(0) == .signal(SIGKILL))
    }

    @Test func `A command that vanished is named in the log`() async throws {
        let script = directory.path + "/train.sh"
        try Data("#!/no/such/interpreter\n".utf8).write(to: URL(filePath: script))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: script)
        var process = try worker("")
        process.command = try WorkerCommand([script])
        #expect(try await process.run(0) != .code(0))
        #expect(process.logs.tail(0).joined().contains("\(script) cannot be started"))
    }

    @Test func `What a command leaves running ends with it`() async throws {
        let life = try Fifo(in: directory)
        let process = try worker(
            grace: .milliseconds(200),
            """
            exec 9>\(life.path); mkfifo \(directory.path)/ready
            (trap '' TERM; echo alive >&9; echo >\(directory.path)/ready; while :; do sleep 9; done) &
            read line <\(directory.path)/ready
            """
        )
        #expect(try await process.run(0) == .code(0))
        #expect(await life.toEnd() == ["alive"])
    }

    @Test func `Cancelling ends a command that ignores SIGTERM, with its children`()
        async throws
    {
        let life = try Fifo(in: directory)
        let process = try worker(
            grace: .milliseconds(200),
            "exec 9>\(life.path); trap '' TERM; sleep 99 & echo alive >&9; while :; do sleep 9; done"
        )
        let run = Task { try await process.run(0) }
        var lines = life.lines.makeAsyncIterator()
        #expect(await lines.next() == "alive")
        run.cancel()
        _ = await run.result
        #expect(await lines.next() == nil)
    }

    @Test func `A command has time to end by itself`() async throws {
        let life = try Fifo(in: directory)
        let process = try worker(
            "exec 9>\(life.path); trap 'echo saved >&9; exit 0' TERM; echo alive >&9; while :; do sleep 0.1; done"
        )
        let run = Task { try await process.run(0) }
        var lines = life.lines.makeAsyncIterator()
        #expect(await lines.next() == "alive")
        run.cancel()
        #expect(await lines.next() == "saved")
        _ = await run.result
        #expect(await lines.next() == nil)
    }

    @Test(arguments: ["", "trap '' TERM; "])
    func `No worker outlives a parent that was killed`(trap: String) async throws {
        let life = try Fifo(in: directory)
        let script = """
            exec 9>\(life.path); \(trap)(trap '' TERM; while :; do sleep 9; done) &
            echo alive >&9; while :; do sleep 9; done
            """
        // The stand-in holds the other end of the holder's standard input, and nothing else.
        let parent = "sh -c 'echo $$ >&8; exec 8>&-; exec sleep 99'"
        let holder = "(exec 8>&-; exec \"$0\" hold-worker --grace 0.2 -- sh -c \"$1\")"
        async let standIn = Subprocess.run(
            .name("sh"),
            arguments: ["-c", "exec 8>\(life.path); \(parent) | \(holder)", try murmur(), script],
            output: .discarded)
        var lines = life.lines.makeAsyncIterator()
        var pid: pid_t?
        var isAlive = false
        while pid == nil || !isAlive, let line = await lines.next() {
            if line == "alive" { isAlive = true } else { pid = pid_t(line) }
        }
        kill(try #require(pid), SIGKILL)
        _ = try await standIn
        #expect(await lines.next() == nil)
    }

    @Test func `A group whose holder was killed ends, and its worker is started again`()
        async throws
    {
        let life = try Fifo(in: directory)
        let process = try worker(
            "exec 9>\(life.path); echo $PPID >&9; while :; do sleep 9; done")
        async let exit = process.run(0)
        var lines = life.lines.makeAsyncIterator()
        let holder = try #require(await lines.next().flatMap { pid_t($0) })
        kill(holder, SIGKILL)
        #expect(try await exit == .signal(SIGKILL))
        #expect(await lines.next() == nil)
    }

    @Test func `A worker that dies is started again, and one that cannot live ends the run`()
        async throws
    {
        let process = try worker("echo no module named torch; exit 1")
        let (notices, notice) = AsyncStream.makeStream(of: WorkerNotice.self)
        let supervisor = WorkerSupervisor(
            workers: 2,
            policy: .init(firstPause: .milliseconds(1), longestPause: .milliseconds(1)),
            clock: ContinuousClock(), notify: { notice.yield($0) },
            launch: { try await process.run($0) })
        let error = await #expect(throws: CommandFails.self) { try await supervisor.run() }
        notice.finish()
        let restarts = await notices.reduce(into: []) { $0.append($1) }
        #expect(restarts.count >= 4)
        #expect(error?.exit == .code(1))
        #expect(process.logs.tail(try #require(error?.worker)).last == "no module named torch")
    }

    private func worker(
        grace: Duration = .seconds(30), _ script: String
    ) throws -> WorkerProcess {
        WorkerProcess(
            holder: try murmur(), command: try WorkerCommand(["sh", "-c", script]),
            environment: WorkerEnvironment(
                url: "murmur://127.0.0.1:1", population: "birds", place: "rack",
                data: directory.path),
            logs: try LogDirectory(directory.path + "/logs"), grace: grace)
    }
}
