import ArgumentParser
import Foundation
import Histories
import Murmuration

struct ShowLeaderboard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leaderboard",
        abstract: "Prints the best members of a population.",
        discussion: """
              murmur leaderboard digits --data runs --limit 10

            With --json it prints one line: the board as a monitor receives it, with the epoch of \
            the coordinator and the last sequence of the journal that it shows (`committed`).
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "At most so many members. (default: as many as are broadcast, 50)")
    var limit: Int?

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        if let limit, limit < 1 {
            throw ValidationError("--limit \(limit) leaves no member; use 1 or more.")
        }
    }

    func run() async throws {
        let board = try await Populations(place: coordinator.place())
            .leaderboard(of: name, limit: limit)
        if json { return OutputFile.say(board.json) }
        let screen = Screen(of: STDOUT_FILENO)
        let renderer = BoardRenderer(
            width: screen.isTerminal ? Terminal.size(of: STDOUT_FILENO).width : Self.pipeWidth,
            height: .max, colour: screen.colour, glyphs: screen.glyphs)
        for line in renderer.lines(BoardView(board)) {
            OutputFile.exactly(Terminal.trimmingEnd(line.text))
        }
    }

    /// Wide enough that no hyperparameter is left out in a file.
    private static let pipeWidth = 10_000
}
