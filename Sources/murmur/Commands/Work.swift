import ArgumentParser
import Foundation
import Messages
import Murmuration

struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs workers for a coordinator elsewhere.",
        discussion: """
              export MURMUR_URL=murmur://SECRET@HOST:7777/digits
              murmur work --workers 4 --checkpoints /shared/digits -- python3 train.py

            A worker that dies is started again, unless every one fails again and again. It ends when every member has finished or the \
            population was ended, or with Ctrl-C.
            """)

    @Option(
        help: ArgumentHelp(
            "Worker processes. (default: one for each processor)", valueName: "n"))
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            "The population. (default: the URL's, then the only one)", valueName: "name"))
    var population: String?

    @Option(help: ArgumentHelp("The directory of the workers' log files.", valueName: "dir"))
    var logs = "worker-logs"

    @OptionGroup var coordinator: CoordinatorOptions
    @OptionGroup var worker: WorkerOptions

    func validate() throws {
        if let workers, workers < 1 {
            throw ValidationError("--workers \(workers) leaves no worker; use 1 or more.")
        }
    }

    func run() async throws {
        try TextPaths.checkWorkingDirectory()
        let command = try WorkerCommand(worker.command)
        let address = try coordinator.address()
        let size = workers ?? ProcessInfo.processInfo.activeProcessorCount
        try OpenFileLimit.ensure(
            OpenFileLimit.asking + size * OpenFileLimit.worker, for: "murmur work")
        let named =
            population ?? address.population
            ?? ProcessInfo.processInfo.environment["MURMUR_POPULATION"].flatMap {
                $0.isEmpty ? nil : $0
            }
        let board = try await firstBoard(of: named, at: address)
        let interruption = Interruption()
        // It is this process's until it ends.
        let place = try WorkerPlace.choose()
        let crew = Crew(
            size: size,
            process: WorkerProcess(
                holder: try Crew.holder, command: command,
                environment: WorkerEnvironment(
                    url: address.text, population: board.population,
                    place: place.name.isEmpty ? "work/\(UUID().uuidString)" : place.name,
                    checkpoints: worker.checkpointsPath(), gpus: worker.gpus),
                logs: try LogDirectory(logs), reportTimeout: worker.reportTimeout),
            address: address, population: board.population)
        OutputFile.say(
            """
            \(crew.size) \(crew.size == 1 ? "worker trains" : "workers train") \
            \(board.population) at \((try? address.current()) ?? address); their output is in \
            \(logs)/worker-*.log.
            """)
        do {
            if let signal = try await work(crew, until: interruption, since: board) {
                throw ExitCode(WorkerExit.signal(signal).holderCode)
            }
        } catch {
            await crew.giveBack()
            throw error
        }
        place.giveUp()
        // The coordinator may be gone by now; then it is not known that somebody ended it.
        let wasEnded = (try? await crew.board.wasEnded) ?? false
        OutputFile.say(
            wasEnded
                ? "The population \(board.population) was ended."
                : "Every member of \(board.population) has finished.")
    }

    /// Asked before anything starts, so that a wrong address is said at once. One in a file is waited
    /// for: whoever writes it may be started later.
    private func firstBoard(
        of population: String?, at address: Address
    ) async throws -> Leaderboard {
        let populations = Populations(place: .running(address))
        var isTold = false
        while true {
            do {
                return try await populations.leaderboard(of: population, limit: 1)
            } catch let error as MurmurationError where address.file != nil && error.mayPass {
                if !isTold { OutputFile.say("\(error) Waiting for it.") }
                isTold = true
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// - Returns: the signal that ended it; `nil` when there is nothing more to train.
    private func work(
        _ crew: Crew, until interruption: Interruption, since start: Leaderboard
    ) async throws -> Int32? {
        let look = { @Sendable (exit: WorkerExit) async -> Outlook in
            // Without an answer it may be the coordinator that fails the workers.
            guard let board = try? await crew.board else { return .unknown }
            if board.needsNoWorkers { return .over }
            guard board.summary.reports > start.summary.reports else { return .unproven }
            // Others train this population as well, so that reports alone do not show that the
            // command works here.
            return exit == .code(0) ? .working : .perhapsWorking
        }
        let supervisor = crew.supervisor(notify: { OutputFile.warn("\($0)") }, look: look)
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                do {
                    try await supervisor.run()
                    return nil
                } catch let failure as CommandFails {
                    throw crew.explain(failure)
                }
            }
            group.addTask { await interruption.wait() }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

extension MurmurationError {
    /// A coordinator that is started later, or elsewhere, would answer.
    fileprivate var mayPass: Bool {
        switch self {
        case .noAddressInFile, .unreachable, .silent, .unavailable: true
        default: false
        }
    }
}
