import ArgumentParser
import Histories

@main
struct Murmur: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "murmur",
        abstract: "Trains populations of models: the best are copied, and explored from.",
        discussion: """
            On one machine, one command does it all:

              murmur run --space space.yaml --max-steps 100 -- python3 train.py

            On several, one serves and the others work for it:

              murmur serve --host 0.0.0.0
              murmur create digits --space space.yaml
              export MURMUR_URL=murmur://SECRET@HOST:7777/digits
              murmur work --workers 4 -- python3 train.py
            """,
        version: version,
        subcommands: [HoldWorker.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Training",
                subcommands: [
                    Run.self, Serve.self, Work.self, Create.self, ShowSettings.self,
                ]),
            CommandGroup(name: "On clusters", subcommands: [Slurm.self, Kubernetes.self]),
            CommandGroup(name: "Letting in", subcommands: [Invite.self, Keys.self]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    List.self, ShowLeaderboard.self, Watch.self, ShowBest.self, ShowHistory.self,
                    ShowLineage.self, ShowSchedule.self, Explain.self, Plot.self,
                    TensorBoardCommand.self, WebCommand.self, Health.self,
                ]),
            CommandGroup(
                name: "Steering",
                subcommands: [
                    Pause.self, Resume.self, End.self, Add.self, Remove.self, SetSettings.self,
                ]),
            CommandGroup(
                name: "Keeping",
                subcommands: [Check.self, RerunCommand.self, BackUp.self, Prune.self]),
            CommandGroup(name: "Proving", subcommands: [Simulate.self]),
        ])

    static let version = "0.1.0"

    static func main() async {
        StandardOutput.reserve()
        do {
            guard CommandLine.argc > 0 else {
                throw Failure(
                    "Swift reads a program's arguments from /proc, which is missing; mount it.")
            }
            try TextPaths.checkArguments()
            var command = try parseAsRoot()
            try OpenFileLimit.ensure(OpenFileLimit.asking, for: "murmur")
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try StandardOutput.check()
        } catch {
            exit(withError: ended(with: shown(error)))
        }
    }

    /// Prints what a clean end says, such as help, and tells of output that is missing.
    ///
    /// - Returns: what is left to say, and the code to end with.
    private static func ended(with error: any Error) -> any Error {
        let isClean = exitCode(for: error) == .success
        let text = fullMessage(for: error)
        if isClean, !text.isEmpty { OutputFile.exactly(text) }
        guard let failure = StandardOutput.error else {
            return isClean ? ExitCode.success : error
        }
        if isClean { return failure }
        // It has a code of its own, as after Ctrl-C, but says nothing.
        if text.isEmpty, let failure = failure as? Failure { OutputFile.warn("Error: \(failure)") }
        return error
    }

    /// What went wrong, without anything that could steer a terminal: a sentence may hold names
    /// that came over the wire.
    static func shown(_ error: any Error) -> any Error {
        // Other codes are for a wrong usage, for help, and for an end that says nothing.
        guard !(error is ExitCode), exitCode(for: error) == .failure else { return error }
        return Failure(Terminal.escaped(message(for: error)))
    }
}
