import Foundation
import Histories
import Murmuration
import Synchronization

/// The board of a population that is watched, with what happens to its workers here.
final class LiveBoard: Sendable {
    private struct State {
        var history = BoardHistory()
        var event: String?
        /// Of the last event that was seen, or where to begin.
        var sequence: UInt64?
        /// The last event before the first board; nothing that happened until then is news.
        var committed: UInt64 = .max
    }

    private let state = Mutex(State())
    private let display = BoardDisplay()
    private let logs: String?
    private let maxTime: Duration?
    private let isRun: Bool
    private let beginning = ContinuousClock.now

    /// A board begins with the copies among so many events before it.
    private static let earlierEvents: UInt64 = 300
    private static let tick = Duration.seconds(1)

    /// The board of somebody else's population.
    init() {
        logs = nil
        maxTime = nil
        isRun = false
    }

    /// The board of a run, which begins now.
    ///
    /// - Parameters:
    ///   - logs: The log files' directory.
    ///   - maxTime: It ends after this time.
    init(logs: String, maxTime: Duration?) {
        self.logs = logs
        self.maxTime = maxTime
        isRun = true
    }

    /// Shows what a monitor tells until the population is over.
    func follow(_ monitor: Monitor) async throws {
        // What is shown grows older also while nothing comes.
        async let _ = redrawRegularly()
        for try await news in monitor.news(after: state.withLock { $0.sequence }) {
            switch news {
            case .event(let event): add(event)
            case .leaderboard(let board):
                show(board)
                if board.isOver { return }
            }
        }
    }

    func show(_ board: Leaderboard) {
        let now = now
        state.withLock { state in
            state.history.add(board, at: now)
            if state.sequence == nil { state.committed = board.committed }
            let earlier = board.committed - min(board.committed, Self.earlierEvents)
            state.sequence = state.sequence ?? earlier
        }
        redraw()
    }

    private func add(_ event: Event) {
        let now = now
        let age = Duration.seconds(Date.now.timeIntervalSince(event.time))
        let isNew = state.withLock { state in
            state.history.add(event, at: now, age: age)
            state.sequence = event.sequence
            return event.sequence > state.committed
        }
        redraw()
        if isNew, let sentence = event.fallbackSentence { note(sentence) }
    }

    /// Shows an event under the board, or as a line of its own where there is no terminal.
    func note(_ event: String) {
        guard display.isTerminal else { return OutputFile.warn(Terminal.escaped(event)) }
        state.withLock { $0.event = event }
        redraw()
    }

    func close() {
        display.close()
    }

    private var now: Duration { beginning.duration(to: .now) }

    private func redraw() {
        let now = now
        let (latest, event) = state.withLock { ($0.history.view(at: now), $0.event) }
        guard var view = latest else { return }
        view.logs = logs
        view.event = event
        if isRun { view.elapsed = now }
        if let maxTime {
            let rest = max(.zero, maxTime - now)
            view.left = min(view.left ?? rest, rest)
        }
        display.show(view)
    }

    private func redrawRegularly() async {
        while true {
            do {
                try await Task.sleep(for: Self.tick)
            } catch {
                return
            }
            redraw()
        }
    }
}

extension Leaderboard {
    /// Every member has finished, or the population was ended and its workers have stopped.
    var isOver: Bool { hasFinished || (wasEnded && summary.training == 0) }

    /// A worker that stops need not be replaced, though others may have to report once more.
    var needsNoWorkers: Bool { hasFinished || wasEnded }

    /// Somebody ended it, and nobody resumed it since.
    var wasEnded: Bool { summary.status == .ended }

    /// Where workers bring their members, there may be none yet.
    private var hasFinished: Bool {
        summary.finished == summary.members && (summary.members > 0 || !summary.grows)
    }
}
