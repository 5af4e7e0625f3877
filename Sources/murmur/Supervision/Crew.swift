import Foundation
import Histories
import Messages
import Murmuration

/// The workers of one population on this machine.
struct Crew {
    var size: Int
    var process: WorkerProcess
    var address: Address
    var population: String

    /// Reads how the population does.
    var board: Leaderboard {
        get async throws {
            try await Populations(place: .running(address)).leaderboard(of: population, limit: 1)
        }
    }

    /// Has others train at once what these workers held, none of which lives any more. One that was
    /// started again has taken its member over itself.
    func giveBack() async {
        let environment = process.environment
        do {
            try await Administrator.with(address, patience: Self.farewell) { administrator in
                try await administrator.giveBack(
                    places: (0..<size).map { environment.place(of: $0) })
            }
        } catch {
            OutputFile.warn(
                """
                \(error) What the workers held is trained on when its leases have lapsed.
                """)
        }
    }

    /// Shorter than schedulers wait before they kill.
    private static let farewell = Duration.seconds(3)

    func supervisor(
        notify: @escaping @Sendable (WorkerNotice) -> Void,
        look: @escaping WorkerSupervisor.Look
    ) -> WorkerSupervisor {
        let process = process
        return WorkerSupervisor(
            workers: size, clock: ContinuousClock(), notify: notify, look: look
        ) { worker in
            try await process.run(worker)
        }
    }

    /// Shows what a command that never worked said last.
    func explain(_ failure: CommandFails) -> Failure {
        let tail = process.logs.tail(failure.worker)
        for line in tail { OutputFile.warn(line) }
        let file = process.logs.file(failure.worker)
        let when =
            switch failure.reason {
            case .endsAtOnce: "at once in every worker, every time"
            case .neverReports: "in every worker, again and again, and no report was accepted"
            case .keepsFailing:
                "in every worker, again and again, while others train the population"
            }
        return Failure(
            """
            The command \(process.command.words) \(failure.exit) \(when); \
            \(tail.isEmpty ? "it wrote nothing to" : "its last output is above, and all of it in") \
            \(file).
            """)
    }

    /// The executable of this process, which also holds workers.
    static var holder: String {
        get throws {
            #if os(Linux)
                // Foundation ends the process where /proc is missing, as in some containers.
                let link = "/proc/self/exe"
                let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
                return try path ?? WorkerCommand([CommandLine.arguments[0]]).path
            #else
                Bundle.main.executablePath ?? CommandLine.arguments[0]
            #endif
        }
    }
}

extension WorkerCommand {
    /// As a person would write it, for sentences.
    fileprivate var words: String {
        Terminal.escaped(([path] + arguments).joined(separator: " "))
    }
}
