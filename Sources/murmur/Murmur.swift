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
        subcommands: [
            Run.self, Serve.self, Work.self, Create.self, List.self, ShowLeaderboard.self,
            Watch.self, Plot.self, TensorBoardCommand.self, Keys.self, HoldWorker.self,
        ])

    static let version = "0.1.0"
}
