import Evolution
import Messages
import Records

/// Answers from the journal: what was, page by page.
struct Queries {
    let journal: any Storage

    /// - Parameter population: the one that it is about.
    /// - Returns: a field of the reply.
    func answer(
        _ query: Core.Query, population: HostedPopulation
    ) throws(JournalError) -> [UInt8] {
        switch query.request.body {
        case .getHistory(let page): try history(page, query.part, of: population)
        case .getSchedule(let schedule):
            WireReply.field(
                .schedule(try self.schedule(schedule, to: query.state, in: population)))
        default: preconditionFailure("the core hands on only what the journal answers")
        }
    }

    private func history(
        _ page: WireGetHistory, _ part: HistoryPart, of hosted: HostedPopulation
    ) throws(JournalError) -> [UInt8] {
        let most = Limits.eventsPerPage
        let limit = page.limit == 0 ? most : min(Int(page.limit), most)
        let (records, through) = try records(page, part, of: hosted.id, limit: limit + 1)
        var history = WireHistory()
        var room = Page()
        var events: [[UInt8]] = []
        for record in records.prefix(limit) {
            let event = WireEvent(record, space: hosted.specification.space).bytes
            guard room.take(serialized: event) else { break }
            events.append(event)
        }
        history.prunedThrough = UInt64(journal.pruned)
        let isCut = records.count > events.count
        history.more = isCut || through != nil
        if part != .everything {
            let last = events.isEmpty ? page.after : UInt64(records[events.count - 1].sequence)
            history.through = isCut ? last : through.map(UInt64.init) ?? last
        }
        return WireReply.field(history, events: events)
    }

    /// - Returns: Events, and up to which sequence it looked for them; `nil` when it looked at all that
    ///   come after them.
    private func records(
        _ page: WireGetHistory, _ part: HistoryPart, of population: Int, limit: Int
    ) throws(JournalError) -> (events: [EventRecord], through: Int?) {
        let after = Int(clamping: page.after)
        switch part {
        case .everything:
            let member = page.hasMember ? Int(clamping: page.member) : nil
            return (
                try journal.events(of: population, after: after, member: member, limit: limit), nil
            )
        case .descent:
            return try journal.descent(
                of: population, after: after, limit: limit, lookingAt: Limits.eventsLookedAt)
        case .population:
            return (
                try journal.memberlessEvents(of: population, after: after, limit: limit), nil
            )
        }
    }

    private func schedule(
        _ page: WireGetSchedule, to state: CommittedState?, in hosted: HostedPopulation
    ) throws(JournalError) -> WireSchedule {
        do {
            let segments = try Lineage.schedule(to: state) { member, report in
                try journal.lineage(of: hosted.id, member: member, throughReport: report)
            }
            return WireSchedule(
                segments, from: Int(clamping: page.offset), space: hosted.specification.space)
        } catch let error as JournalError {
            throw error
        } catch {
            throw .corrupt(journal.directory, reason: "\(error)")
        }
    }
}

extension Core {
    /// What a schedule leads to.
    func state(
        _ schedule: WireGetSchedule, in hosted: HostedPopulation
    ) throws(WireError) -> CommittedState? {
        if schedule.best { return hosted.population.best }
        guard schedule.member < hosted.population.members.count else {
            throw WireError.noMember(schedule.member, of: hosted.name)
        }
        return hosted.population.members[Int(schedule.member)].latest
    }

    /// Answers a request that it handed on.
    ///
    /// - Returns: a field of the reply.
    func answer(_ query: Query, from queries: Queries) throws(WireError) -> [UInt8] {
        do throws(JournalError) {
            return try queries.answer(query, population: populations[query.population])
        } catch {
            // Where the journal is, is for those who read the log.
            logger.error("a request cannot be answered: \(error)")
            throw .cannotRead
        }
    }
}
