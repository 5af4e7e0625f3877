import Murmuration
import Synchronization

/// The board of a run that goes on, with what happens to its workers.
final class LiveBoard: Sendable {
    private struct State {
        var view: BoardView?
        var event: String?
        var progress = Progress()
    }

    private let state = Mutex(State())
    private let display = BoardDisplay()
    private let logs: String
    private let beginning = ContinuousClock.now

    /// - Parameter logs: The log files' directory.
    init(logs: String) {
        self.logs = logs
    }

    func show(_ board: Leaderboard) {
        let elapsed = beginning.duration(to: .now)
        let view = state.withLock { state in
            var view = BoardView(board)
            view.elapsed = elapsed
            view.left = state.progress.left(
                steps: view.totalSteps, of: view.allSteps, at: elapsed)
            view.logs = logs
            view.event = state.event
            state.view = view
            return view
        }
        display.show(view)
    }

    /// Shows an event under the board, or as a line of its own where there is no terminal.
    func note(_ event: String) {
        guard display.isTerminal else { return OutputFile.warn(event) }
        let view = state.withLock { state in
            state.event = event
            state.view?.event = event
            return state.view
        }
        if let view { display.show(view) }
    }

    func close() {
        display.close()
    }
}
