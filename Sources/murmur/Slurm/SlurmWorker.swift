import Coordinator
import Foundation
import Messages
import Murmuration

/// One task of the workers' array: `murmur work` with one worker, once there is a coordinator.
struct SlurmWorker {
    let directory: SlurmDirectory
    let task: SlurmTask

    /// The worker's output, of each start of the task by itself.
    private var logs: String { "\(directory.logs)/\(task.name).\(task.restarts)" }

    func run() async throws {
        guard !directory.record.isFinished, try await waitForCoordinator() else {
            return OutputFile.say("There is nothing left to train in \(directory.path).")
        }
        let record = directory.record
        setenv("MURMUR_URL", "file:\(directory.url)", 1)
        setenv("MURMUR_POPULATION", record.options.name, 1)
        let timeout = record.reportTimeout.map { ["--report-timeout", "\($0)s"] } ?? []
        let work = try Work.parse(
            ["--workers", "1", "--logs", logs, "--checkpoints", record.checkpoints] + timeout
                + ["--"] + record.options.command)
        try await work.run()
    }

    /// The coordinator may be about to start again on another node.
    ///
    /// - Returns: false when its job has ended, and so has the run.
    private func waitForCoordinator() async throws -> Bool {
        var looks = 0
        while !(await isAnswering) {
            if looks == 0 { OutputFile.say("The coordinator does not answer yet; waiting for it.") }
            if looks % Self.looksPerQuestion == 0 {
                // The number is written a moment after the job was submitted.
                if let jobs = SlurmDirectory.jobs(of: directory.path),
                    try await !SlurmCommands().isQueued(jobs.coordinator)
                {
                    return false
                }
            }
            looks += 1
            try await Task.sleep(for: Self.pause)
        }
        return true
    }

    private var isAnswering: Bool {
        get async {
            guard let file = PrivateFile(path: directory.url), let address = try? Address(file.text)
            else { return false }
            let populations = Populations(place: .running(address))
            return
                (try? await populations.leaderboard(
                    of: directory.record.options.name, limit: 1)) != nil
        }
    }

    private static let pause = Duration.seconds(1)
    /// Slurm's controller answers many.
    private static let looksPerQuestion = 30
}
