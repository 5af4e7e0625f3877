import Coordinator
import Histories
import Messages
import Murmuration

/// Reads populations: from a coordinator that runs, or from the directory of one that does not.
struct Populations {
    let place: Place

    /// Calls `body` with what can be asked there, and ends the conversation whatever comes of it.
    ///
    /// Without a name a question is about the address's population, or the only one.
    func read<Result: Sendable>(
        _ body: (Questions) async throws -> Result
    ) async throws -> Result {
        switch place {
        case .running(let address):
            return try await Administrator.with(address) { try await body($0.questions) }
        case .stopped(let directory):
            var archive = try Archive(directory: directory)
            return try await body(
                Questions { request in
                    let reply = archive.answer(request)
                    if case .error(let error) = reply.body { throw error }
                    return reply
                })
        }
    }

    /// The name that a question is about: the one given, or else the address's.
    func meant(_ name: String?) -> String {
        if let name { return name }
        if case .running(let address) = place { return address.population ?? "" }
        return ""
    }

    /// All of them, by name.
    func list() async throws -> [Population] {
        try await read { try await $0.populations() }
    }

    /// The board of a population: as the coordinator broadcasts it, or so many of its best.
    ///
    /// - Parameter name: `nil` for the address's, or the only one.
    func leaderboard(of name: String?, limit: Int?) async throws -> Leaderboard {
        let name = meant(name)
        return try await read { questions in
            try await BoardPages(limit: limit).collect { offset, limit in
                try await questions.leaderboard(of: name, offset: offset, limit: limit)
            }
        }
    }
}
