import ArgumentParser
import Foundation
import Histories
import Messages

struct Kubernetes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the objects with which Kubernetes trains a population.",
        discussion: """
              murmur kubernetes --image registry/digits:1 --workers 16 --gpus-per-worker 1 \\
                  --space space.yaml --checkpoints s3://bucket/digits \\
                  -- python3 train.py > run.yaml
              kubectl apply -f run.yaml

            The image holds the program that trains, and murmur. The file holds a secret of the \
            run's own. Nothing is asked of a cluster here.
            """)

    @Option(help: "The image of all containers.")
    var image: String

    @Option(help: ArgumentHelp("Workers, each a pod.", valueName: "n"))
    var workers: Int

    @Option(help: ArgumentHelp("GPUs of each worker. (default: none)", valueName: "n"))
    var gpusPerWorker: Int?

    @Option(
        help: ArgumentHelp(
            "Processors that each worker asks for, like 8 or 500m.", valueName: "cpu"))
    var cpusPerWorker: String?

    @Option(
        help: ArgumentHelp("Memory that each worker asks for, like 16Gi.", valueName: "memory"))
    var memoryPerWorker: String?

    @Option(
        help: ArgumentHelp(
            "Where the workers keep their checkpoints, such as s3://bucket/run.",
            valueName: "address"))
    var checkpoints: String?

    @Option(
        help: ArgumentHelp(
            "In place of it a claim whose volume all nodes can write to (ReadWriteMany).",
            valueName: "claim"))
    var checkpointsClaim: String?

    @Option(
        help: ArgumentHelp(
            """
            How long a worker has from SIGTERM on: more than a step, where it ends one first. \
            (default: 60s)
            """,
            valueName: "time"),
        transform: Duration.init(text:))
    var grace = Duration.seconds(60)

    @Option(help: ArgumentHelp("The size of the journal's volume.", valueName: "size"))
    var storage = "1Gi"

    @Option(help: "The population's name, and the objects'. (default: the space file's)")
    var name: String?

    @OptionGroup var population: PopulationOptions

    @Argument(parsing: .postTerminator, help: "The command that trains, after `--`.")
    var command: [String] = []

    func validate() throws {
        for (option, number) in [("workers", workers), ("gpus-per-worker", gpusPerWorker ?? 1)] {
            guard number >= 1 else {
                throw ValidationError("--\(option) \(number) is too few; use 1 or more.")
            }
        }
        guard workers <= KubernetesRun.mostWorkers else {
            throw ValidationError(
                """
                --workers \(workers) is too many for a Job of Kubernetes; use \
                \(KubernetesRun.mostWorkers) or fewer.
                """)
        }
        guard !image.isEmpty else {
            throw ValidationError("--image is empty; name the image that holds the program.")
        }
        guard checkpointsClaim != "" else {
            throw ValidationError("--checkpoints-claim is empty; name a claim of a volume.")
        }
        for (option, quantity) in [
            ("cpus-per-worker", cpusPerWorker), ("memory-per-worker", memoryPerWorker),
            ("storage", storage),
        ] {
            if let quantity, quantity.wholeMatch(of: Self.quantity) == nil {
                throw ValidationError(
                    "--\(option) '\(quantity)' is no quantity; write it like 8, 500m or 16Gi.")
            }
        }
        guard (checkpoints == nil) != (checkpointsClaim == nil) else {
            throw ValidationError(
                """
                Say where checkpoints go with one of --checkpoints s3://BUCKET/RUN and \
                --checkpoints-claim CLAIM; a pod's own files are lost with it.
                """)
        }
        if let checkpoints, !WorkerOptions.isAddress(checkpoints) {
            throw ValidationError(
                """
                --checkpoints \(checkpoints) is a directory, which pods do not share; write an \
                address such as s3://bucket/run, or name a claim with --checkpoints-claim.
                """)
        }
    }

    private static var quantity: Regex<(Substring, Substring?, Substring?)> {
        /[0-9]+(\.[0-9]+)?(m|[kMGTPE]|[KMGTPE]i)?/
    }

    func run() async throws {
        guard !command.isEmpty else {
            throw Failure("There is no command to run; write it after `--`.")
        }
        let space = try population.spaceFile()
        let wanted = name ?? space.populationName
        guard let name = KubernetesRun.objectName(wanted), self.name == nil || name == wanted else {
            throw Failure(
                """
                '\(wanted)' cannot name objects of Kubernetes; give a --name of at most \
                \(KubernetesRun.mostNameCharacters) lower-case letters, digits and dashes, which \
                begins with a letter.
                """)
        }
        try await check(space, name: name)
        let run = KubernetesRun(
            name: name, image: image, workers: workers, command: command, space: space,
            settings: population.settings, cpus: cpusPerWorker, memory: memoryPerWorker,
            gpus: gpusPerWorker,
            checkpoints: checkpoints.map { .address($0) } ?? .claim(checkpointsClaim ?? ""),
            grace: Int((grace / .seconds(1)).rounded(.up)), storage: storage)
        var output = LineOutput(isData: true)
        let lines = run.text.split(separator: "\n", omittingEmptySubsequences: false)
        // It ends with a line's end, as each of them.
        for line in lines.dropLast() { output.say(String(line)) }
        output.flush()
    }

    /// Has a coordinator make the population, in a directory that is gone afterwards.
    private func check(_ space: SpaceText, name: String) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "murmur-kubernetes-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let made = try await PopulationMaker.make(
            name, space: space, settings: population.settings, in: directory.path, secret: nil)
        if let obstacle = made.obstacle { OutputFile.warn(obstacle) }
    }
}
