import Messages

/// Asks a coordinator on behalf of the command line.
package struct Administrator: Sendable {
    private let connection: Connection
    private let patience: Duration

    /// - Parameter patience: how long to try before an error says that there is nobody.
    package init(
        address: Address, patience: Duration = Patience.command,
        timing: ConnectionTiming = ConnectionTiming()
    ) throws(MurmurationError) {
        connection = try Connection(to: address, timing: timing)
        self.patience = patience
    }

    package init(
        url: String?, patience: Duration = Patience.command
    ) throws(MurmurationError) {
        try self.init(address: Environment.address(url), patience: patience)
    }

    package var address: Address { connection.address }

    /// Ends the conversation.
    package func close() async {
        await connection.close()
    }

    /// Calls `body` with an administrator, and ends its conversation whatever comes of it.
    package static func with<Result: Sendable>(
        _ address: Address, patience: Duration = Patience.command,
        _ body: (Administrator) async throws -> Result
    ) async throws -> Result {
        let administrator = try Administrator(address: address, patience: patience)
        do {
            let result = try await body(administrator)
            await administrator.close()
            return result
        } catch {
            await administrator.close()
            throw error
        }
    }

    // MARK: - Requests

    /// Makes a population. The key of `creation` is filled in.
    package func createPopulation(
        _ creation: WireCreatePopulation
    ) async throws -> WirePopulation {
        var creation = creation
        creation.key = Limits.newKey()
        let reply = try await connection.ask(.createPopulation(creation), patience: patience)
        guard case .population(let population) = reply.body else { throw unexpected }
        return population
    }

    /// All populations, in as many pages as it takes.
    package func populations() async throws -> [WirePopulation] {
        var all: [WirePopulation] = []
        while true {
            var list = WireListPopulations()
            list.after = all.last?.name ?? ""
            let reply = try await connection.ask(.listPopulations(list), patience: patience)
            guard case .populations(let page) = reply.body else { throw unexpected }
            all += page.populations
            guard page.more, !page.populations.isEmpty else { return all }
        }
    }

    /// One page of the board: as many entries as are asked for and fit into a message.
    ///
    /// - Parameters:
    ///   - population: its name; empty for the only one.
    ///   - limit: 0 for as many as fit.
    package func leaderboard(
        of population: String, offset: Int = 0, limit: Int = 0
    ) async throws -> Leaderboard {
        var page = WireGetLeaderboard()
        page.population = population
        page.offset = UInt64(clamping: offset)
        page.limit = UInt32(clamping: limit)
        let reply = try await connection.ask(.getLeaderboard(page), patience: patience)
        guard case .leaderboard(let board) = reply.body else { throw unexpected }
        return Leaderboard(board, epoch: reply.epoch, committed: reply.committed)
    }

    /// One page of a population's events after a sequence, oldest first.
    ///
    /// - Parameter member: only this one's.
    package func history(
        of population: String, after sequence: UInt64 = 0, member: Int? = nil, limit: Int = 0
    ) async throws -> WireHistory {
        var page = WireGetHistory()
        page.population = population
        page.after = sequence
        if let member { page.member = UInt64(clamping: member) }
        page.limit = UInt32(clamping: limit)
        let reply = try await connection.ask(.getHistory(page), patience: patience)
        guard case .history(let history) = reply.body else { throw unexpected }
        return history
    }

    /// All of a population's events, in as many pages as it takes.
    package func wholeHistory(
        of population: String, member: Int? = nil
    ) async throws -> [WireEvent] {
        var all: [WireEvent] = []
        while true {
            let page = try await history(
                of: population, after: all.last?.sequence ?? 0, member: member)
            all += page.events
            guard page.more, !page.events.isEmpty else { return all }
        }
    }

    /// The hyperparameters over steps along a member's line of descent.
    package func schedule(of member: Int, in population: String) async throws -> WireSchedule {
        var question = WireGetSchedule()
        question.population = population
        question.member = UInt64(clamping: member)
        let reply = try await connection.ask(.getSchedule(question), patience: patience)
        guard case .schedule(let schedule) = reply.body else { throw unexpected }
        return schedule
    }

    /// Where leaderboards are published, on the host of the address.
    package func broadcastPort() async throws -> UInt16 {
        let welcome = try await connection.welcome(patience: patience)
        guard let port = UInt16(exactly: welcome.broadcastPort), port > 0 else {
            throw MurmurationError.noBroadcast(address: address.description)
        }
        return port
    }

    /// Whether the coordinator was reached by version 6 of IP.
    var isVersion6: Bool {
        get async { await connection.isVersion6 }
    }

    private var unexpected: MurmurationError {
        .malformed("The coordinator answered something else than was asked; update the older side.")
    }
}
