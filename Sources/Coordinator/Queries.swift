import Evolution
import Journal
import Messages

/// Answers from the journal: what was, page by page.
struct Queries {
    let journal: Journal

    /// - Parameter population: the one that the request names, which the core has found.
    func answer(
        _ request: WireRequest, population: HostedPopulation
    ) throws(JournalError) -> WireReply.OneOf_Body {
        switch request.body {
        case .getHistory(let page): .history(try history(page, of: population))
        case .getSchedule(let schedule):
            .schedule(try self.schedule(of: Int(schedule.member), in: population))
        default: preconditionFailure("the core hands on only what the journal answers")
        }
    }

    private func history(
        _ page: WireGetHistory, of hosted: HostedPopulation
    ) throws(JournalError) -> WireHistory {
        let most = Limits.eventsPerPage
        let limit = page.limit == 0 ? most : min(Int(page.limit), most)
        let records = try journal.events(
            of: hosted.id, after: Int(clamping: page.after),
            member: page.hasMember ? Int(clamping: page.member) : nil, limit: limit + 1)
        var history = WireHistory()
        var size = 0
        for record in records.prefix(limit) {
            let event = WireEvent(record, space: hosted.specification.space)
            size += event.size
            guard size <= Limits.pageBytes || history.events.isEmpty else { break }
            history.events.append(event)
        }
        history.more = records.count > history.events.count
        return history
    }

    private func schedule(
        of member: Int, in hosted: HostedPopulation
    ) throws(JournalError) -> WireSchedule {
        let segments: [Segment]
        do {
            segments = try schedule_(of: hosted.population.members[member], in: hosted)
        } catch let error as JournalError {
            throw error
        } catch {
            preconditionFailure("lineage fails only as the journal does")
        }
        return WireSchedule(segments, space: hosted.specification.space)
    }
}
