import Foundation
import Histories
import Murmuration

/// What Slurm says of the job that this process is.
struct SlurmTask {
    /// Of a task of an array, its own.
    let job: String
    /// As queues show it: 4711, or 4711_3 of an array.
    let name: String
    /// How often it was requeued.
    let restarts: Int

    init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        guard let job = environment["SLURM_JOB_ID"], !job.isEmpty else {
            throw Failure("This is no job of Slurm's; murmur slurm submits one.")
        }
        self.job = job
        if let array = environment["SLURM_ARRAY_JOB_ID"],
            let task = environment["SLURM_ARRAY_TASK_ID"]
        {
            name = "\(array)_\(task)"
        } else {
            name = job
        }
        restarts = environment["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0
    }

    /// Has the job start again when its time is nearly over, of which SIGUSR1 tells, while `body`
    /// runs. Slurm then ends this process with SIGTERM, as when it preempts a job.
    func requeueing(_ body: () async throws -> Void) async throws {
        let (signals, signal) = AsyncStream.makeStream(of: Int32.self)
        let handled = Signals([SIGUSR1]) { signal.yield($0) }
        defer { withExtendedLifetime(handled) {} }
        let task = self
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { await task.requeue() }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func requeue() async {
        OutputFile.warn("The time of this job is nearly over; it is requeued.")
        do {
            try await SlurmCommands().requeue(job)
        } catch {
            // What it has is then given back before Slurm ends it, and it does not start again.
            OutputFile.warn("This job ends without being requeued. \(error)")
            kill(getpid(), SIGTERM)
        }
    }
}
