import Evolution
import Foundation
import GRDB
import Records

// What stands in each row.
extension RowWriter {
    /// A change of anything but the present state. Of a population that is all but its state.
    ///
    /// - Returns: whether something of it, or of an event, waits in `recent`.
    mutating func write(_ change: Change) throws -> Bool {
        switch change {
        case .population(let record):
            if populations[record.id]?.differsOnlyInState(from: record) == true { return true }
            try upsert(record)
            populations[record.id] = record
            return true
        case .event(let record):
            try insert(record)
            return true
        case .member, .lease, .forgetLease, .release, .forgetRelease: return true
        case .answer(let record): try insert(record)
        case .forgetAnswer(let key): try delete(.forgottenAnswer, key: key)
        case .key(let record): try upsert(record)
        case .forgetKey(let publicKey): try delete(.forgottenKey, key: publicKey)
        }
        return false
    }

    /// Lets a batch's changes of the present state wait in `recent`.
    ///
    /// - Parameter firstEvent: the first event that waits with them.
    mutating func keep(_ changes: [Change], firstEvent: Int) throws {
        var writer = ChangeWriter()
        for index in changes.indices { writer.write(changes[index]) }
        try begin(.recent)
        add(firstEvent)
        writer.withBytes { add(blob: $0) }
        try run()
    }

    /// Writes changes of the present state to their tables, each in the order of its keys.
    ///
    /// - Parameters:
    ///   - isKept: Some of them wait in `recent`.
    ///   - places: the tables of events' places that there are.
    mutating func settle(
        _ recent: RecentChanges, isKept: Bool,
        places: [RowKind] = [.eventsOfMembers, .eventsOfPopulations]
    ) throws {
        for (_, state) in recent.populations.sorted(by: { $0.key < $1.key }) { try update(state) }
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
            for place in places {
                try begin(place)
                add(firstEvent)
                try run()
            }
        }
        if isKept { try run(.settled) }
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

    private mutating func update(_ state: PopulationState) throws {
        try begin(.population)
        add(state.status.rawValue)
        add(state.generation)
        add(state.best, keys: keys(of: state.id))
        add(state.id)
        try run()
        try delete(.forgottenArchive, row: state.id)
        try write(state.archive, of: state.id, as: .archived)
    }

    /// - Parameter kind: of a table with the columns of the states that are kept.
    mutating func write(
        _ archive: [ArchivedState], of population: Int, as kind: RowKind
    ) throws {
        for (place, archived) in zip(1..., archive) {
            try begin(kind)
            add(population)
            add(place)
            add(archived.copies)
            add(archived.state, keys: keys(of: population))
            try run()
        }
    }

    private mutating func insert(_ record: EventRecord) throws {
        let keys = keys(of: record.population)
        try begin(.event)
        add(record.sequence)
        add(Int(record.time))
        add(record.population)
        add(record.event.member)
        switch record.event.kind {
        case .created(let hyperparameters):
            add(kind: .created)
            add(hyperparameters, keys: keys, at: .hyperparameters)
        case .leased(let worker): add(kind: .leased, detail: worker)
        case .declined(let reason, let fallback):
            add(kind: .declined, detail: reason)
            if case .donor(let exploit) = fallback { add(exploit, keys: keys) }
            skip(to: .fallback)
            add(fallback.name)
        case .released(let reason): add(kind: .released, detail: reason.rawValue)
        case .removed: add(kind: .removed)
        case .paused: add(kind: .paused)
        case .resumed: add(kind: .resumed)
        case .ended(let ending): add(kind: .ended, detail: ending?.rawValue)
        case .changed(let before, let after):
            add(kind: .changed, detail: SettingsText.write(before: before, after: after))
        case .reported(let reported): add(reported, keys: keys)
        case .exploited(let exploited): add(exploited, keys: keys)
        case .generationClosed(let closed):
            add(kind: .generationClosed, detail: closed.isByDeadline ? EventKind.deadline : nil)
            skip(to: .generation)
            add(closed.generation)
            add(closed.reported)
        }
        skip(to: .end)
        try run()
    }

    private mutating func add(kind: EventKind, detail: String? = nil) {
        add(kind.rawValue)
        add(detail)
    }

    private mutating func add(_ reported: Reported, keys: JSONKeys) {
        add(kind: .reported)
        add(reported.report)
        add(reported.step)
        add(reported.score)
        add(reported.checkpoint)
        add(reported.hyperparameters, keys: keys, at: .hyperparameters)
        add(json(reported.metrics))
        add(reported.declined)
        add(reported.standing?.rank)
        add(reported.standing?.ranked)
        if let exploit = reported.exploit { add(exploit, keys: keys) }
        skip(to: .generation)
        add(reported.generation)
        skip(to: .place)
        add(reported.recent?.rank)
        add(reported.recent?.ranked)
        add(reported.verdict?.text)
    }

    private mutating func add(_ exploited: Exploited, keys: JSONKeys) {
        add(kind: .exploited)
        add(exploited.report)
        add(exploited.step)
        add(exploited.score)
        skip(to: .rank)
        add(exploited.standing.rank)
        add(exploited.standing.ranked)
        add(exploited.exploit, keys: keys)
        skip(to: .generation)
        add(exploited.generation)
        skip(to: .verdict)
        add(exploited.verdict?.text)
    }

    private mutating func add(_ exploit: Exploit, keys: JSONKeys) {
        skip(to: .donor)
        add(exploit.donor.member)
        add(exploit.donor.report)
        add(exploit.donor.step)
        add(exploit.donor.score)
        add(exploit.donor.checkpoint)
        add(exploit.donor.hyperparameters, keys: keys)
        add(exploit.explored, keys: keys)
        add(exploit.operations)
    }

    private mutating func add(_ values: [Value], keys: JSONKeys, at column: EventColumn) {
        skip(to: column)
        add(values, keys: keys)
    }

    private mutating func skip(to column: EventColumn) { skip(to: column.rawValue) }

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
        add(record.place)
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

/// Columns of an event's row after the first ones, by their numbers.
private enum EventColumn: CInt {
    case hyperparameters = 11
    case rank = 14
    case donor = 16
    case fallback = 24
    case generation = 25
    case place = 27
    case verdict = 29
    case end = 30
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
