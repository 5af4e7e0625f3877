import Messages

/// What can be asked about populations, of whatever answers as a coordinator does: one that runs,
/// or the directory of one that does not. An empty name means the only population.
package struct Questions {
    /// - Throws: what was refused, or why nobody could be asked.
    package typealias Answer = (WireRequest.OneOf_Body) async throws -> WireReply

    private let answer: Answer

    package init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    func ask(_ body: WireRequest.OneOf_Body) async throws -> WireReply { try await answer(body) }

    /// All populations, by name, in as many pages as it takes.
    ///
    /// - Parameter most: no more pages are asked for when there are so many.
    package func populations(most: Int = .max) async throws -> [Population] {
        var all: [Population] = []
        while true {
            var list = WireListPopulations()
            list.after = all.last?.name ?? ""
            guard case .populations(let page) = try await answer(.listPopulations(list)).body
            else { throw MurmurationError.unexpectedAnswer }
            all += page.populations.map(Population.init)
            guard page.more, !page.populations.isEmpty, all.count < most else { return all }
        }
    }

    /// One population, by its name.
    ///
    /// - Throws: ``MurmurationError/noPopulation(_:)``
    package func population(named name: String) async throws -> Population {
        // The coordinator knows which one is meant by none, and says it when there is no such one.
        let known = try await leaderboard(of: name, limit: 1).population
        guard let found = try await populations().first(where: { $0.name == known }) else {
            throw MurmurationError.noPopulation("There is no population '\(known)' any more.")
        }
        return found
    }

    /// One page of the board: as many entries as are asked for and fit into a message.
    ///
    /// - Parameter limit: 0 for as many as fit.
    package func leaderboard(
        of population: String, offset: Int = 0, limit: Int = 0
    ) async throws -> Leaderboard {
        var page = WireGetLeaderboard()
        page.population = population
        page.offset = UInt64(clamping: offset)
        page.limit = UInt32(clamping: limit)
        let reply = try await answer(.getLeaderboard(page))
        guard case .leaderboard(let board) = reply.body else {
            throw MurmurationError.unexpectedAnswer
        }
        return Leaderboard(board, epoch: reply.epoch, committed: reply.committed)
    }

    /// One page of a population's events after a sequence, oldest first.
    ///
    /// - Parameters:
    ///   - part: only those of it.
    ///   - member: only this one's; of a part there are no such ones.
    /// - Returns: the events, the sequence to ask after next, whether there are more now, and up to
    ///   which sequence events were pruned; 0 when none were.
    package func history(
        of population: String, part: HistoryPart = .everything, after sequence: UInt64 = 0,
        member: Int? = nil, limit: Int = 0
    ) async throws -> (events: [Event], last: UInt64, more: Bool, pruned: UInt64) {
        var page = WireGetHistory()
        page.population = population
        page.part = WireHistoryPart(part)
        page.after = sequence
        if let member { page.member = UInt64(clamping: member) }
        page.limit = UInt32(clamping: limit)
        guard case .history(let history) = try await answer(.getHistory(page)).body else {
            throw MurmurationError.unexpectedAnswer
        }
        // An older coordinator sends more than the part, and says nothing of how far it looked.
        let last = history.events.last?.sequence ?? sequence
        return (
            history.events.compactMap(Event.init).filter { $0.isOf(part) },
            max(last, history.through), history.more, history.prunedThrough
        )
    }

    /// Calls `body` with all of a population's events, oldest first, a page at a time.
    ///
    /// - Parameters:
    ///   - part: only those of it.
    ///   - end: up to and including this sequence, however many come meanwhile.
    ///   - member: only this one's; of a part there are no such ones.
    package func eachEvent(
        of population: String, part: HistoryPart = .everything, after sequence: UInt64 = 0,
        through end: UInt64 = .max, member: Int? = nil, _ body: (Event) throws -> Void
    ) async throws {
        var sequence = sequence
        while true {
            let page = try await history(
                of: population, part: part, after: sequence, member: member)
            for event in page.events where event.sequence <= end { try body(event) }
            guard page.more, page.last > sequence, page.last < end else { return }
            sequence = page.last
        }
    }

    /// The hyperparameters over steps along a member's line of descent.
    package func schedule(of member: Int, in population: String) async throws -> [Segment] {
        var question = WireGetSchedule()
        question.population = population
        question.member = UInt64(clamping: member)
        return try await schedule(question)
    }

    /// The hyperparameters over steps that led to the best state that any member ever committed.
    package func bestSchedule(in population: String) async throws -> [Segment] {
        var question = WireGetSchedule()
        question.population = population
        question.best = true
        return try await schedule(question)
    }

    private func schedule(_ question: WireGetSchedule) async throws -> [Segment] {
        var question = question
        var all: [Segment] = []
        while true {
            question.offset = UInt64(all.count)
            guard case .schedule(let page) = try await answer(.getSchedule(question)).body else {
                throw MurmurationError.unexpectedAnswer
            }
            all += page.segments.map(Segment.init)
            guard page.more, !page.segments.isEmpty else { return all }
        }
    }
}

extension Event {
    fileprivate func isOf(_ part: HistoryPart) -> Bool {
        switch part {
        case .everything: true
        case .descent:
            switch kind {
            case .created, .reported, .exploited, .declined, .removed: true
            case .leased, .released, .paused, .resumed, .ended, .changed, .generationClosed: false
            }
        case .population: member == nil
        }
    }
}

extension MurmurationError {
    static let unexpectedAnswer = malformed(
        "The coordinator answered something else than was asked; update the older side.")
}
