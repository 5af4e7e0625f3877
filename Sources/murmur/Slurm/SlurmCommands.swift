import Foundation
import Histories
import Subprocess

/// The programs by which Slurm takes jobs and tells of them.
struct SlurmCommands {
    /// What they are looked up in.
    var searchPath = ProcessInfo.processInfo.environment["PATH"]

    /// Submits a job.
    ///
    /// - Returns: its number.
    func submit(_ job: SlurmJob) async throws(SlurmFailure) -> String {
        let number = try await run("sbatch", ["--parsable"] + job.options)
        // With several clusters, the name of one follows.
        return String(number.prefix { $0 != ";" })
    }

    /// Whether a job has tasks that run, end or wait.
    func isQueued(_ job: String) async throws(SlurmFailure) -> Bool {
        do {
            return try await !run("squeue", ["--noheader", "--jobs=" + job]).isEmpty
        } catch {
            // One that ended some minutes ago is forgotten.
            guard error.said.contains("Invalid job id") else { throw error }
            return false
        }
    }

    /// Ends a job, or its tasks that wait. One that has ended already is none.
    func cancel(_ job: String, pendingOnly: Bool = false) async throws(SlurmFailure) {
        do {
            _ = try await run("scancel", (pendingOnly ? ["--state=PENDING"] : []) + [job])
        } catch {
            guard error.said.contains("Invalid job id") else { throw error }
        }
    }

    /// Ends a job that runs, with SIGTERM first, and has it start again.
    func requeue(_ job: String) async throws(SlurmFailure) {
        _ = try await run("scontrol", ["requeue", job])
    }

    /// Whether Slurm's commands are here.
    func check() throws {
        guard (try? WorkerCommand(["sbatch"], searchPath: searchPath)) != nil else {
            throw Failure(
                """
                There is no sbatch on PATH; run this where Slurm's commands are, such as on a login \
                node.
                """)
        }
    }

    /// - Returns: what it printed, without white space at its ends.
    private func run(_ name: String, _ arguments: [String]) async throws(SlurmFailure) -> String {
        do {
            let command = try WorkerCommand([name], searchPath: searchPath)
            let result = try await Subprocess.run(
                .path(.init(command.path)), arguments: .init(arguments), input: .none,
                output: .string(limit: Self.mostBytes), error: .string(limit: Self.mostBytes))
            guard result.terminationStatus == .exited(0) else {
                throw SlurmFailure(command: name, said: result.standardError)
            }
            return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch let failure as SlurmFailure {
            throw failure
        } catch {
            throw SlurmFailure(command: name, said: "\(error)")
        }
    }

    private static let mostBytes = 1 << 20
}

/// A command of Slurm's did not do what it was asked.
struct SlurmFailure: Error, CustomStringConvertible {
    var command: String
    /// What it wrote to standard error.
    var said: String

    /// Its lines as parts of a sentence.
    var description: String {
        let lines = said.split(whereSeparator: \.isNewline)
            .map { line in
                ["\(command): ", "error: "].reduce(line.trimmingCharacters(in: .whitespaces)) {
                    $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
                }
            }
            .filter { !$0.isEmpty }
        let words = lines.isEmpty ? "it does not say why" : lines.joined(separator: "; ")
        return "Slurm's \(command) refuses this: \(words)."
    }
}
