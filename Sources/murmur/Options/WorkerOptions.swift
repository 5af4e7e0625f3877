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

    @Argument(parsing: .postTerminator, help: "The command that trains, after `--`.")
    var command: [String] = []
}
