/// Keeps workers running: starts each, and starts it again when it ends.
///
/// It knows neither processes nor the time of day; both are handed in.
actor WorkerSupervisor {
    /// Starts a worker and returns when it has ended. When the task is cancelled, it ends the
    /// worker before it returns.
    typealias Launch = @Sendable (_ worker: Int) async throws -> WorkerExit

    /// Finds out how the population does, when a worker has ended.
    typealias Look = @Sendable (_ exit: WorkerExit) async -> Outlook

    private var supervision: WorkerSupervision
    private let workers: Int
    private let clock: any Clock<Duration>
    private let uptime: @Sendable () -> Duration
    private let launch: Launch
    private let look: Look
    private let notify: @Sendable (WorkerNotice) -> Void

    /// - Parameter notify: Is told of every worker that is about to be started again.
    init(
        workers: Int, policy: WorkerSupervision.Policy = .init(), clock: some Clock<Duration>,
        notify: @escaping @Sendable (WorkerNotice) -> Void = { _ in },
        look: @escaping Look = { _ in .unproven }, launch: @escaping Launch
    ) {
        supervision = WorkerSupervision(workers: workers, policy: policy)
        self.workers = workers
        self.clock = clock
        let beginning = clock.now
        uptime = { beginning.duration(to: clock.now) }
        self.launch = launch
        self.look = look
        self.notify = notify
    }

    /// Runs the workers until there is nothing more to train, or until the task is cancelled; no
    /// worker lives when it returns.
    ///
    /// - Throws: `CommandFails` when the command does not work, or what `launch` throws.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                group.addTask { try await self.keep(worker) }
            }
            // The first error leaves the group, which cancels and awaits the other workers.
            for try await _ in group {}
        }
    }

    private var now: Duration { uptime() }

    private func keep(_ worker: Int) async throws {
        while !Task.isCancelled {
            supervision.started(worker, at: now)
            let exit = try await launch(worker)
            if Task.isCancelled { return }
            let outlook = await look(exit)
            switch outlook {
            case .over: return
            case .working: supervision.progressed()
            case .perhapsWorking: supervision.mayHaveProgressed()
            case .unproven, .unknown: break
            }
            if Task.isCancelled { return }
            switch supervision.exited(
                worker, with: exit, at: now, isJudged: outlook != .unknown)
            {
            case .giveUp(let reason):
                throw CommandFails(reason: reason, worker: worker, exit: exit)
            case .restart(let pause):
                notify(WorkerNotice(worker: worker, exit: exit, pause: pause))
                do {
                    try await clock.sleep(for: pause)
                } catch is CancellationError {
                    return
                }
            }
        }
    }
}

/// How a population does when one of its workers has ended.
enum Outlook: Hashable {
    /// There is nothing more to train: the worker is not started again.
    case over
    /// These workers have reported: no failure of one ends the run any more.
    case working
    /// Somebody has reported, perhaps these workers.
    case perhapsWorking
    /// The coordinator does not answer.
    case unknown
    /// Nobody has reported since the workers began.
    case unproven
}

/// A worker ended and is started again after a pause.
struct WorkerNotice: Hashable, CustomStringConvertible {
    var worker: Int
    var exit: WorkerExit
    var pause: Duration

    var description: String {
        "worker \(worker) \(exit); it starts again in \(pause.shortText)"
    }
}

/// The command does not work, in any worker.
struct CommandFails: Error, Equatable {
    var reason: WorkerSupervision.Reason
    /// The one that ended last.
    var worker: Int
    var exit: WorkerExit
}
