import Evolution
import Foundation
import GRDB

extension Journal {
    package func populations() throws(JournalError) -> [PopulationRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM population ORDER BY id").map { row in
                let names = (row["hyperparameters"] as String).split(separator: "\n")
                var record = PopulationRecord(
                    id: row["id"], name: row["name"], specification: row["specification"],
                    hyperparameters: names.map(String.init), created: row["created"])
                record.status = try Population.Status(rawValue: row["status"])
                    .orThrow(damaged("a population of an unknown status"))
                record.best = try state(row, "best", member: "best_member")
                record.generation = row["generation"]
                return record
            }
        }
    }

    /// The present state of a population's members, by number.
    package func members(of population: Int) throws(JournalError) -> [Member] {
        try members(of: population, in: "member")
    }

    func members(of population: Int, in table: String) throws(JournalError) -> [Member] {
        try read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM \(table) WHERE population = ? ORDER BY id",
                arguments: [population])
            var members: [Member] = []
            while let row = try rows.next() {
                members.append(try member(row))
            }
            return members
        }
    }

    /// How many reports and exploits the members of a population made.
    package func counts(
        of population: Int
    ) throws(JournalError) -> (reports: Int, exploits: Int) {
        try read { database in
            let reports = try Int.fetchOne(
                database, sql: "SELECT sum(reports) FROM member WHERE population = ?",
                arguments: [population])
            let exploits = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM event WHERE population = ? AND donor IS NOT NULL",
                arguments: [population])
            return (reports ?? 0, exploits ?? 0)
        }
    }

    package func leases() throws(JournalError) -> [LeaseRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM lease ORDER BY token").map { row in
                guard let state = LeaseRecord.State(rawValue: row["state"]) else {
                    throw damaged("a lease of an unknown state")
                }
                var record = LeaseRecord(
                    token: UInt64(bitPattern: row["token"] as Int64),
                    population: row["population"], member: row["member"], worker: row["worker"],
                    sequence: row["sequence"], state: state,
                    directive: [UInt8](row["directive"] as Data), time: row["time"])
                record.keeps = row["keeps"]
                record.owner = row["owner"]
                return record
            }
        }
    }

    /// The keys that were invited, by public key.
    package func keys() throws(JournalError) -> [KeyRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM key ORDER BY public_key").map { row in
                guard let role = Role(rawValue: row["role"]) else {
                    throw damaged("a key of an unknown role")
                }
                var record = KeyRecord(
                    publicKey: [UInt8](row["public_key"] as Data), role: role,
                    populations: (row["populations"] as String?)?.split(separator: " ")
                        .map(String.init),
                    label: row["label"], created: row["created"], expires: row["expires"],
                    quota: Quota(
                        outstanding: row["outstanding"], joinsPerSecond: row["joins_per_second"],
                        populations: row["most_populations"], members: row["most_members"]))
                record.revoked = row["revoked"]
                record.madePopulations = row["made_populations"]
                record.madeMembers = row["made_members"]
                return record
            }
        }
    }

    /// By number, which is the order in which they were released.
    package func releases() throws(JournalError) -> [ReleaseRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM release ORDER BY number").map { row in
                ReleaseRecord(
                    number: UInt64(bitPattern: row["number"] as Int64),
                    population: row["population"], member: row["member"],
                    checkpoint: row["checkpoint"])
            }
        }
    }

    package func answers() throws(JournalError) -> [AnswerRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM answer ORDER BY time, key").map { row in
                AnswerRecord(
                    key: [UInt8](row["key"] as Data), reply: [UInt8](row["reply"] as Data),
                    time: row["time"])
            }
        }
    }

    /// A population's events after a sequence, oldest first.
    package func events(
        of population: Int, after sequence: Int, member: Int? = nil, limit: Int
    ) throws(JournalError) -> [EventRecord] {
        let condition = member == nil ? "" : "AND member = ?"
        return try events(
            where: "population = ? AND sequence > ? \(condition) ORDER BY sequence LIMIT ?",
            [population, sequence] + (member.map { [$0] } ?? []) + [limit])
    }

    /// All populations' events after a sequence, oldest first.
    package func events(
        after sequence: Int, limit: Int
    ) throws(JournalError) -> [EventRecord] {
        try events(where: "sequence > ? ORDER BY sequence LIMIT ?", [sequence, limit])
    }

    /// A member's reports, its exploits, and what it declined, newest first, up to and with one of its reports:
    /// what lineage is made of.
    package func lineage(
        of population: Int, member: Int, throughReport report: Int
    ) throws(JournalError) -> [Event] {
        try events(
            where: """
                population = ? AND member = ? AND kind IN ('reported', 'exploited', 'declined')
                AND sequence <= (
                    SELECT sequence FROM event
                    WHERE population = ? AND member = ? AND kind = 'reported' AND report = ?)
                ORDER BY sequence DESC
                """,
            [population, member, population, member, report]
        ).map(\.event)
    }

    private func events(
        where condition: String, _ arguments: [Int]
    ) throws(JournalError) -> [EventRecord] {
        try read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM event WHERE " + condition,
                arguments: StatementArguments(arguments))
            var records: [EventRecord] = []
            while let row = try rows.next() {
                records.append(
                    EventRecord(
                        sequence: row["sequence"], population: row["population"],
                        time: row["time"], event: try event(row)))
            }
            return records
        }
    }

    private func event(_ row: Row) throws -> Event {
        guard let kind = EventKind(rawValue: row["kind"]) else {
            throw damaged("an event of an unknown kind")
        }
        let detail = row["detail"] as String?
        let happened: Event.Kind =
            switch kind {
            case .created: .created(hyperparameters: try values(row["hyperparameters"]))
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
            case .ended: .ended
            case .changed:
                try detail.flatMap(AdjustmentText.read).map { .changed(before: $0, after: $1) }
                    .orThrow(damaged("settings that changed in an unknown way"))
            case .exploited: .exploited(try exploited(row))
            case .generationClosed:
                .generationClosed(
                    GenerationClosed(
                        generation: row["generation"], reported: row["generation_reported"],
                        isByDeadline: detail == EventKind.deadline))
            }
        return Event(member: row["member"], kind: happened)
    }

    private func reported(_ row: Row) throws -> Reported {
        var reported = Reported(
            report: row["report"], step: row["step"], score: row["score"] ?? .nan,
            checkpoint: row["checkpoint"], hyperparameters: try values(row["hyperparameters"]))
        reported.metrics = try pairs(row["metrics"]).map { name, value in
            guard case .number(let number) = value else { throw damaged("a metric's value") }
            return Metric(name: name, value: number)
        }
        reported.declined = row["declined"]
        reported.standing = standing(row)
        reported.exploit = try exploit(row)
        reported.generation = row["generation"]
        return reported
    }

    private func exploited(_ row: Row) throws -> Exploited {
        Exploited(
            generation: row["generation"], report: row["report"], step: row["step"],
            score: row["score"] ?? .nan,
            standing: try standing(row).orThrow(damaged("an exploit without a standing")),
            exploit: try exploit(row).orThrow(damaged("an exploit without a donor")))
    }

    private func fallback(_ row: Row) throws -> Fallback {
        // Before version 3 there was only one.
        guard let name = row["fallback"] as String? else { return .previous }
        return try Fallback(named: name, exploit: try exploit(row))
            .orThrow(damaged("an unknown fallback"))
    }

    private func standing(_ row: Row) -> Standing? {
        (row["rank"] as Int?).map { Standing(rank: $0, ranked: row["ranked"]) }
    }

    private func exploit(_ row: Row) throws -> Exploit? {
        guard let donor = try state(row, "donor") else { return nil }
        let operations = (row["operations"] as String).split(separator: ",")
        return Exploit(
            donor: donor, explored: try values(row["explored"]),
            operations: try operations.map {
                try Operation(rawValue: String($0)).orThrow(damaged("an unknown operation"))
            })
    }

    private func member(_ row: Row) throws -> Member {
        var member = Member(id: row["id"], hyperparameters: try values(row["hyperparameters"]))
        member.step = row["step"]
        member.reports = row["reports"]
        member.considered = row["considered"]
        member.donor = row["donor"]
        member.isLost = row["lost"]
        member.isRemoved = row["removed"]
        member.isRescued = row["rescued"]
        member.generation = row["generation"]
        member.latest = try state(row, "latest", member: "latest_member")
        member.previous = try state(row, "previous", member: "previous_member")
        return member
    }

    func state(
        _ row: Row, _ prefix: String, member: String? = nil
    ) throws -> CommittedState? {
        guard let member = row[member ?? prefix] as Int? else { return nil }
        return CommittedState(
            member: member, report: row["\(prefix)_report"], step: row["\(prefix)_step"],
            score: row["\(prefix)_score"] ?? .nan,
            hyperparameters: try values(row["\(prefix)_hyperparameters"]),
            checkpoint: row["\(prefix)_checkpoint"])
    }

    private func values(_ text: String) throws -> [Value] { try pairs(text).map(\.value) }

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

extension Optional {
    func orThrow(_ error: @autoclosure () -> JournalError) throws -> Wrapped {
        guard let self else { throw error() }
        return self
    }
}
