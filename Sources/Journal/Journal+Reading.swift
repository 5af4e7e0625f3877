import Evolution
import Foundation
import GRDB
import Records

extension Journal {
    package func populations() throws(JournalError) -> [PopulationRecord] {
        try read { database in
            let recent = try recentChanges(database).populations
            return try Row.fetchAll(database, sql: "SELECT * FROM population ORDER BY id").map {
                row in
                let names = try (row.get("hyperparameters") as String).split(separator: "\n")
                var record = PopulationRecord(
                    id: try row.get("id"), name: try row.get("name"),
                    specification: try row.get("specification"),
                    hyperparameters: names.map(String.init), created: try row.get("created"))
                record.status = try Population.Status(rawValue: row.get("status"))
                    .orThrow(damaged("a population of an unknown status"))
                record.best = try state(row, "best", member: "best_member")
                record.archive = try archive(of: record.id, in: "archived", of: database)
                record.generation = try row.count("generation")
                if let recent = recent[record.id] { record.take(moves.found(recent)) }
                return record
            }
        }
    }

    func archive(
        of population: Int, in table: String, of database: Database
    ) throws -> [ArchivedState] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM \(table) WHERE population = ? ORDER BY place",
            arguments: [population]
        ).map { row in
            let state = try state(row, "state", member: "state_member")
                .orThrow(damaged("one of the best states that is none"))
            return ArchivedState(state, copies: try row.count("copies"))
        }
    }

    /// The present state of a population's members, by number.
    package func members(of population: Int) throws(JournalError) -> [Member] {
        try read { database in
            let recent = try recentChanges(database).members[population] ?? [:]
            return try members(of: population, in: "member", of: database)
                .changed(recent.mapValues { moves.found($0) }, by: \.id)
        }
    }

    func members(of population: Int, in table: String, of database: Database) throws -> [Member] {
        let rows = try Row.fetchCursor(
            database, sql: "SELECT * FROM \(table) WHERE population = ? ORDER BY id",
            arguments: [population])
        var members: [Member] = []
        while let row = try rows.next() {
            members.append(try member(row))
        }
        return members
    }

    /// How many reports and exploits the members of a population made.
    package func counts(
        of population: Int
    ) throws(JournalError) -> (reports: Int, exploits: Int) {
        try read { database in
            let sum = try Row.fetchOne(
                database,
                sql: "SELECT ifnull(sum(reports), 0) AS reports FROM member WHERE population = ?",
                arguments: [population])
            var reports = try sum?.count("reports") ?? 0
            let stored = try database.cachedStatement(
                sql: "SELECT reports FROM member WHERE population = ? AND id = ?")
            for (id, member) in try recentChanges(database).members[population] ?? [:] {
                let row = try Row.fetchOne(stored, arguments: [population, id])
                reports += try member.reports - (row?.count("reports") ?? 0)
                guard (0...Row.largestCount).contains(reports) else {
                    throw damaged("more reports than can be")
                }
            }
            let exploits = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM event WHERE population = ? AND donor IS NOT NULL",
                arguments: [population])
            return (reports, exploits ?? 0)
        }
    }

    package func leases() throws(JournalError) -> [LeaseRecord] {
        try read { database in
            let recent = try recentChanges(database).leases
            return try Row.fetchAll(database, sql: "SELECT * FROM lease ORDER BY token").map {
                row in
                guard let state = LeaseRecord.State(rawValue: try row.get("state")) else {
                    throw damaged("a lease of an unknown state")
                }
                var record = LeaseRecord(
                    token: UInt64(bitPattern: try row.get("token") as Int64),
                    population: try row.get("population"), member: try row.get("member"),
                    worker: try row.get("worker"), sequence: try row.count("sequence"),
                    state: state, directive: [UInt8](try row.get("directive") as Data),
                    time: try row.get("time"))
                record.keeps = try row.get("keeps")
                record.owner = try row.get("owner")
                record.digest = UInt64(bitPattern: try row.get("digest") as Int64)
                record.place = try row.get("place")
                return record
            }.changed(recent, by: \.row)
        }
    }

    /// The keys that were invited, by public key.
    package func keys() throws(JournalError) -> [KeyRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM key ORDER BY public_key").map { row in
                let publicKey = [UInt8](try row.get("public_key") as Data)
                guard let role = Role(rawValue: try row.get("role")), publicKey.count == 32 else {
                    throw damaged("a key that is none, or of an unknown role")
                }
                var record = KeyRecord(
                    publicKey: publicKey, role: role,
                    populations: (try row.get("populations") as String?)?.split(separator: " ")
                        .map(String.init),
                    label: try row.get("label"), created: try row.get("created"),
                    expires: try row.get("expires"),
                    quota: Quota(
                        outstanding: try row.count("outstanding"),
                        joinsPerSecond: try row.count("joins_per_second"),
                        populations: try row.count("most_populations"),
                        members: try row.count("most_members")))
                record.revoked = try row.get("revoked")
                record.madePopulations = try row.count("made_populations")
                record.madeMembers = try row.count("made_members")
                return record
            }
        }
    }

    /// By number, which is the order in which they were released.
    package func releases() throws(JournalError) -> [ReleaseRecord] {
        try read { database in
            let recent = try recentChanges(database).releases
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM release ORDER BY number")
            return try rows.map { row in
                ReleaseRecord(
                    number: UInt64(bitPattern: try row.get("number") as Int64),
                    population: try row.get("population"), member: try row.get("member"),
                    checkpoint: try row.get("checkpoint"))
            }.changed(recent, by: \.row).map(moves.found)
        }
    }

    package func answers() throws(JournalError) -> [AnswerRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM answer ORDER BY time, key").map { row in
                AnswerRecord(
                    key: [UInt8](try row.get("key") as Data),
                    digest: UInt64(bitPattern: try row.get("digest") as Int64),
                    reply: [UInt8](try row.get("reply") as Data), time: try row.get("time"))
            }
        }
    }

    /// A population's events after a sequence, oldest first.
    package func events(
        of population: Int, after sequence: Int, member: Int? = nil, limit: Int
    ) throws(JournalError) -> [EventRecord] {
        // They have the paths that were reported, and rows the present ones.
        if member == nil, moves.isEmpty,
            let newest = newest.events(of: population, after: sequence, limit: limit)
        {
            return newest
        }
        return try read { database in
            var records: [EventRecord] = []
            for place in try places(ofEventsIn: database) where records.count < limit {
                let few = [sequence, limit - records.count]
                if let member {
                    records += try events(
                        sql: place.page("event.*", place.ofMember), [population, member] + few,
                        in: database)
                } else {
                    records += try events(
                        sql: place.page("event.*", place.ofPopulation), [population] + few,
                        in: database)
                }
            }
            return records
        }
    }

    /// All populations' events after a sequence, oldest first.
    package func events(
        after sequence: Int, limit: Int
    ) throws(JournalError) -> [EventRecord] {
        try read { database in
            try events(
                sql: "SELECT * FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
                [sequence, limit], in: database)
        }
    }

    /// A member's reports, its exploits, and what it declined, newest first, up to and with one of its reports:
    /// what lineage is made of.
    package func lineage(
        of population: Int, member: Int, throughReport report: Int
    ) throws(JournalError) -> [Event] {
        try read { database in
            let places = try places(ofEventsIn: database)
            var last: Int?
            // Mostly it is one of the newest.
            for place in places.reversed() where last == nil {
                last = try Int.fetchOne(
                    database,
                    sql: """
                        SELECT event.sequence \(place.ofMember)
                        AND event.kind = 'reported' AND event.report = ?
                        """, arguments: [population, member, report])
            }
            guard let last else { return [] }
            // What was measured besides tells nothing of descent, and may be most of it. Of two
            // columns with the same name the first counts.
            return try places.reversed().flatMap { place in
                try events(
                    sql: """
                        SELECT '{}' AS metrics, event.* \(place.ofMember)
                        AND event.kind IN ('reported', 'exploited', 'declined')
                        AND place.sequence <= ? ORDER BY place.sequence DESC
                        """, [population, member, last], in: database)
            }.map(\.event)
        }
    }

    /// Where a population's events are found, and a member's.
    enum EventPlace {
        /// Those before one, or all.
        case tables(before: Int?)
        /// Those from one on, which are few: they are looked at one after another.
        case events(from: Int)

        /// The tables and the condition of a query for a member's, which takes the population and the
        /// member.
        var ofMember: String { found("event_of_member") + " AND place.member = ?" }

        /// The same for a population's, which takes the population.
        var ofPopulation: String { found("event_of_population") }

        private func found(_ table: String) -> String {
            switch self {
            case .tables(let end):
                // The order of the tables is the one to go by.
                """
                FROM \(table) AS place CROSS JOIN event ON event.sequence = place.sequence
                WHERE \(end.map { "place.sequence < \($0) AND " } ?? "")place.population = ?
                """
            case .events(let first):
                """
                FROM event AS place CROSS JOIN event ON event.sequence = place.sequence
                WHERE place.sequence >= \(first) AND place.population = ?
                """
            }
        }

        /// A query for those after a sequence, oldest first, at most so many.
        ///
        /// - Parameter found: `ofMember` or `ofPopulation`.
        func page(_ columns: String, _ found: String) -> String {
            "SELECT \(columns) \(found) AND place.sequence > ? ORDER BY place.sequence LIMIT ?"
        }
    }

    /// The older events' place first.
    func places(ofEventsIn database: Database) throws -> [EventPlace] {
        guard let first = try recentChanges(database).firstEvent else {
            return [.tables(before: nil)]
        }
        return [.tables(before: first), .events(from: first)]
    }

    func events(
        sql: String, _ arguments: [Int], in database: Database
    ) throws -> [EventRecord] {
        let rows = try Row.fetchCursor(
            database, sql: sql, arguments: StatementArguments(arguments))
        var records: [EventRecord] = []
        while let row = try rows.next() {
            records.append(try record(row, of: kind(row)))
        }
        return records
    }

    func kind(_ row: Row) throws -> EventKind {
        try EventKind(rawValue: row.get("kind")).orThrow(damaged("an event of an unknown kind"))
    }

    func record(_ row: Row, of kind: EventKind) throws -> EventRecord {
        EventRecord(
            sequence: try row.count("sequence"), population: try row.get("population"),
            time: try row.get("time"), event: try event(row, of: kind))
    }

    private func event(_ row: Row, of kind: EventKind) throws -> Event {
        let detail: String? = try row.get("detail")
        let happened: Event.Kind =
            switch kind {
            case .created: .created(hyperparameters: try values(row.get("hyperparameters")))
            case .leased: .leased(worker: detail ?? "")
            case .declined: .declined(reason: detail ?? "", fallback: try fallback(row))
            case .released:
                .released(
                    try detail.flatMap(ReleaseReason.init)
                        .orThrow(damaged("a lease that ended for an unknown reason")))
            case .reported: .reported(try reported(row))
            case .removed: .removed
            case .paused: .paused
            case .resumed: .resumed
            case .ended:
                .ended(
                    try detail.map {
                        try Ending(rawValue: $0)
                            .orThrow(damaged("a population that ended for an unknown reason"))
                    })
            case .changed:
                try detail.flatMap(SettingsText.read).map { .changed(before: $0, after: $1) }
                    .orThrow(damaged("settings that changed in an unknown way"))
            case .exploited: .exploited(try exploited(row))
            case .generationClosed:
                .generationClosed(
                    GenerationClosed(
                        generation: try row.count("generation"),
                        reported: try row.count("generation_reported"),
                        isByDeadline: detail == EventKind.deadline))
            }
        return Event(member: try row.index("member"), kind: happened)
    }

    private func reported(_ row: Row) throws -> Reported {
        var reported = Reported(
            report: try row.count("report"), step: try row.step("step"),
            score: try row.get("score") ?? .nan,
            checkpoint: (try row.get("checkpoint") as String?).map(moves.now),
            hyperparameters: try values(row.get("hyperparameters")))
        reported.metrics = try pairs(row.get("metrics")).map { name, value in
            guard case .number(let number) = value else { throw damaged("a metric's value") }
            return Metric(name: name, value: number)
        }
        reported.declined = try row.get("declined")
        reported.standing = try standing(row, "rank", of: "ranked")
        reported.recent = try standing(row, "place", of: "placed")
        reported.verdict = try verdict(row)
        reported.exploit = try exploit(row)
        reported.generation = try row.index("generation")
        return reported
    }

    private func exploited(_ row: Row) throws -> Exploited {
        Exploited(
            generation: try row.count("generation"), report: try row.count("report"),
            step: try row.step("step"), score: try row.get("score") ?? .nan,
            standing: try standing(row, "rank", of: "ranked").orThrow(
                damaged("an exploit without a standing")),
            verdict: try verdict(row),
            exploit: try exploit(row).orThrow(damaged("an exploit without a donor")))
    }

    private func fallback(_ row: Row) throws -> Fallback {
        // Before version 3 there was only one.
        guard let name: String = try row.get("fallback") else { return .previous }
        return try Fallback(named: name, exploit: try exploit(row))
            .orThrow(damaged("an unknown fallback"))
    }

    private func standing(_ row: Row, _ rank: String, of ranked: String) throws -> Standing? {
        try row.index(rank).map { Standing(rank: $0, ranked: try row.count(ranked)) }
    }

    private func verdict(_ row: Row) throws -> Verdict? {
        guard let text: String = try row.get("verdict") else { return nil }
        return try Verdict(text: text).orThrow(damaged("a verdict that is none"))
    }

    private func exploit(_ row: Row) throws -> Exploit? {
        guard let donor = try state(row, "donor") else { return nil }
        let operations = try (row.get("operations") as String).split(separator: ",")
        return Exploit(
            donor: donor, explored: try values(row.get("explored")),
            operations: try operations.map {
                try Operation(rawValue: String($0)).orThrow(damaged("an unknown operation"))
            })
    }

    private func member(_ row: Row) throws -> Member {
        var member = Member(
            id: try row.count("id"), hyperparameters: try values(row.get("hyperparameters")))
        member.step = try row.step("step")
        member.reports = try row.count("reports")
        member.considered = try row.step("considered")
        member.donor = try row.index("donor")
        member.isLost = try row.get("lost")
        member.isRemoved = try row.get("removed")
        member.isRescued = try row.get("rescued")
        member.generation = try row.count("generation")
        member.standing = try standing(row, "standing_rank", of: "standing_ranked")
        if try row.get("held") {
            member.presence = .held
        } else if let since = try row.index("away_since") {
            member.presence = .away(since: since)
        }
        if let scores: String = try row.get("scores") {
            member.scores = try ScoresText.read(scores).orThrow(
                damaged("a member's scores that are none"))
        }
        member.latest = try state(row, "latest", member: "latest_member")
        member.previous = try state(row, "previous", member: "previous_member")
        return member
    }

    func state(
        _ row: Row, _ prefix: String, member: String? = nil
    ) throws -> CommittedState? {
        guard let member = try row.index(member ?? prefix) else { return nil }
        return CommittedState(
            member: member, report: try row.count("\(prefix)_report"),
            step: try row.step("\(prefix)_step"), score: try row.get("\(prefix)_score") ?? .nan,
            hyperparameters: try values(row.get("\(prefix)_hyperparameters")),
            checkpoint: moves.now(try row.get("\(prefix)_checkpoint")))
    }

    /// What a member trains with and what its states were trained with are mostly the same, which then
    /// is read and kept once.
    private func values(_ text: String) throws -> [Value] {
        if let known = readValues.first(where: { $0.text == text }) { return known.values }
        // No hyperparameter is NaN, for which null stands elsewhere.
        let values = try pairs(text).map { $0.value.asNumber?.isNaN == true ? .null : $0.value }
        if readValues.count == Self.readValuesCount { readValues.removeFirst() }
        readValues.append((text, values))
        return values
    }

    private static let readValuesCount = 3

    private func pairs(_ text: String) throws -> [(name: String, value: Value)] {
        try FlatJSON.read(text).orThrow(damaged("values that are not the journal's JSON"))
    }

    func damaged(_ what: String) -> JournalError { .corrupt(directory, reason: what) }

    func read<Result>(
        _ body: (Database) throws -> Result
    ) throws(JournalError) -> Result {
        try Self.catching(in: directory) {
            if let snapshot { return try body(snapshot) }
            return try queue.read(body)
        }
    }
}

extension Array {
    /// With the changes of some elements; `nil` takes one away.
    ///
    /// - Parameter key: what they are ordered by.
    fileprivate func changed(
        _ changes: [Int: Element?], by key: (Element) -> Int
    ) -> [Element] {
        guard !changes.isEmpty else { return self }
        let others = filter { !changes.keys.contains(key($0)) }
        return (others + changes.values.compactMap(\.self)).sorted { key($0) < key($1) }
    }
}

extension Optional {
    func orThrow(_ error: @autoclosure () -> JournalError) throws -> Wrapped {
        guard let self else { throw error() }
        return self
    }
}
