import Foundation
import Histories
import Subprocess

/// One worker: the user's command in a process group of its own, with its output in a log file.
///
/// The command is started through `murmur hold-worker`, which leads the process group and ends
/// it when this process is gone, however it went.
struct WorkerProcess {
    /// The `murmur` that holds the worker.
    var holder: String
    var command: WorkerCommand
    var environment: WorkerEnvironment
    var logs: LogDirectory
    /// How long a process group has between SIGTERM and SIGKILL.
    var grace = Self.grace
    /// How long it may train without a report before it is ended.
    var reportTimeout: Duration?
    var clock: any Clock<Duration> = ContinuousClock()

    static let grace = Duration.seconds(5)

    private enum Event {
        case ended(WorkerExit)
        case silent
    }

    /// Runs the worker until it ends by itself, or ends it when the task is cancelled, or when it has
    /// trained for too long without a report.
    func run(_ worker: Int) async throws -> WorkerExit {
        guard let reportTimeout else { return try await start(worker, marks: nil) }
        let marks = try TrainingMarks(logs.marks(worker))
        let exit = try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { .ended(try await start(worker, marks: marks)) }
            group.addTask {
                await marks.waitForSilence(of: reportTimeout, on: clock)
                return .silent
            }
            var exit: WorkerExit?
            while let event = try await group.next() {
                switch event {
                case .ended(let own):
                    exit = exit ?? own
                    group.cancelAll()
                case .silent where exit == nil && !Task.isCancelled:
                    exit = .silent(reportTimeout)
                    group.cancelAll()
                case .silent: break
                }
            }
            guard let exit else { throw CancellationError() }
            return exit
        }
        try marks.remove()
        return exit
    }

    private func start(_ worker: Int, marks: TrainingMarks?) async throws -> WorkerExit {
        let log = try logs.open(worker)
        let lifeline: Lifeline
        do {
            lifeline = try Lifeline()
        } catch {
            close(log)
            throw error
        }
        // This end stays open for as long as this process, and no longer than the worker.
        defer { close(lifeline.parentEnd) }
        // It ends with this function, which waits for its last look.
        async let _: Void = logs.keepBound(worker)

        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)
        ]
        let seconds = grace / .seconds(1)
        let result = try await Subprocess.run(
            .path(.init(holder)),
            arguments: .init(
                [HoldWorker._commandName, "--grace", "\(seconds)", "--", command.path]
                    + command.arguments),
            environment: .inherit.updating(environment.variables(worker))
                .updating([TrainingMarks.variable: marks?.path]),
            platformOptions: options,
            input: .fileDescriptor(
                .init(rawValue: lifeline.holderEnd), closeAfterSpawningProcess: true),
            output: .fileDescriptor(.init(rawValue: log), closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { $0.processIdentifier.value }

        switch result.terminationStatus {
        case .exited(let code):
            return WorkerExit(holderCode: code)
        case .signaled(let signal):
            // The holder was killed itself, and could not end its group.
            killpg(result.closureResult, SIGKILL)
            return .signal(signal)
        }
    }
}

/// A pipe on which nothing is ever written: its reader learns that the writer is gone.
private struct Lifeline {
    var holderEnd: Int32
    var parentEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Failure(
                """
                No worker can be started, because this process has too many open files; raise \
                the limit (ulimit -n) or use fewer workers.
                """)
        }
        (holderEnd, parentEnd) = (ends[0], ends[1])
    }
}

/// What a worker finds in its environment.
struct WorkerEnvironment {
    var url: String
    var population: String
    /// What stays the same when these workers are started again; each has its number there.
    var place: String
    /// The run's directory, where a training script may keep its checkpoints.
    var data: String?
    /// Where checkpoints go, when the user chose a directory.
    var checkpoints: String?
    var gpus: GPUs?

    static let checkpointsVariable: Environment.Key = "MURMUR_CHECKPOINTS"

    func place(of worker: Int) -> String { "\(place)/\(worker)" }

    func variables(_ worker: Int) -> [Environment.Key: String?] {
        var variables: [Environment.Key: String?] = [
            "MURMUR_URL": url, "MURMUR_POPULATION": population, "MURMUR_WORKER": "\(worker)",
            "MURMUR_PLACE": place(of: worker),
        ]
        if let data { variables["MURMUR_DATA"] = data }
        if let checkpoints { variables[Self.checkpointsVariable] = checkpoints }
        if let gpus { variables["CUDA_VISIBLE_DEVICES"] = gpus.device(worker) }
        return variables
    }
}
