import ArgumentParser

@main
struct Murmur: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "murmur",
        abstract: "Trains populations of models: the best are copied, and explored from.",
        subcommands: [HoldWorker.self])
}
