/// Keeps workers running: starts each, and starts it again when it ends.
///
/// It knows neither processes nor the time of day; both are handed in.
actor WorkerSupervisor {
    /// Starts a worker and returns when it has ended. When the task is cancelled, it ends the
    /// worker before it returns.
    typealias Launch = @Sendable (_ worker: Int) async throws -> WorkerExit

    /// Whether there is nothing more to train: a worker that ends then is not started again.
    typealias IsOver = @Sendable (_ exit: WorkerExit) async -> Bool

    private var supervision: WorkerSupervision
    private let workers: Int
    private let clock: any Clock<Duration>
    private let uptime: @Sendable () -> Duration
    private let launch: Launch
    private let isOver: IsOver
    private let notify: @Sendable (WorkerNotice) -> Void

    /// - Parameter notify: Is told of every worker that is about to be started again.
    init(
        workers: Int, policy: WorkerSupervision.Policy = .init(), clock: some Clock<Duration>,
        notify: @escaping @Sendable (WorkerNotice) -> Void = { _ in },
        isOver: @escaping IsOver = { _ in false }, launch: @escaping Launch
    ) {
        supervision = WorkerSupervision(workers: workers, policy: policy)
        self.workers = workers
        self.clock = clock
        let beginning = clock.now
        uptime = { beginning.duration(to: clock.now) }
        self.launch = launch
        self.isOver = isOver
        self.notify = notify
    }

    /// Runs the workers until there is nothing more to train, or until the task is cancelled; no
    /// worker lives when it returns.
    ///
    /// - Throws: `WorkersEndAtOnce` when the command does not work, or what `launch` throws.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                group.addTask { try await self.keep(worker) }
            }
            // The first error leaves the group, which cancels and awaits the other workers.
            for try await _ in group {}
        }
    }

    /// A member was reported for: from now on no failure of a worker ends the run.
    func progressed() {
        supervision.progressed()
    }

    private var now: Duration { uptime() }

    private func keep(_ worker: Int) async throws {
        while !Task.isCancelled {
            supervision.started(worker, at: now)
            let exit = try await launch(worker)
            if Task.isCancelled { return }
            if await isOver(exit) { return }
            if Task.isCancelled { return }
            switch supervision.exited(worker, at: now) {
            case .giveUp:
                throw WorkersEndAtOnce(worker: worker, exit: exit)
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

/// A worker ended and is started again after a pause.
struct WorkerNotice: Hashable, CustomStringConvertible {
    var worker: Int
    var exit: WorkerExit
    var pause: Duration

    var description: String {
        "worker \(worker) \(exit); it starts again in \(pause.shortText)"
    }
}

/// The command ended at once in every worker, every time.
struct WorkersEndAtOnce: Error, Equatable {
    /// The one that ended last.
    var worker: Int
    var exit: WorkerExit
}
