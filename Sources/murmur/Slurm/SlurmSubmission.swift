import Foundation
import Histories
import Murmuration

/// What `murmur slurm` does: the directory, the population, and two jobs.
struct SlurmSubmission {
    var slurm: SlurmCommands
    var wanted: SlurmRecord
    var run: SlurmJob.Run
    var workers: Int
    var cpus: Int?
    var gpus: String?
    var coordinatorOptions: [String]

    func submit(_ space: SpaceText, settings: Population.Settings) async throws -> SlurmRecord.Jobs
    {
        var directory = try SlurmDirectory.open(run.directory, wanted: wanted)
        try await checkQueue(for: directory)
        do {
            if !directory.isResumed {
                let made = try await PopulationMaker.make(
                    run.name, space: space, settings: settings, in: directory.path,
                    secret: Secret.find(file: directory.secret))
                if let obstacle = made.obstacle { OutputFile.say(obstacle) }
                // Not before there is a population: a run without one would never end.
                try directory.write()
            }
            return try await submitJobs(of: &directory)
        } catch {
            // It holds nothing but what was made here, and the options may be others next time.
            if !directory.isResumed {
                try? FileManager.default.removeItem(atPath: directory.path)
            }
            throw error
        }
    }

    private func checkQueue(for directory: SlurmDirectory) async throws {
        var queued: [String] = []
        for job in directory.record.jobs?.all ?? [] where try await slurm.isQueued(job) {
            queued.append(job)
        }
        guard queued.isEmpty else {
            throw Failure(
                """
                The run in \(directory.path) is in the queue already, as \
                \(queued.count == 1 ? "job" : "jobs") \(queued.joined(separator: " and ")); end it \
                first: murmur slurm cancel \(directory.path).
                """)
        }
    }

    private func submitJobs(of directory: inout SlurmDirectory) async throws -> SlurmRecord.Jobs {
        var submitted: [String] = []
        let failure: any Error
        do {
            let coordinator = try await slurm.submit(
                .coordinator(of: run, others: coordinatorOptions))
            submitted.append(coordinator)
            let array = try await slurm.submit(
                .workers(workers, of: run, coordinator: coordinator, cpus: cpus, gpus: gpus))
            submitted.append(array)
            let jobs = SlurmRecord.Jobs(coordinator: coordinator, workers: array)
            try directory.keep(jobs)
            return jobs
        } catch {
            failure = error
        }
        // Not awaited in the handler: Swift 6.3 crashes when it optimizes that.
        await withdraw(submitted)
        throw failure
    }

    /// Ends jobs that nobody would know of.
    private func withdraw(_ jobs: [String]) async {
        for job in jobs.reversed() {
            do {
                try await slurm.cancel(job)
            } catch {
                OutputFile.warn("Job \(job) may be in the queue; scancel ends it. \(error)")
            }
        }
    }
}

/// What `murmur slurm cancel` does.
struct SlurmCancellation {
    var slurm: SlurmCommands

    /// The workers end first, so that they can give their members back.
    ///
    /// - Returns: those that were in the queue.
    func run(_ jobs: SlurmRecord.Jobs?) async throws -> [String] {
        var ended: [String] = []
        for job in jobs?.all.reversed() ?? [] where try await slurm.isQueued(job) {
            try await slurm.cancel(job)
            ended.append(job)
            let clock = ContinuousClock()
            let deadline = clock.now + Self.patience
            while clock.now < deadline, try await slurm.isQueued(job) {
                try await clock.sleep(for: Self.pause)
            }
        }
        return ended
    }

    private static let pause = Duration.milliseconds(500)
    /// Slurm kills what does not end; a node that does not answer is not waited for.
    private static let patience = Duration.seconds(60)
}
