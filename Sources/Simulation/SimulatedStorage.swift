import Coordinator
import Evolution
import Records

/// A journal in memory, whose disk fails as it is told to.
///
/// What is committed is on disk when the commit ends. Of a commit that did not end, all is on disk or
/// nothing.
final class SimulatedStorage: Storage {
    /// What becomes of a commit.
    enum Fate: Sendable {
        case durable
        /// It is refused, as by a disk that is full.
        case refused
        /// It is refused after it reached the disk: a crash before the next commit brings it back.
        case refusedLate
        /// The coordinator is killed before it reached the disk.
        case killedBefore
        /// The coordinator is killed after it reached the disk.
        case killedAfter
    }

    struct Tables: Sendable {
        var epoch: UInt64 = 0
        var populations: [PopulationRecord] = []
        var members: [[Member]] = []
        var leases: [UInt64: LeaseRecord] = [:]
        var releases: [UInt64: ReleaseRecord] = [:]
        /// What was ever released, by the sequence of the event that it came of.
        var released: [Int: Set<String>] = [:]
        var answers: [[UInt8]: AnswerRecord] = [:]
        var keys: [[UInt8]: KeyRecord] = [:]
        var events: [EventRecord] = []
    }

    private(set) var tables = Tables()
    /// What would be there besides after a crash now.
    private var late: [Change]?
    /// What becomes of the next `commit`.
    var fate = Fate.durable
    private(set) var isKilled = false
    /// Each batch that became durable, for who wants to know.
    var watch: (([Change]) -> Void)?

    let directory = "the simulated journal"
    var sequence: Int { tables.events.count }
    let pruned = 0

    /// What is being committed.
    private var underWay: [Change]?
    /// What nobody may do, and was done: to read while another thread commits.
    private(set) var misuse: String?

    func commit(_ changes: [Change]) throws(JournalError) {
        begin(changes)
        defer { fate = .durable }
        if let failure = end(fate) { throw failure }
    }

    func begin(_ changes: [Change]) {
        precondition(!isKilled, "who was killed writes no more")
        precondition(underWay == nil, "one commit ends before another begins")
        underWay = changes
    }

    /// - Returns: why the disk has none of it, as far as it says.
    func end(_ fate: Fate) -> JournalError? {
        guard let changes = underWay else { preconditionFailure("a commit begins, and then ends") }
        underWay = nil
        switch fate {
        case .durable:
            keep(changes)
            return nil
        case .refused:
            return .full(directory)
        case .refusedLate:
            late = changes
            return .failed(directory, reason: "the disk reports an error")
        case .killedBefore, .killedAfter:
            if fate == .killedAfter { keep(changes) }
            isKilled = true
            return .failed(directory, reason: "the coordinator was killed")
        }
    }

    private func keep(_ changes: [Change]) {
        apply(changes, to: &tables)
        late = nil
        watch?(changes)
    }

    /// Whatever wrote is gone; another one may.
    ///
    /// - Returns: whether a commit is there all the same that was refused, or had not ended.
    func recover(takingLate: Bool) -> Bool {
        isKilled = false
        fate = .durable
        defer { (late, underWay) = (nil, nil) }
        guard takingLate, let changes = underWay ?? late else { return false }
        keep(changes)
        return true
    }

    func beginEpoch() -> UInt64 {
        tables.epoch += 1
        return tables.epoch
    }

    private func apply(_ changes: [Change], to tables: inout Tables) {
        for change in changes {
            switch change {
            case .population(let record):
                if tables.populations.count == record.id {
                    tables.populations.append(record)
                    tables.members.append([])
                } else {
                    tables.populations[record.id] = record
                }
            case .event(let record):
                precondition(record.sequence == tables.events.count + 1, "events have no gaps")
                tables.events.append(record)
            case .member(let population, let member):
                if tables.members[population].count == member.id {
                    tables.members[population].append(member)
                } else {
                    tables.members[population][member.id] = member
                }
            case .lease(let record): tables.leases[record.token] = record
            case .forgetLease(let token): tables.leases[token] = nil
            case .answer(let record): tables.answers[record.key] = record
            case .forgetAnswer(let key): tables.answers[key] = nil
            case .release(let record):
                tables.releases[record.number] = record
                let event = Int(Core.event(ofRelease: record.number))
                tables.released[event, default: []].insert(record.checkpoint)
            case .forgetRelease(let number): tables.releases[number] = nil
            case .key(let record): tables.keys[record.publicKey] = record
            case .forgetKey(let publicKey): tables.keys[publicKey] = nil
            }
        }
    }

    // MARK: Reading

    private func noteReading() {
        if underWay != nil { misuse = "the journal is read while it commits" }
    }

    func populations() -> [PopulationRecord] {
        noteReading()
        return tables.populations
    }

    func members(of population: Int) -> [Member] { tables.members[population] }

    func counts(of population: Int) -> (reports: Int, exploits: Int) {
        let exploits = tables.events.count { record in
            record.population == population && record.event.exploit != nil
        }
        return (tables.members[population].reduce(0) { $0 + $1.reports }, exploits)
    }

    /// In the journal's order, whose integers have a sign.
    func leases() -> [LeaseRecord] {
        tables.leases.values.sorted {
            Int64(bitPattern: $0.token) < Int64(bitPattern: $1.token)
        }
    }

    func releases() -> [ReleaseRecord] { tables.releases.values.sorted { $0.number < $1.number } }

    func answers() -> [AnswerRecord] {
        tables.answers.values.sorted { left, right in
            left.time == right.time
                ? left.key.lexicographicallyPrecedes(right.key) : left.time < right.time
        }
    }

    func keys() -> [KeyRecord] {
        tables.keys.values.sorted { $0.publicKey.lexicographicallyPrecedes($1.publicKey) }
    }

    func events(
        of population: Int, after sequence: Int, member: Int?, limit: Int
    ) -> [EventRecord] {
        noteReading()
        let after = tables.events.dropFirst(sequence).lazy.filter {
            $0.population == population && (member == nil || $0.event.member == member)
        }
        return Array(after.prefix(limit))
    }

    func descent(
        of population: Int, after sequence: Int, limit: Int, lookingAt most: Int
    ) -> (events: [EventRecord], through: Int?) {
        var found: [EventRecord] = []
        let looked = events(of: population, after: sequence, member: nil, limit: most)
        for record in looked {
            guard let event = record.event.descent else { continue }
            found.append(record)
            found[found.count - 1].event = event
            if found.count == limit { return (found, record.sequence) }
        }
        return (found, looked.count < most ? nil : looked.last?.sequence)
    }

    func memberlessEvents(
        of population: Int, after sequence: Int, limit: Int
    ) -> [EventRecord] {
        noteReading()
        let after = tables.events.dropFirst(sequence).lazy.filter {
            $0.population == population && $0.event.member == nil
        }
        return Array(after.prefix(limit))
    }

    func lineage(of population: Int, member: Int, throughReport report: Int) -> [Event] {
        noteReading()
        var events: [Event] = []
        for record in tables.events {
            var event = record.event
            guard record.population == population, event.member == member else { continue }
            switch event.kind {
            case .declined, .exploited: events.append(event)
            case .reported(var reported):
                reported.metrics = []
                event.kind = .reported(reported)
                events.append(event)
                if reported.report == report { return events.reversed() }
            default: break
            }
        }
        return []
    }
}

extension Event {
    /// What it tells of who descends from whom; `nil` for nothing.
    fileprivate var descent: Event? {
        var event = self
        switch kind {
        case .created: event.kind = .created(hyperparameters: [])
        case .reported(var reported):
            reported.hyperparameters = []
            reported.metrics = []
            reported.verdict = nil
            reported.exploit = reported.exploit?.descent
            event.kind = .reported(reported)
        case .exploited(var exploited):
            exploited.verdict = nil
            exploited.exploit = exploited.exploit.descent
            event.kind = .exploited(exploited)
        case .declined(let reason, .donor(let exploit)):
            event.kind = .declined(reason: reason, fallback: .donor(exploit.descent))
        case .declined, .removed: break
        case .leased, .released, .paused, .resumed, .ended, .changed, .generationClosed: return nil
        }
        return event
    }
}

extension Exploit {
    fileprivate var descent: Exploit {
        var exploit = Exploit(donor: donor, explored: [], operations: [])
        exploit.donor.hyperparameters = []
        return exploit
    }
}
