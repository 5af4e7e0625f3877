import ArgumentParser
import Foundation
import Histories
import Murmuration
import Subprocess

/// Runs a worker's command and outlives the process that started it for just long enough to end
/// the command with it.
///
/// It leads a process group that the command and its children share. Its standard input is a
/// pipe that the starting process holds open: the end of it means that this process is gone,
/// also when it was killed and could say nothing.
struct HoldWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold-worker", abstract: "Runs one worker for another murmur.",
        shouldDisplay: false)

    @Option(help: "Seconds between SIGTERM and SIGKILL.")
    var grace: Double

    @Argument(parsing: .postTerminator)
    var command: [String]

    private enum Event {
        case commandEnded(WorkerExit)
        case lifelineEnded
        case graceOver
    }

    func run() async throws {
        // The starting process has made this a leader already. Whoever tries it from a shell
        // must not lose the shell's group.
        setpgid(0, 0)
        // Signals for the group are meant for the command; its holder stays to the end. A
        // handler, other than SIG_IGN, is not inherited by the command. What is ignored stays so.
        for signalNumber in [SIGTERM, SIGINT, SIGHUP, SIGQUIT]
        where !Signals.isIgnored(signalNumber) {
            signal(signalNumber) { _ in }
        }
        let parentGroup = getpgid(getppid())
        let lifeline = watchLifeline()
        let exit = try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { .commandEnded(try await runCommand()) }
            group.addTask {
                for await _ in lifeline {}
                // The stream also ends when the task is cancelled.
                try Task.checkCancellation()
                return .lifelineEnded
            }
            while let event = try await group.next() {
                switch event {
                case .commandEnded(let exit):
                    await endGroup(movingTo: parentGroup)
                    group.cancelAll()
                    return exit
                case .lifelineEnded:
                    kill(0, SIGTERM)
                    group.addTask {
                        try await Task.sleep(for: .seconds(grace))
                        return .graceOver
                    }
                case .graceOver:
                    // This process is in the group, so nothing runs after this.
                    kill(0, SIGKILL)
                }
            }
            preconditionFailure("the command's task always has a result")
        }
        throw ExitCode(exit.holderCode)
    }

    private func runCommand() async throws -> WorkerExit {
        let command = try WorkerCommand(command)
        do {
            let result = try await Subprocess.run(
                .path(.init(command.path)), arguments: .init(command.arguments),
                input: .none, output: .currentStandardOutput, error: .currentStandardError)
            return switch result.terminationStatus {
            case .exited(let code): .code(code)
            case .signaled(let signal): .signal(signal)
            }
        } catch is SubprocessError {
            throw Failure(
                """
                The command \(command.path) cannot be started; check that it was made for this \
                machine, or that its first line names an interpreter that is there.
                """)
        }
    }

    /// Ends what the command left running in the group: SIGTERM, and SIGKILL after the grace.
    private func endGroup(movingTo other: pid_t) async {
        let own = getpgrp()
        // Outside the group, this process can see it become empty and survives its end. There
        // is nowhere to go when the process that started this one is gone; then nobody waits
        // for the exit code either, and the group ends with its leader.
        let isOutside = setpgid(0, other) == 0
        guard killpg(own, SIGTERM) == 0 else { return }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(grace)
        while clock.now < deadline, !isOutside || killpg(own, 0) == 0 {
            try? await clock.sleep(for: Self.pollInterval)
        }
        killpg(own, SIGKILL)
    }

    private static let pollInterval = Duration.milliseconds(20)

    /// A stream without elements that ends when the pipe on standard input does.
    private func watchLifeline() -> AsyncStream<Never> {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        // A thread of its own, since reading blocks.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            continuation.finish()
        }
        return stream
    }
}
