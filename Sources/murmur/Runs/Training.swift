import Coordinator
import Foundation
import Logging
import Messages
import Metrics
import Murmuration
import ZeroMQ

/// One `murmur run`: a coordinator in this process, its one population, and workers.
struct Training {
    let directory: RunDirectory
    let address: Address
    let population: Population
    private let coordinator: Coordinator

    /// Workers are on this machine, so that one of which nothing is heard is most likely gone. Long
    /// enough for a training step that lets nothing else run.
    private static let lease = Duration.seconds(20)
    private static let heartbeat = Duration.seconds(3)

    /// Starts the coordinator, and makes the population unless the directory has it.
    ///
    /// A new directory is removed again when the population cannot be made.
    ///
    /// - Parameter checkpoints: The directory that the user chose for the checkpoints.
    init(
        directory: RunDirectory, name: String, space: SpaceText, settings: Population.Settings,
        checkpoints: String?
    ) async throws {
        self.directory = directory
        let log = try LogFile(path: directory.path + "/coordinator.log")
        var configuration = Coordinator.Configuration(
            data: directory.path, secret: SharedSecret.generate().text,
            logger: Logger(label: "murmur", to: log))
        configuration.port = 0
        configuration.heartbeat = Self.heartbeat
        configuration.lease = Self.lease
        configuration.localCheckpoints = LocalCheckpoints(
            directory: Self.local(checkpoints) ?? directory.checkpoints,
            former: Self.local(directory.record.checkpoints))
        coordinator = try Coordinator(configuration)
        try await coordinator.start()
        address = try Address(coordinator.url ?? "")
        do {
            population = try await Administrator.with(address) { administrator in
                let known = try await administrator.populations()
                if let population = known.first(where: { $0.name == name }) {
                    return population
                }
                return try await administrator.createPopulation(
                    name, space: space.text, source: space.path, settings: settings)
            }
        } catch {
            await coordinator.shutDown()
            if !directory.isResumed {
                try? FileManager.default.removeItem(atPath: directory.path)
            }
            throw error
        }
    }

    /// A directory that the coordinator can look into.
    private static func local(_ checkpoints: String?) -> String? {
        checkpoints.flatMap { WorkerOptions.isAddress($0) ? nil : $0 }
    }

    /// The same when the run is gone on with, and no other run's on this machine.
    private var place: String {
        // Its end is what tells directories apart.
        let end = directory.absolutePath.utf8.suffix(Limits.placeBytes / 2)
        return "run/" + String(decoding: Array(end), as: UTF8.self)
    }

    func crew(
        workers: Int?, processors: Int, command: WorkerCommand, options: WorkerOptions
    ) async throws -> Crew {
        let logs = try LogDirectory(directory.logs)
        return Crew(
            size: workers ?? max(1, min(processors, population.members)),
            process: WorkerProcess(
                holder: try Crew.holder, command: command,
                environment: WorkerEnvironment(
                    url: address.text, population: population.name, place: place,
                    data: directory.absolutePath,
                    checkpoints: options.checkpointsPath(), gpus: options.gpus),
                logs: logs, reportTimeout: options.reportTimeout),
            address: address, population: population.name)
    }

    /// Trains until the population is over, the time is over, or the user wants it to end. No
    /// worker lives when it returns.
    func run(
        _ crew: Crew, for maxTime: Duration?, until interruption: Interruption,
        scrapedAt endpoint: MetricsEndpoint? = nil
    ) async throws -> RunOutcome {
        let live = LiveBoard(logs: directory.logs, maxTime: maxTime)
        defer { live.close() }
        live.show(try await board)
        let supervisor = crew.supervisor(
            notify: { live.note("\($0)") },
            look: { _ in
                guard let board = try? await crew.board else { return .unknown }
                if board.needsNoWorkers { return .over }
                return board.summary.reports > population.reports ? .working : .unproven
            })
        let failures = coordinatorFailures()
        let outcome = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            group.addTask {
                try await supervisor.run()
                return .finished
            }
            group.addTask { try await follow(live) }
            group.addTask {
                for await failure in failures { throw failure }
                throw CancellationError()
            }
            group.addTask {
                guard let signal = await interruption.wait() else { throw CancellationError() }
                live.note("stopping the workers; once more to end at once")
                hurry(interruption, live)
                return .interrupted(signal)
            }
            if let endpoint {
                let page = ScrapedPage(
                    of: coordinator, data: directory.path, version: Murmur.version)
                group.addTask {
                    await endpoint.run(page)
                    throw CancellationError()
                }
            }
            if let maxTime {
                group.addTask {
                    try await Task.sleep(for: maxTime)
                    return .timeOver
                }
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() else { throw CancellationError() }
            return outcome
        }
        if outcome != .finished { await crew.giveBack() }
        // What is left on the terminal is how it ended.
        let board = try await board
        live.show(board)
        return outcome == .finished && board.wasEnded ? .ended : outcome
    }

    private var board: Leaderboard {
        get async throws {
            try await Populations(place: .running(address))
                .leaderboard(of: population.name, limit: nil)
        }
    }

    /// A second signal ends this process at once; the workers' holders see to the workers.
    private func hurry(_ interruption: Interruption, _ live: LiveBoard) {
        Task {
            guard let signal = await interruption.wait() else { return }
            live.close()
            exit(WorkerExit.signal(signal).holderCode)
        }
    }

    private func coordinatorFailures() -> AsyncStream<any Error> {
        let (failures, failure) = AsyncStream.makeStream(of: (any Error).self)
        let coordinator = coordinator
        Task {
            do {
                try await coordinator.run()
            } catch {
                failure.yield(error)
            }
        }
        return failures
    }

    /// Shows the board until the population is over and the workers had time to end.
    private func follow(_ live: LiveBoard) async throws -> RunOutcome {
        while true {
            do {
                let monitor = try Monitor(url: address.text, population: population.name)
                try await live.follow(monitor)
                try await Task.sleep(for: Self.leave)
                return .finished
            } catch let error as MurmurationError {
                // After Ctrl-Z for a while, nothing was heard of the coordinator either.
                live.note("\(error)")
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Workers that were told to stop end by themselves within this.
    private static let leave = Duration.seconds(10)
    private static let pause = Duration.seconds(1)

    /// What the run has come to. The coordinator must still run.
    func result() async throws -> RunResult {
        let name = population.name
        return try await Administrator.with(address) { administrator in
            let board = try await administrator.leaderboard(name, limit: 1)
            return RunResult(
                board: board, schedule: try await administrator.bestSchedule(in: name))
        }
    }

    /// Whether the workers of this run, or of the one that it resumed, got anywhere.
    var hasReports: Bool {
        get async throws { try await result().board.summary.reports > 0 }
    }

    /// Ends the coordinator.
    func end() async {
        await coordinator.shutDown()
    }
}

/// Why a run has ended.
enum RunOutcome: Equatable {
    case finished
    /// Somebody ended the population.
    case ended
    case timeOver
    case interrupted(Int32)

    /// The same command begins a new run.
    var isEnd: Bool {
        switch self {
        case .finished, .ended, .timeOver: true
        case .interrupted: false
        }
    }
}
