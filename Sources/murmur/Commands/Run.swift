import ArgumentParser
import Foundation
import Histories
import Logging
import Messages

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a population on this machine: coordinator, workers and board in one.",
        discussion: """
              murmur run --space space.csv --population-size 16 --max-steps 100 \\
                  --workers 4 -- python3 train.py

            The space file has a line for each hyperparameter, `name,min,max,scale` with a scale \
            of `log` or `linear`, or is YAML (.yaml). Ctrl-C stops; the same command goes on \
            where it was, and begins anew after it has finished.
            """)

    @OptionGroup var population: PopulationOptions

    @Option(
        help: ArgumentHelp(
            "Worker processes. (default: one for each processor, at most the members)",
            valueName: "n"))
    var workers: Int?

    @Option(
        help: ArgumentHelp("Stop after this time, like 90s, 10m or 1h30m.", valueName: "time"),
        transform: Duration.init(text:))
    var maxTime: Duration?

    @Option(help: "The population's name. (default: the space file's)")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The directory of the runs, with a numbered one for each.", valueName: "dir"))
    var data = DataDirectory.runs

    @OptionGroup var metrics: MetricsOptions

    @Flag(help: "Show it in a browser too, as murmur web does, until it ends.")
    var web = false

    @OptionGroup var worker: WorkerOptions

    func validate() throws {
        if let workers, workers < 1 {
            throw ValidationError("--workers \(workers) leaves no worker; use 1 or more.")
        }
        if let name, !Limits.isName(name) {
            throw ValidationError(
                """
                '\(name)' cannot name a population; use 1 to \(Limits.nameBytes) letters, digits, \
                dots, dashes and underscores.
                """)
        }
    }

    func run() async throws {
        try TextPaths.checkWorkingDirectory()
        let command = try WorkerCommand(worker.command)
        let space = try population.spaceFile()
        let name = name ?? space.populationName
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let wanted = RunRecord(
            options: .init(
                name: name, command: worker.command, space: space.text,
                settings: population.settings),
            workers: workers ?? processors)
        // How many workers there are by default is known when there is a population.
        try OpenFileLimit.ensure(
            OpenFileLimit.running + (workers ?? 1) * OpenFileLimit.worker, for: "murmur run")
        let interruption = Interruption()
        let endpoint = try metrics.endpoint(logger: Logger(label: "murmur", to: .standardError))
        var directory = try RunDirectory.open(in: data, wanted: wanted)
        let training = try await Training(
            directory: directory, name: name, space: space, settings: population.settings,
            checkpoints: worker.checkpointsPath())
        let crew: Crew
        do {
            try directory.keep(checkpoints: worker.checkpointsPath())
            crew = try await training.crew(
                workers: workers, processors: processors, command: command, options: worker)
            try OpenFileLimit.check(
                crew.size * OpenFileLimit.worker, for: "A run of \(crew.size) workers")
            if web { try await PageProcess.start(data: directory.path) }
        } catch {
            await training.end()
            throw error
        }
        announce(training, crew)
        if let endpoint { OutputFile.say("Metrics are at \(endpoint.url).") }
        do {
            let outcome = try await training.run(
                crew, for: maxTime, until: interruption, scrapedAt: endpoint)
            let result = try await training.result()
            await training.end()
            if outcome.isEnd { try directory.finish() }
            let lines = result.lines(outcome, directory: directory)
            if case .interrupted(let signal) = outcome {
                for line in lines { OutputFile.say(line) }
                throw ExitCode(WorkerExit.signal(signal).holderCode)
            }
            // The first one says how it ended.
            StandardOutput.say(done: lines[0])
            for line in lines.dropFirst() { OutputFile.say(line) }
        } catch let failure as CommandFails {
            let hasReports = try await training.hasReports
            await training.end()
            // Nothing is lost, and the command may be corrected without another --data.
            if !hasReports { try directory.finish() }
            throw crew.explain(failure)
        } catch {
            await training.end()
            throw error
        }
    }

    private func announce(_ training: Training, _ crew: Crew) {
        let members = training.population.members
        OutputFile.say(
            """
            \(training.directory.isResumed ? "Going on with" : "Beginning") \
            \(training.directory.path): \(NumberText.count(members, "member")), \
            \(NumberText.count(crew.size, "worker")), \
            logs in \(training.directory.logs)/worker-*.log.
            """)
        if training.population.maxSteps == nil, maxTime == nil {
            OutputFile.say(
                "There is neither --max-steps nor --max-time, so it trains until Ctrl-C.")
        }
        if let obstacle = training.population.obstacle { OutputFile.say(obstacle) }
    }
}
