import ArgumentParser
import Foundation
import Messages
import Murmuration

struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a population's leaderboard as it changes.",
        discussion: """
              murmur watch digits --url murmur://SECRET@HOST:7777

            On a terminal it is redrawn in place; into a pipe it is a line when something \
            changes, or with --json each board as it comes. It ends when every member has \
            finished, when the population was ended and its workers have stopped, or with Ctrl-C.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Flag(help: "Print each board as a line of JSON.")
    var json = false

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let interruption = Interruption()
        let address = try coordinator.address()
        // Asked first, since a command should not wait as long as a monitor does.
        let board = try await Populations(place: .running(address))
            .leaderboard(of: name, limit: nil)
        let boards = try Monitor(url: address.text, population: board.population)
        let display = BoardDisplay()
        defer { display.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await interruption.wait() }
            group.addTask { try await show(boards, on: display) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func show(_ boards: Monitor, on display: BoardDisplay) async throws {
        var progress = Progress()
        let beginning = ContinuousClock.now
        for try await board in boards {
            if json {
                OutputFile.say(board.json)
            } else {
                var view = BoardView(board)
                view.left = progress.left(
                    steps: view.totalSteps, of: view.allSteps, at: beginning.duration(to: .now))
                display.show(view)
            }
            if board.isLast { return }
        }
    }
}

extension Leaderboard {
    /// A worker that stops need not be replaced: every member has finished, or somebody ended the
    /// population.
    var isOver: Bool { hasFinished || wasEnded }

    /// No board that differs follows: every member has finished, or the population was ended and
    /// its last worker has stopped.
    var isLast: Bool { hasFinished || (wasEnded && summary.training == 0) }

    /// Somebody ended it, and nobody resumed it since.
    var wasEnded: Bool { summary.status == .ended }

    private var hasFinished: Bool { summary.members > 0 && summary.finished == summary.members }
}
