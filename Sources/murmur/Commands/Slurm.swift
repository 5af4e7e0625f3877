import ArgumentParser
import Foundation
import Histories
import Messages

struct Slurm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a population on a cluster with Slurm.",
        discussion: """
              murmur slurm --workers 32 --gpus-per-worker 1 --time 4h --space space.yaml \\
                  --data /shared/digits -- python3 train.py

            It submits two jobs, the coordinator and an array of workers, and ends. Both are \
            requeued when they are preempted, lose their node, or have used up their time, and end \
            when the population is over. The directory must be one that all nodes see. After \
            murmur slurm cancel the same command goes on where the run was.
            """,
        subcommands: [Cancel.self, RunCoordinator.self, RunWorker.self])

    @Option(help: ArgumentHelp("Workers, each a task of the array.", valueName: "n"))
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            "GPUs of each worker, a number or TYPE:NUMBER. (default: none)", valueName: "gpus"))
    var gpusPerWorker: String?

    @Option(
        help: ArgumentHelp("Processors of each worker. (default: Slurm's)", valueName: "n"))
    var cpusPerWorker: Int?

    @Option(
        help: ArgumentHelp(
            "How long a job runs before it is requeued, like 4h. (default: the partition's)",
            valueName: "time"),
        transform: Duration.init(text:))
    var time: Duration?

    @Option(help: "The partition of both jobs. (default: Slurm's)")
    var partition: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Another option for sbatch, of both jobs: --sbatch --account=abc. It may be repeated.",
            valueName: "option"))
    var sbatch: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "The same of the coordinator's job alone, after those of both.", valueName: "option"))
    var coordinatorSbatch: [String] = []

    @Option(help: "The population's name. (default: the space file's)")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The directory of the run, a new one on a file system that all nodes see.",
            valueName: "dir"))
    var data: String?

    @OptionGroup var worker: SlurmWorkerOptions
    @OptionGroup var population: PopulationOptions

    func validate() throws {
        for (option, number) in [("workers", workers), ("cpus-per-worker", cpusPerWorker)] {
            if let number, number < 1 {
                throw ValidationError("--\(option) \(number) is too few; use 1 or more.")
            }
        }
        if let time, time < Self.shortestTime {
            throw ValidationError(
                """
                --time \(time.shortText) is too short, for a job is requeued up to two minutes before; \
                give it \(Self.shortestTime.shortText) or more.
                """)
        }
        if let name, !Limits.isName(name) {
            throw ValidationError(
                """
                '\(name)' cannot name a population; use 1 to \(Limits.nameBytes) letters, digits, \
                dots, dashes and underscores.
                """)
        }
        if let gpusPerWorker, gpusPerWorker.wholeMatch(of: /([\w.-]+:)?[1-9][0-9]*/) == nil {
            throw ValidationError(
                "--gpus-per-worker \(gpusPerWorker) is no number of GPUs; write 1, or a100:1.")
        }
    }

    private static let shortestTime = Duration.seconds(300)

    func run() async throws {
        try TextPaths.checkWorkingDirectory()
        guard let workers else {
            throw Failure("There is no number of workers; say it with --workers.")
        }
        guard let data, !data.isEmpty else {
            throw Failure(
                "There is no directory of the run; name one that all nodes see with --data.")
        }
        let slurm = SlurmCommands()
        try slurm.check()
        _ = try WorkerCommand(worker.command)
        let space = try population.spaceFile()
        let name = name ?? space.populationName
        let directory = SlurmDirectory.absolute(data)
        let submission = SlurmSubmission(
            slurm: slurm,
            wanted: SlurmRecord(
                options: .init(
                    name: name, command: worker.command, space: space.text,
                    settings: population.settings),
                checkpoints: worker.checkpointsPath ?? directory + "/checkpoints",
                reportTimeout: worker.reportTimeout.map { $0 / .seconds(1) }),
            run: SlurmJob.Run(
                name: name, directory: directory, program: try Crew.holder, time: time,
                partition: partition, others: sbatch),
            workers: workers, cpus: cpusPerWorker, gpus: gpusPerWorker,
            coordinatorOptions: coordinatorSbatch)
        let jobs = try await submission.submit(space, settings: population.settings)
        StandardOutput.say(
            done: """
                Submitted \(name): job \(jobs.coordinator) is the coordinator, and job \
                \(jobs.workers) is an array of \(NumberText.count(workers, "worker")).
                """)
        for line in [
            "queue  squeue --jobs=\(jobs.coordinator),\(jobs.workers)",
            "watch  murmur watch --data \(data)", "stop   murmur slurm cancel \(data)",
            "logs   \(directory)/logs",
        ] { OutputFile.say(line) }
    }
}

extension Slurm {
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends the jobs of a run; the command that submitted them goes on with it.")

        @Argument(help: "The directory of the run, as after --data.")
        var dir: String

        func run() async throws {
            let directory = try SlurmDirectory.existing(dir)
            let slurm = SlurmCommands()
            try slurm.check()
            let ended = try await SlurmCancellation(slurm: slurm).run(directory.record.jobs)
            StandardOutput.say(
                done: ended.isEmpty
                    ? "No job of the run in \(directory.path) is in the queue."
                    : "Ended \(ended.count == 1 ? "job" : "jobs") \(ended.joined(separator: " and "))."
            )
        }
    }

    /// What the coordinator's job runs.
    struct RunCoordinator: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "coordinator", abstract: "Serves a run's population, as its job.",
            shouldDisplay: false)

        @Argument var dir: String

        func run() async throws {
            try OpenFileLimit.ensure(OpenFileLimit.serving, for: "murmur slurm")
            // A limit on the size of files is then an error of the disk, for which there is a sentence.
            signal(SIGXFSZ, SIG_IGN)
            let directory = try SlurmDirectory.existing(dir)
            try await SlurmTask().requeueing {
                try await SlurmCoordinator(directory: directory).run()
            }
        }
    }

    /// What each task of the workers' array runs.
    struct RunWorker: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "worker", abstract: "Trains members of a run's population, as a task.",
            shouldDisplay: false)

        @Argument var dir: String

        func run() async throws {
            let task = try SlurmTask()
            let directory = try SlurmDirectory.existing(dir)
            try await task.requeueing {
                try await SlurmWorker(directory: directory, task: task).run()
            }
        }
    }
}
