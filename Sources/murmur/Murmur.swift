import ArgumentParser

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
              murmur work --workers 4 --url murmur://SECRET@HOST:7777/digits -- python3 train.py
            """,
        version: version,
        subcommands: [HoldWorker.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Training",
                subcommands: [Run.self, Serve.self, Work.self, Create.self, Keys.self]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    List.self, ShowLeaderboard.self, Watch.self, ShowBest.self, ShowHistory.self,
                    ShowLineage.self, ShowSchedule.self, Explain.self, Plot.self,
                    TensorBoardCommand.self,
                ]),
            CommandGroup(
                name: "Steering",
                subcommands: [
                    Pause.self, Resume.self, End.self, Add.self, Remove.self, SetSettings.self,
                ]),
        ])

    static let version = "0.1.0"
}
