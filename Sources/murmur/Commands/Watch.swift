import ArgumentParser
import Foundation
import Messages
import Murmuration

struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a population's leaderboard as it changes.",
        discussion: """
              MURMUR_URL=murmur://SECRET@HOST:7777 murmur watch digits

            On a terminal it is redrawn in place; into a pipe it is a line when something \
            changes, or with --json each board as it comes. It ends when every member has \
            finished or the population was ended, or with Ctrl-C.
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
        let monitor = try Monitor(url: address.text, population: board.population)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await interruption.wait() }
            group.addTask { try await json ? printEach(monitor) : show(monitor, after: board) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func printEach(_ monitor: Monitor) async throws {
        for try await board in monitor {
            OutputFile.say(board.json)
            try StandardOutput.check()
            if board.isOver { return }
        }
    }

    private func show(_ monitor: Monitor, after board: Leaderboard) async throws {
        let live = LiveBoard()
        defer { live.close() }
        live.show(board)
        try await live.follow(monitor)
    }
}
