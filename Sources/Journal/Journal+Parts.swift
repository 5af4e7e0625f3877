import Evolution
import GRDB
import Records

/// Parts of a population's history, for those who need no more.
extension Journal {
    static let columnsOfDescent = """
        event.sequence, event.population, event.time, event.member, event.kind, event.detail,
        event.report, event.step, event.score, event.checkpoint, '{}' AS hyperparameters,
        '{}' AS metrics, NULL AS verdict, event.declined, event.rank, event.ranked, event.place,
        event.placed, event.generation, event.fallback, event.donor, event.donor_report,
        event.donor_step, event.donor_score, event.donor_checkpoint, '{}' AS donor_hyperparameters,
        '{}' AS explored, '' AS operations
        """

    /// A population's events after a sequence that tell who descends from whom, oldest first, without
    /// hyperparameters and their operations, metrics and verdicts.
    ///
    /// - Parameter most: How many events it looks at, since none of very many may be of those.
    /// - Returns: Those it found, and the sequence of the last event that it looked at; `nil` when
    ///   it looked at all.
    package func descent(
        of population: Int, after sequence: Int, limit: Int, lookingAt most: Int
    ) throws(JournalError) -> (events: [EventRecord], through: Int?) {
        try read { database in
            var events: [EventRecord] = []
            var looked = 0
            var last = sequence
            for place in try places(ofEventsIn: database) {
                let rows = try Row.fetchCursor(
                    database, sql: place.page(Self.columnsOfDescent, place.ofPopulation),
                    arguments: [population, sequence, most - looked])
                while events.count < limit, let row = try rows.next() {
                    looked += 1
                    last = try row.count("sequence")
                    let kind = try kind(row)
                    if kind.tellsDescent { events.append(try record(row, of: kind)) }
                }
            }
            return (events, events.count < limit && looked < most ? nil : last)
        }
    }

    static let memberlessEvents = """
        SELECT * FROM event WHERE population = ? AND member IS NULL AND sequence > ?
        ORDER BY sequence LIMIT ?
        """

    /// What happened to a population, and to none of its members, after a sequence, oldest first.
    package func memberlessEvents(
        of population: Int, after sequence: Int, limit: Int
    ) throws(JournalError) -> [EventRecord] {
        try read { database in
            try events(sql: Self.memberlessEvents, [population, sequence, limit], in: database)
        }
    }
}

extension EventKind {
    /// Whether it tells who descends from whom.
    fileprivate var tellsDescent: Bool {
        switch self {
        case .created, .reported, .exploited, .declined, .removed: true
        case .leased, .released, .paused, .resumed, .ended, .changed, .generationClosed: false
        }
    }
}
