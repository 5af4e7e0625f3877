import ArgumentParser
import Foundation

/// The user's command, which Slurm starts on other machines.
struct SlurmWorkerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the workers keep their checkpoints: a directory that all nodes see, or an address.",
            valueName: "dir"))
    var checkpoints: String?

    @Option(
        help: ArgumentHelp(
            "End a worker that trains for so long without a report, and start it again.",
            valueName: "time"),
        transform: Duration.init(text:))
    var reportTimeout: Duration?

    @Argument(parsing: .postTerminator, help: "The command that trains, after `--`.")
    var command: [String] = []

    /// The directory by its absolute path; an address as it is.
    var checkpointsPath: String? {
        checkpoints.map {
            WorkerOptions.isAddress($0) ? $0 : URL(filePath: $0).standardizedFileURL.path
        }
    }

    func validate() throws {
        guard checkpoints != "" else {
            throw ValidationError(
                "--checkpoints \"\" names no directory; name one, or leave it out.")
        }
    }
}
