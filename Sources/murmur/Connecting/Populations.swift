import Coordinator
import Messages
import Murmuration

/// Reads populations: from a coordinator that runs, or from the directory of one that does not.
struct Populations {
    let place: Place

    /// All of them, by name.
    func list() async throws -> [WirePopulation] {
        switch place {
        case .running(let address):
            return try await Administrator.with(address) { try await $0.populations() }
        case .stopped(let directory):
            var archive = try Archive(directory: directory)
            var all: [WirePopulation] = []
            while true {
                var list = WireListPopulations()
                list.after = all.last?.name ?? ""
                let page = try archive.read(.listPopulations(list)).populations
                all += page.populations
                guard page.more, !page.populations.isEmpty else { return all }
            }
        }
    }

    /// The board of a population: as the coordinator broadcasts it, or so many of its best.
    ///
    /// - Parameter name: `nil` for the address's, or the only one.
    func leaderboard(of name: String?, limit: Int?) async throws -> Leaderboard {
        switch place {
        case .running(let address):
            let name = name ?? address.population ?? ""
            return try await Administrator.with(address) { administrator in
                try await BoardPages(limit: limit).collect { offset, limit in
                    try await administrator.leaderboard(of: name, offset: offset, limit: limit)
                }
            }
        case .stopped(let directory):
            var archive = try Archive(directory: directory)
            return try await BoardPages(limit: limit).collect { offset, limit in
                var page = WireGetLeaderboard()
                page.population = name ?? ""
                page.offset = UInt64(clamping: offset)
                page.limit = UInt32(clamping: limit)
                let reply = try archive.read(.getLeaderboard(page))
                return Leaderboard(
                    reply.leaderboard, epoch: reply.epoch, committed: reply.committed)
            }
        }
    }
}

extension Archive {
    /// - Throws: what a coordinator would have refused.
    fileprivate mutating func read(_ body: WireRequest.OneOf_Body) throws -> WireReply {
        let reply = answer(body)
        if case .error(let error) = reply.body { throw error }
        return reply
    }
}

/// Puts a board together from its pages.
struct BoardPages {
    /// `nil` for what is broadcast.
    var limit: Int?

    typealias Ask = (_ offset: Int, _ limit: Int) async throws -> Leaderboard

    /// - Parameter ask: Gets one page, which may hold fewer entries than were asked for.
    func collect(_ ask: Ask) async throws -> Leaderboard {
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
