import Coordinator
import Foundation
import Histories
import Logging
import Messages
import Murmuration

/// The coordinator's job: it serves one population until that is over, and ends the workers' then.
struct SlurmCoordinator {
    var directory: SlurmDirectory

    private var population: String { directory.record.options.name }

    func run() async throws {
        guard !directory.record.isFinished else {
            return OutputFile.say("There is nothing left to train in \(directory.path).")
        }
        try await waitForDirectory()
        let interruption = Interruption()
        let coordinator = try Coordinator(configuration())
        try await coordinator.start()
        let address = try Address(coordinator.url ?? "")
        OutputFile.say("Serving \(population) at \(address).")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await coordinator.run() }
            group.addTask { _ = await interruption.wait() }
            group.addTask {
                try await waitForEnd(address)
                try await end()
            }
            group.addTask { try await waitForLoss(address) }
            defer { group.cancelAll() }
            do {
                try await group.next()
            } catch {
                await coordinator.shutDown()
                throw error
            }
            await coordinator.shutDown()
        }
    }

    private func configuration() throws -> Coordinator.Configuration {
        var configuration = Coordinator.Configuration(
            data: directory.path, secret: try Secret.find(file: directory.secret),
            logger: Logger(label: "murmur", to: .standardError))
        configuration.host = "0.0.0.0"
        configuration.port = 0
        return configuration
    }

    /// The one before may still be ending, or go on at a node that Slurm has lost.
    private func waitForDirectory() async throws {
        guard Archive.isServed(directory: directory.path) else { return }
        OutputFile.say("Another coordinator still has \(directory.path); waiting for its end.")
        while Archive.isServed(directory: directory.path) {
            try await Task.sleep(for: Self.pause)
        }
    }

    private func waitForEnd(_ address: Address) async throws {
        while true {
            do {
                for try await board in try Monitor(url: address.text, population: population)
                where board.isOver { return }
            } catch let error as MurmurationError {
                OutputFile.warn("\(error)")
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// - Throws: `Failure` when nobody trains any more, and no task of the workers' job is left.
    private func waitForLoss(_ address: Address) async throws {
        let slurm = SlurmCommands()
        while true {
            try await Task.sleep(for: Self.timeBetweenQuestions)
            // Slurm's controller may be away for a while, and jobs be unknown for a moment.
            guard let jobs = SlurmDirectory.jobs(of: directory.path),
                let isQueued = try? await slurm.isQueued(jobs.workers), !isQueued
            else { continue }
            let board = try await Populations(place: .running(address))
                .leaderboard(of: population, limit: 1)
            guard board.needsNoWorkers || board.summary.training > 0 else {
                throw Failure(
                    """
                    Every task of job \(jobs.workers) has ended, and the population \(population) is \
                    not over; \(directory.logs) shows why, and the same murmur slurm command goes on.
                    """)
            }
        }
    }

    /// Ends the workers' tasks: those that wait at once, and those that run when they had time to end
    /// by themselves.
    private func end() async throws {
        var directory = try SlurmDirectory.existing(directory.path)
        try directory.finish()
        OutputFile.say("The population \(population) is over; the workers end.")
        guard let workers = directory.record.jobs?.workers else { return }
        let slurm = SlurmCommands()
        do {
            try await slurm.cancel(workers, pendingOnly: true)
            let clock = ContinuousClock()
            let deadline = clock.now + Self.leave
            while clock.now < deadline, try await slurm.isQueued(workers) {
                try await clock.sleep(for: Self.pause)
            }
            try await slurm.cancel(workers)
        } catch let failure as SlurmFailure {
            OutputFile.warn("The workers' job \(workers) may go on; scancel ends it. \(failure)")
        }
    }

    private static let pause = Duration.seconds(2)
    /// Slurm's controller answers many.
    private static let timeBetweenQuestions = Duration.seconds(30)
    /// Workers that were told to stop end by themselves within this.
    private static let leave = Duration.seconds(60)
}
