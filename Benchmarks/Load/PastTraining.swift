import Coordinator
import Evolution
import Foundation
import Journal
import Messages
import Records

/// Writes what would be in a journal after months of training: as many workers as there are leases
/// report ten times for a member each, and then are given others.
final class PastTraining {
    private let journal: Journal
    private var training: SyntheticPopulation
    private let leases: Int
    private let size: Int
    private var changes: [Change] = []
    private var sequence = 0
    private var time = 0.0
    /// Milliseconds between two events.
    private var pace = 0.0
    private let created: Int64
    /// The members that are trained now, and the last report of each.
    private var team: Range<Int> = 0..<0
    private var lastReports: [Int: Reported] = [:]
    private var reportsOfEach = 0

    private static let worker = "bench"
    private static let batch = 10_000
    private static let reportsOfLease = 10
    private static let workers = 512
    /// Of the reports.
    private static let exploits = 0.15
    private static let duration = 90.0 * 86_400_000

    init(directory: String, members: Int, leases: Int) throws {
        training = try SyntheticPopulation(size: members, divergence: Self.exploits)
        size = members
        self.leases = leases
        time = Date().timeIntervalSince1970 * 1000 - Self.duration
        created = Int64(time)
        journal = try Journal(directory: directory, access: .write)
    }

    func write(events: Int) throws -> WriteJournal.Outcome {
        pace = Self.duration / Double(events)
        changes.append(.population(record))
        for _ in 0..<size { try add(training.addMember()) }
        while sequence < events { try trainNextTeam(until: events) }
        if leases == 0 { try release(because: .left) }
        try writeState()
        var outcome = WriteJournal.Outcome()
        outcome.members = size
        outcome.events = sequence
        outcome.reports = training.population.reports
        outcome.exploits = training.population.exploits
        outcome.leases = leases
        guard journal.sequence == sequence else {
            throw LoadError(
                "The journal ends at \(journal.sequence), and \(sequence) were written.")
        }
        return outcome
    }

    private var record: PopulationRecord {
        var record = PopulationRecord(
            id: 0, name: SyntheticPopulation.name,
            specification: SpaceFile.render(training.specification),
            hyperparameters: training.specification.space.hyperparameters.map(\.name),
            created: created)
        record.best = training.population.best
        return record
    }

    // MARK: Events

    private func add(_ event: Event) throws {
        sequence += 1
        time += pace
        changes.append(
            .event(EventRecord(sequence: sequence, population: 0, time: Int64(time), event: event)))
        if changes.count >= Self.batch { try commit() }
    }

    private func commit() throws {
        try journal.commit(changes)
        changes.removeAll(keepingCapacity: true)
    }

    private func trainNextTeam(until last: Int) throws {
        try release(because: .switched)
        let first = team.upperBound == size ? 0 : team.upperBound
        // A team is whole, so that as many leases are live at the end as there should be.
        let count = leases == 0 ? min(Self.workers, size) : leases
        team = min(first, size - count)..<(min(first, size - count) + count)
        for member in team {
            let event = Event(member: member, kind: .leased(worker: Self.worker))
            training.apply(event)
            try add(event)
        }
        reportsOfEach = 0
        lastReports = [:]
        while reportsOfEach < Self.reportsOfLease, sequence < last {
            for member in team {
                let event = training.report(for: member)
                if case .reported(let reported) = event.kind { lastReports[member] = reported }
                try add(event)
            }
            reportsOfEach += 1
        }
    }

    private func release(because reason: ReleaseReason) throws {
        for member in team {
            let event = Event(member: member, kind: .released(reason))
            training.apply(event)
            try add(event)
        }
        if reason == .left { team = 0..<0 }
    }

    // MARK: What the events lead to

    private func writeState() throws {
        try commit()
        for member in training.population.members {
            changes.append(.member(population: 0, member))
            if changes.count >= Self.batch { try commit() }
        }
        for member in team { changes.append(.lease(lease(of: member))) }
        changes.append(.population(record))
        try commit()
        try journal.settle()
    }

    private func lease(of member: Int) -> LeaseRecord {
        var directive = WireDirective()
        directive.outcome = .continue(WireContinue())
        if let exploit = lastReports[member]?.exploit {
            directive.outcome = .exploit(WireExploit(exploit, space: training.specification.space))
        }
        var same = WireSame()
        same.targetStep = UInt64(training.population.targetStep(of: member))
        directive.assignment = .same(same)
        // A token is never 0.
        return LeaseRecord(
            token: training.draw() | 1, population: 0, member: member, worker: Self.worker,
            sequence: reportsOfEach, state: .live,
            directive: reportsOfEach == 0 ? [] : directive.bytes, time: Int64(time))
    }
}
