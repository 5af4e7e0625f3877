import Evolution
import GRDB

/// Parts of a population's history, for those who need no more.
extension Journal {
    static let descentOfPopulation = """
        SELECT sequence, population, time, member, kind, detail, report, step, score, checkpoint,
            '{}' AS hyperparameters, '{}' AS metrics, NULL AS verdict, declined, rank, ranked, place,
            placed, generation, fallback, donor, donor_report, donor_step, donor_score,
            donor_checkpoint, '{}' AS donor_hyperparameters, '{}' AS explored, '' AS operations
        FROM event WHERE population = ? AND sequence > ? ORDER BY sequence LIMIT ?
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
            let rows = try Row.fetchCursor(
                database, sql: Self.descentOfPopulation, arguments: [population, sequence, most])
            var events: [EventRecord] = []
            var looked = 0
            var last = sequence
            while events.count < limit, let row = try rows.next() {
                looked += 1
                last = try row.count("sequence")
                let kind = try kind(row)
                if kind.tellsDescent { events.append(try record(row, of: kind)) }
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
