import Histories
import Murmuration

extension PopulationAPI {
    /// A page of a population's history from its end: of what is remembered, or asked for.
    func events(_ parameters: Parameters) async throws -> String {
        let limit = try parameters.integer("limit", 100, in: 1...500)
        let before = try parameters.sequence("before")
        let kind = parameters.text("event")
        let member =
            parameters.text("member") == nil
            ? nil : try parameters.integer("member", 0, in: 0...Int(Int32.max))
        func isWanted(_ event: Event) -> Bool {
            (kind == nil || event.name == kind) && (member == nil || event.member == member)
                && (before.map { event.sequence < $0 } ?? true)
        }
        let (described, last, recent, isAll) = await population.read {
            ($0.population, $0.last, $0.recent.events, $0.recent.isComplete)
        }
        let explanation = Explanation(population: described)
        let known = recent.filter(isWanted)
        if known.count > limit || isAll {
            return EventAnswer(
                committed: last, events: known.suffix(limit).reversed(),
                more: known.count > limit
            ).json(explanation)
        }
        let end = min(before ?? .max, last + 1)
        let found = try await search(before: end, limit: limit, member: member, isWanted)
        return EventAnswer(
            committed: last, events: found.events.suffix(limit).reversed(),
            more: found.more
        ).json(explanation)
    }

    /// Looks through the history backwards, which it tells only forwards: in parts that grow.
    private func search(
        before end: UInt64, limit: Int, member: Int?, _ isWanted: (Event) -> Bool
    ) async throws -> (events: [Event], more: Bool) {
        let questions = try questions()
        var found: [Event] = []
        var (end, width) = (end, UInt64(4 * limit))
        var looked: UInt64 = 0
        while end > 1, found.count <= limit, looked < Self.mostLooked {
            let start = end > width ? end - width : 1
            var part: [Event] = []
            try await questions.eachEvent(
                of: name, after: start - 1, through: end - 1, member: member
            ) { event in
                if isWanted(event) { part.append(event) }
            }
            found = part + found
            looked += end - start
            end = start
            width *= 2
        }
        return (found, found.count > limit || end > 1)
    }

    /// Of so many sequences of the journal, for one page.
    private static let mostLooked: UInt64 = 400_000
}
