import ArgumentParser

/// What the benchmarks put on a server, and what they do without one. `Benchmarks/bench` starts it;
/// by itself it prints one line of JSON.
@main
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-load",
        abstract: "Loads a coordinator, or the floor, and prints what was measured as JSON.",
        subcommands: [
            Reports.self, Subscribers.self, Storm.self, FirstHello.self, Decisions.self,
            WriteJournal.self, Count.self, ServerKey.self,
        ])
}
