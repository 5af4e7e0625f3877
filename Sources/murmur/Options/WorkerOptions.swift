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
            discussion: "They find it in MURMUR_CHECKPOINTS, which does the same.",
            valueName: "dir"))
    var checkpoints: String?

    /// The directory by its absolute path, for workers may run in other ones.
    var checkpointsPath: String? {
        checkpoints.map { URL(filePath: $0).standardizedFileURL.path }
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
