import ArgumentParser
import Foundation
import Murmuration

struct ShowBest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "best",
        abstract: "Prints the best state that a population has had.",
        discussion: """
              cp "$(murmur best digits --checkpoint)" best.npz
              murmur best digits --json

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
    }

    func run() async throws {
        let board = try await Populations(place: coordinator.place())
            .leaderboard(of: name, limit: 1)
        let best = BestState(board, isCurrent: current)
        guard let best else { throw Failure.noBest(of: board.population) }
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
}

/// The best committed state of a population.
struct BestState: Encodable, Equatable {
    var population: String
    var minimize: Bool
    var member: Int
    var score: Double
    var step: Int
    var checkpoint: String
    var hyperparameters: Hyperparameters

    /// - Parameter isCurrent: of the members' present states; otherwise of all that there were.
    /// - Returns: `nil` while there is none with a finite score.
    init?(_ board: Leaderboard, isCurrent: Bool) {
        guard let entry = isCurrent ? board.entries.first : board.best, entry.score.isFinite
        else { return nil }
        population = board.population
        minimize = board.minimize
        member = entry.member
        score = entry.score
        step = entry.step
        checkpoint = entry.checkpoint
        hyperparameters = entry.hyperparameters
    }

    /// A row for each part, under headings that say nothing new.
    var table: TextTable {
        let own = [
            ["member", "\(member)"], ["score", "\(score)"], ["step", "\(step)"],
            ["checkpoint", checkpoint],
        ]
        return TextTable(
            headings: ["", ""], rows: own + hyperparameters.map { [$0, $1.description] })
    }
}
