import Evolution

extension WireLeaderboard {
    /// A page of the board: rows from `offset` on, as many as are asked for and fit.
    ///
    /// Evolution knows no workers: `summary.training` is for the caller to fill in.
    ///
    /// - Parameter state: what a member is doing now.
    package init(
        name: String, population: Population, offset: Int = 0,
        limit: Int = Limits.entriesPerPage, state: (_ member: Int) -> WireEntry.State
    ) {
        self.init(headOf: name, population: population, offset: offset, state: state)
        entries = rows(of: population, from: offset, limit: limit, state: state).map(\.entry)
    }

    fileprivate init(
        headOf name: String, population: Population, offset: Int,
        state: (_ member: Int) -> WireEntry.State
    ) {
        self.init()
        self.population = name
        minimize = population.specification.objective == .minimize
        self.offset = UInt64(max(0, offset))
        summary = WireSummary(population.summary, maxSteps: population.specification.maxSteps)
        summary.status = WireStatus(population.status)
        summary.grows = population.specification.grows
        summary.obstacle = population.obstacle ?? ""
        if let generation = population.generation {
            summary.synchronous = true
            summary.generation = UInt64(generation.number)
            summary.generationReported = UInt64(population.notAwaited)
        }
        if let best = population.best {
            self.best = WireEntry(
                best, of: population.members[best.member], state: state(best.member),
                space: population.specification.space)
        }
    }

    /// The rows that fit beside this head, each also serialized.
    fileprivate func rows(
        of population: Population, from offset: Int, limit: Int,
        state: (_ member: Int) -> WireEntry.State
    ) -> [(entry: WireEntry, bytes: [UInt8])] {
        var room = Page(used: bytes.count)
        var rows: [(entry: WireEntry, bytes: [UInt8])] = []
        let limit = min(limit, Limits.entriesPerPage)
        for row in population.leaderboard(offset: offset, limit: limit) {
            let entry = WireEntry(
                row, state: state(row.member.id), space: population.specification.space)
            let bytes = entry.bytes
            guard room.take(serialized: bytes) else { break }
            rows.append((entry, bytes))
        }
        return rows
    }
}

/// The first page of a board, whose entries are serialized: whether they fit is not known before.
package struct SerializedBoard {
    /// Without its entries. `summary.training` is for the caller to fill in.
    package var head: WireLeaderboard
    let entries: [[UInt8]]

    package init(head: WireLeaderboard, entries: [[UInt8]]) {
        self.head = head
        self.entries = entries
    }

    package init(
        name: String, population: Population, limit: Int = Limits.entriesPerPage,
        state: (_ member: Int) -> WireEntry.State
    ) {
        head = WireLeaderboard(headOf: name, population: population, offset: 0, state: state)
        entries = head.rows(of: population, from: 0, limit: limit, state: state).map(\.bytes)
    }
}

extension WireEntry {
    init(_ row: Leaderboard.Row, state: State, space: SearchSpace) {
        guard let committed = row.member.measured else {
            preconditionFailure("a leaderboard lists members that measured something")
        }
        self.init(committed, of: row.member, state: state, space: space)
        rank = UInt64(row.rank)
        inherited = row.member.isInherited
    }

    /// A state that the member committed, now or before.
    fileprivate init(
        _ committed: CommittedState, of member: Member, state: State, space: SearchSpace
    ) {
        self.init()
        self.member = UInt64(member.id)
        step = UInt64(committed.step)
        score = committed.score
        checkpoint = committed.checkpoint
        hyperparameters = [WireHyperparameter](committed.hyperparameters, space: space)
        self.state = state
        if let donor = member.donor { self.donor = UInt64(donor) }
    }
}

extension WireSummary {
    init(_ summary: Leaderboard.Summary, maxSteps: Int?) {
        self.init()
        members = UInt64(summary.tally.members)
        ranked = UInt64(summary.ranked)
        finished = UInt64(summary.tally.finished)
        lost = UInt64(summary.tally.lost)
        reports = UInt64(summary.reports)
        exploits = UInt64(summary.exploits)
        quantiles = summary.quantiles
        self.maxSteps = UInt64(maxSteps ?? 0)
        totalSteps = UInt64(summary.tally.steps)
    }
}
