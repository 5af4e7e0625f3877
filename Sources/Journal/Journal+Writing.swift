import Evolution
import Foundation
import GRDB

extension Journal {
    func upsert(_ record: PopulationRecord, into database: Database) throws {
        var arguments: [(any DatabaseValueConvertible)?] = [
            record.id, record.name, record.specification,
            // Names hold no control characters.
            record.hyperparameters.joined(separator: "\n"), record.created,
            record.status.rawValue,
        ]
        arguments += columns(record.best, of: record.id)
        arguments.append(record.generation)
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO population VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: StatementArguments(arguments))
    }

    func insert(_ record: EventRecord, into database: Database) throws {
        let event = record.event
        var row = EventRow(record)
        switch event.kind {
        case .created(let hyperparameters):
            row.kind = .created
            row.hyperparameters = json(hyperparameters, of: record.population)
        case .leased(let worker):
            row.kind = .leased
            row.detail = worker
        case .declined(let reason, let fallback):
            row.kind = .declined
            row.detail = reason
            row.fallback = fallback.name
        case .released(let reason):
            row.kind = .released
            row.detail = reason.rawValue
        case .removed: row.kind = .removed
        case .paused: row.kind = .paused
        case .resumed: row.kind = .resumed
        case .ended: row.kind = .ended
        case .changed(let before, let after):
            row.kind = .changed
            row.detail = AdjustmentText.write(before: before, after: after)
        case .reported(let reported):
            row.kind = .reported
            row.reported = reported
            row.report = reported.report
            row.step = reported.step
            row.score = reported.score
            row.standing = reported.standing
            row.generation = reported.generation
            row.hyperparameters = json(reported.hyperparameters, of: record.population)
            row.metrics = FlatJSON.write(
                reported.metrics.map { (name: $0.name, value: .number($0.value)) })
        case .exploited(let exploited):
            row.kind = .exploited
            row.report = exploited.report
            row.step = exploited.step
            row.score = exploited.score
            row.standing = exploited.standing
            row.generation = exploited.generation
        case .generationClosed(let closed):
            row.kind = .generationClosed
            row.generation = closed.generation
            row.generationReported = closed.reported
            row.detail = closed.isByDeadline ? EventKind.deadline : nil
        }
        if let exploit = event.exploit {
            row.donorHyperparameters = json(exploit.donor.hyperparameters, of: record.population)
            row.explored = json(exploit.explored, of: record.population)
        }
        try database.cachedStatement(sql: EventRow.insertion).execute(arguments: row.arguments)
    }

    /// - Parameter table: One with the columns of the members' present state.
    func upsert(
        _ member: Member, of population: Int, into database: Database, table: String = "member"
    ) throws {
        var arguments: [(any DatabaseValueConvertible)?] = [
            population, member.id, json(member.hyperparameters, of: population), member.step,
            member.reports, member.considered, member.donor,
        ]
        arguments += columns(member.latest, of: population)
        arguments += columns(member.previous, of: population)
        arguments += [member.isLost, member.isRemoved, member.isRescued, member.generation]
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO \(table)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: StatementArguments(arguments))
    }

    func upsert(_ record: LeaseRecord, into database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            Int64(bitPattern: record.token), record.population, record.member, record.worker,
            record.sequence, record.state.rawValue, Data(record.directive), record.time,
            record.keeps, record.owner,
        ])
    }

    func upsert(_ record: KeyRecord, into database: Database) throws {
        let arguments: [(any DatabaseValueConvertible)?] = [
            Data(record.publicKey), record.role.rawValue,
            // Names hold no spaces.
            record.populations?.joined(separator: " "), record.label, record.created,
            record.expires, record.revoked, record.quota.outstanding,
            record.quota.joinsPerSecond, record.quota.populations, record.quota.members,
            record.madePopulations, record.madeMembers,
        ]
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO key VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: StatementArguments(arguments))
    }

    func insert(_ record: AnswerRecord, into database: Database) throws {
        try database.cachedStatement(sql: "INSERT INTO answer VALUES (?, ?, ?)")
            .execute(arguments: [Data(record.key), Data(record.reply), record.time])
    }

    func insert(_ record: ReleaseRecord, into database: Database) throws {
        try database.cachedStatement(sql: "INSERT INTO release VALUES (?, ?, ?, ?)")
            .execute(arguments: [
                Int64(bitPattern: record.number), record.population, record.member,
                record.checkpoint,
            ])
    }

    func columns(
        _ state: CommittedState?, of population: Int
    ) -> [(any DatabaseValueConvertible)?] {
        [
            state?.member, state?.report, state?.step, state?.score, state?.checkpoint,
            state.map { json($0.hyperparameters, of: population) },
        ]
    }

    /// Values by name. There is a name for each value: the population was made before its events.
    private func json(_ values: [Value], of population: Int) -> String {
        guard let names = names[population], names.count == values.count else {
            preconditionFailure("values that are not of population \(population)'s space")
        }
        return FlatJSON.write(zip(names, values).map { (name: $0, value: $1) })
    }
}

/// The columns of an event, in the table's order.
private struct EventRow {
    let record: EventRecord
    var kind = EventKind.created
    var detail: String?
    var reported: Reported?
    var report: Int?
    var step: Int?
    var score: Double?
    var standing: Standing?
    var generation: Int?
    var generationReported: Int?
    var hyperparameters: String?
    var metrics: String?
    var donorHyperparameters: String?
    var explored: String?
    var fallback: String?

    static let insertion = """
        INSERT INTO event VALUES
        (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    init(_ record: EventRecord) { self.record = record }

    var arguments: StatementArguments {
        let exploit = record.event.exploit
        let donor = exploit?.donor
        let operations = exploit?.operations.map(\.rawValue).joined(separator: ",")
        let columns: [(any DatabaseValueConvertible)?] = [
            record.sequence, record.time, record.population, record.event.member, kind.rawValue,
            detail, report, step, score, reported?.checkpoint, hyperparameters, metrics,
            reported?.declined, standing?.rank, standing?.ranked, donor?.member, donor?.report,
            donor?.step, donor?.score, donor?.checkpoint,
            donorHyperparameters, explored, operations, fallback, generation,
            generationReported,
        ]
        return StatementArguments(columns)
    }
}

enum EventKind: String {
    case created
    case leased
    case reported
    case declined
    case released
    case removed
    case paused
    case resumed
    case ended
    case changed
    case exploited
    case generationClosed = "generation_closed"

    /// The detail of a generation that closed by its deadline.
    static let deadline = "deadline"
}
