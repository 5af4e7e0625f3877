import ArgumentParser
import Foundation

/// The user's command, and what its processes share.
struct WorkerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "GPUs that the workers share in turn: a number, or a list like 0,2.",
            valueName: "gpus"),
        transform: {
            try GPUs($0, visible: ProcessInfo.processInfo.environment["CUDA_VISIBLE_DEVICES"])
        })
    var gpus: GPUs?

    @Option(
        help: ArgumentHelp(
            "Where the workers keep their checkpoints; all machines must see it.",
            discussion: """
                They find it in MURMUR_CHECKPOINTS, which does the same. It is a directory, or an \
                address that their program reaches, such as s3://bucket/run.
                """,
            valueName: "dir"))
    var checkpoints: String?

    @Option(
        help: ArgumentHelp(
            "End a worker that trains for so long without a report, and start it again.",
            discussion: """
                More than the longest time from one report to the next, with all that is loaded and \
                evaluated between them. Without it a worker that hangs keeps its member for ever.
                """,
            valueName: "time"),
        transform: Duration.init(text:))
    var reportTimeout: Duration?

    /// The directory by its absolute path, for workers may run in other ones; an address, such as
    /// s3://bucket/run, as it is.
    func checkpointsPath(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? {
        let inherited = environment[WorkerEnvironment.checkpointsVariable.rawValue]
        return (checkpoints ?? inherited.flatMap { $0.isEmpty ? nil : $0 })
            .map { Self.isAddress($0) ? $0 : URL(filePath: $0).standardizedFileURL.path }
    }

    /// Whether it has a scheme, and so is no path.
    static func isAddress(_ directory: String) -> Bool {
        directory.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:\/\//) != nil
    }

    func validate() throws {
        guard checkpoints != "" else {
            throw ValidationError(
                "--checkpoints \"\" names no directory; name one, or leave it out.")
        }
    }

    @Argument(parsing: .postTerminator, help: "The command that trains, after `--`.")
    var command: [String] = []
}
