import Messages
import Murmuration

/// Puts a board together from its pages.
package struct BoardPages {
    /// `nil` for what is broadcast.
    private let limit: Int?

    package init(limit: Int?) {
        self.limit = limit
    }

    package typealias Ask = (_ offset: Int, _ limit: Int) async throws -> Leaderboard

    /// - Parameter ask: Gets one page, which may hold fewer entries than were asked for.
    package func collect(_ ask: Ask) async throws -> Leaderboard {
        guard let limit else { return try await ask(0, Self.broadcast) }
        var board = try await ask(0, min(limit, Limits.entriesPerPage))
        while board.entries.count < min(limit, board.summary.ranked) {
            let left = limit - board.entries.count
            let page = try await ask(board.entries.count, min(left, Limits.entriesPerPage))
            guard page.committed == board.committed, page.epoch == board.epoch else {
                // A report came in between, and pages of two boards do not fit together.
                board = try await ask(0, min(limit, Limits.entriesPerPage))
                continue
            }
            guard !page.entries.isEmpty else { break }
            board.entries += page.entries
        }
        return board
    }

    /// As many entries as a broadcast board has at most.
    private static let broadcast = 50
}
