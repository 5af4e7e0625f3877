import ArgumentParser
import Foundation
import Histories
import Murmuration

struct ShowBest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "best",
        abstract: "Prints the best state that a population has had.",
        discussion: """
              cp "$(murmur best digits --checkpoint)" best.npz
              murmur best digits --json
              murmur best digits --smoothed 5

            It prints a line each for member, score, step and checkpoint, and then for each \
            hyperparameter, all in full precision. Before there is a finite score with a \
            checkpoint it prints nothing, says so on standard error and exits with 1.

            A checkpoint's address is what a worker reported. With --checkpoint a pipe or a file \
            gets it exactly; a terminal shows what could steer it by its code.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Flag(help: "The best on the board now, not the best there ever was.")
    var current = false

    @Option(
        help: ArgumentHelp(
            """
            The state whose line of descent scored best on average, over its last so many scores, \
            of those that members have now and the best ever: a lucky score alone does not win.
            """, valueName: "scores"))
    var smoothed: Int?

    @Flag(help: "Print a line of JSON.")
    var json = false

    @Flag(help: "Print only the checkpoint's address.")
    var checkpoint = false

    @Flag(help: "Print only the score.")
    var score = false

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        guard [json, checkpoint, score].filter(\.self).count < 2 else {
            throw ValidationError("--json, --checkpoint and --score exclude each other; use one.")
        }
        if let smoothed, smoothed < 1 {
            throw ValidationError("--smoothed \(smoothed) averages nothing; use 1 or more.")
        }
        if smoothed != nil, current {
            throw ValidationError("--smoothed and --current exclude each other; use one.")
        }
    }

    func run() async throws {
        let best = try await best
        if json { return OutputFile.say(JSONLine.text(best)) }
        let isTerminal = isatty(STDOUT_FILENO) == 1
        if checkpoint {
            // A terminal is shown it, and a program opens it.
            return isTerminal
                ? OutputFile.say(best.checkpoint) : OutputFile.exactly(best.checkpoint)
        }
        if score { return OutputFile.say("\(best.score)") }
        for line in best.table.lines().dropFirst() { OutputFile.say(line) }
    }

    private var best: BestState {
        get async throws {
            let populations = Populations(place: try coordinator.place())
            if let smoothed {
                let meant = populations.meant(name)
                return try await populations.read {
                    try await SmoothedBest.state(of: meant, over: smoothed, asking: $0)
                }
            }
            let board = try await populations.leaderboard(of: name, limit: 1)
            guard let best = BestState(board, isCurrent: current) else {
                throw Failure.noBest(of: board.population)
            }
            return best
        }
    }
}
