import Evolution
import Foundation
import GRDB

// What stands in each row.
extension RowWriter {
    /// A change of anything but the present state.
    mutating func write(_ change: Change) throws {
        switch change {
        case .population(let record): try upsert(record)
        case .event(let record): try insert(record)
        case .answer(let record): try insert(record)
        case .forgetAnswer(let key): try delete(.forgottenAnswer, key: key)
        case .key(let record): try upsert(record)
        case .forgetKey(let publicKey): try delete(.forgottenKey, key: publicKey)
        case .member, .lease, .forgetLease, .release, .forgetRelease:
            preconditionFailure("the present state is kept or settled")
        }
    }

    /// Lets a batch's changes of the present state wait in `recent`.
    ///
    /// - Parameter firstEvent: the first event that waits with them.
    mutating func keep(_ changes: [Change], firstEvent: Int) throws {
        var writer = ChangeWriter()
        for index in changes.indices where changes[index].isOfPresentState {
            writer.write(changes[index])
        }
        try begin(.recent)
        add(firstEvent)
        writer.withBytes { add(blob: $0) }
        try run()
    }

    /// Writes changes of the present state to their tables, each in the order of its keys.
    ///
    /// - Parameter isKept: Some of them wait in `recent`.
    mutating func settle(_ recent: RecentChanges, isKept: Bool) throws {
        for (population, members) in recent.members.sorted(by: { $0.key < $1.key }) {
            for (_, member) in members.sorted(by: { $0.key < $1.key }) {
                try write(member, of: population, as: .member)
            }
        }
        for (row, record) in recent.leases.sorted(by: { $0.key < $1.key }) {
            if let record { try upsert(record) } else { try delete(.forgottenLease, row: row) }
        }
        for (row, record) in recent.releases.sorted(by: { $0.key < $1.key }) {
            if let record { try upsert(record) } else { try delete(.forgottenRelease, row: row) }
        }
        if let firstEvent = recent.firstEvent {
            try begin(.eventsOfMembers)
            add(firstEvent)
            try run()
        }
        guard isKept else { return }
        try begin(.settled)
        try run()
    }

    private mutating func upsert(_ record: PopulationRecord) throws {
        if names[record.id]?.names != record.hyperparameters {
            names[record.id] = JSONKeys(record.hyperparameters)
        }
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

    private mutating func insert(_ record: EventRecord) throws {
        var row = EventRow()
        switch record.event.kind {
        case .created(let hyperparameters):
            row.kind = .created
            row.hyperparameters = hyperparameters
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
            row.detail = SettingsText.write(before: before, after: after)
        case .reported(let reported):
            row.kind = .reported
            row.report = reported.report
            row.step = reported.step
            row.score = reported.score
            row.checkpoint = reported.checkpoint
            row.declined = reported.declined
            row.standing = reported.standing
            row.recent = reported.recent
            row.verdict = reported.verdict
            row.generation = reported.generation
            row.hyperparameters = reported.hyperparameters
            row.metrics = reported.metrics
        case .exploited(let exploited):
            row.kind = .exploited
            row.report = exploited.report
            row.step = exploited.step
            row.score = exploited.score
            row.standing = exploited.standing
            row.verdict = exploited.verdict
            row.generation = exploited.generation
        case .generationClosed(let closed):
            row.kind = .generationClosed
            row.generation = closed.generation
            row.generationReported = closed.reported
            row.detail = closed.isByDeadline ? EventKind.deadline : nil
        }
        try write(row, of: record)
    }

    private mutating func write(_ row: EventRow, of record: EventRecord) throws {
        let keys = keys(of: record.population)
        try begin(.event)
        add(record.sequence)
        add(Int(record.time))
        add(record.population)
        add(record.event.member)
        add(row.kind.rawValue)
        add(row.detail)
        add(row.report)
        add(row.step)
        add(row.score)
        add(row.checkpoint)
        add(row.hyperparameters, keys: keys)
        add(row.metrics.map(json))
        add(row.declined)
        add(row.standing?.rank)
        add(row.standing?.ranked)
        let exploit = record.event.exploit
        add(exploit?.donor.member)
        add(exploit?.donor.report)
        add(exploit?.donor.step)
        add(exploit?.donor.score)
        add(exploit?.donor.checkpoint)
        add(exploit?.donor.hyperparameters, keys: keys)
        add(exploit?.explored, keys: keys)
        add(exploit?.operations)
        add(row.fallback)
        add(row.generation)
        add(row.generationReported)
        add(row.recent?.rank)
        add(row.recent?.ranked)
        add(row.verdict?.text)
        try run()
    }

    private func json(_ metrics: [Metric]) -> String {
        // Most reports have none.
        metrics.isEmpty ? "{}" : FlatJSON.write(metrics.map { ($0.name, .number($0.value)) })
    }

    /// - Parameter kind: of a table with the columns of the members' present state.
    mutating func write(_ member: Member, of population: Int, as kind: RowKind) throws {
        let keys = keys(of: population)
        try begin(kind)
        add(population)
        add(member.id)
        add(member.hyperparameters, keys: keys)
        add(member.step)
        add(member.reports)
        add(member.considered)
        add(member.donor)
        add(member.latest, keys: keys)
        add(member.previous, keys: keys)
        add(member.isLost)
        add(member.isRemoved)
        add(member.isRescued)
        add(member.generation)
        add(member.standing?.rank)
        add(member.standing?.ranked)
        add(member.presence == .held)
        if case .away(let since) = member.presence { add(since) } else { add(nil as Int?) }
        add(ScoresText.write(member.scores))
        try run()
    }

    private mutating func add(_ state: CommittedState?, keys: JSONKeys) {
        add(state?.member)
        add(state?.report)
        add(state?.step)
        add(state?.score)
        add(state?.checkpoint)
        add(state?.hyperparameters, keys: keys)
    }

    private mutating func upsert(_ record: LeaseRecord) throws {
        try begin(.lease)
        add(record.row)
        add(record.population)
        add(record.member)
        add(record.worker)
        add(record.sequence)
        add(record.state.rawValue)
        add(blob: record.directive)
        add(Int(record.time))
        add(record.keeps)
        add(record.owner)
        add(Int(bitPattern: UInt(record.digest)))
        try run()
    }

    private func upsert(_ record: KeyRecord) throws {
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

    private mutating func insert(_ record: AnswerRecord) throws {
        try begin(.answer)
        add(blob: record.key)
        add(blob: record.reply)
        add(Int(record.time))
        add(Int(bitPattern: UInt(record.digest)))
        try run()
    }

    private mutating func upsert(_ record: ReleaseRecord) throws {
        try begin(.release)
        add(record.row)
        add(record.population)
        add(record.member)
        add(record.checkpoint)
        try run()
    }

    private mutating func delete(_ kind: RowKind, row: Int) throws {
        try begin(kind)
        add(row)
        try run()
    }

    private mutating func delete(_ kind: RowKind, key: [UInt8]) throws {
        try begin(kind)
        add(blob: key)
        try run()
    }

    func columns(
        _ state: CommittedState?, of population: Int
    ) -> [(any DatabaseValueConvertible)?] {
        [
            state?.member, state?.report, state?.step, state?.score, state?.checkpoint,
            state.map { json($0.hyperparameters, of: population) },
        ]
    }

    private func json(_ values: [Value], of population: Int) -> String {
        var bytes: [UInt8] = []
        FlatJSON.write(values, keys: keys(of: population), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The population was made before its events.
    private func keys(of population: Int) -> JSONKeys {
        guard let keys = names[population] else {
            preconditionFailure("values of population \(population), which is not there")
        }
        return keys
    }
}

/// What an event's row has beside its place, its member and its exploit.
private struct EventRow {
    var kind = EventKind.created
    var detail: String?
    var report: Int?
    var step: Int?
    var score: Double?
    var checkpoint: String?
    var declined: Bool?
    var standing: Standing?
    var recent: Standing?
    var verdict: Verdict?
    var generation: Int?
    var generationReported: Int?
    var hyperparameters: [Value]?
    var metrics: [Metric]?
    var fallback: String?
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
