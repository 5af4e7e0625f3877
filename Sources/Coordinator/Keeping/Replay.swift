import Evolution
import Journal
import Records

/// A population that is made again from its events, to be compared with what is stored of it.
struct Replay {
    let record: PopulationRecord
    /// What the events that were pruned led to.
    private let baseline: Baseline?
    /// The best state of the baseline is one of the reports that were kept.
    private var hasBaselineBest = false
    /// So are so many of the best states that it keeps.
    private var baselineArchived = 0
    private let stored: Specification
    private(set) var population: Population
    /// The workers that train members, as the events have it.
    private(set) var workers: [Int: String] = [:]
    /// An event could not be applied, so that nothing is known of what follows.
    private(set) var isBroken = false

    /// A population without members.
    ///
    /// - Parameters:
    ///   - specification: as it is now.
    ///   - first: what settings that were changed since had at first. Some say what is kept besides the
    ///     members' states.
    init(
        _ record: PopulationRecord, _ specification: Specification, first: SettingValues,
        _ baseline: Baseline? = nil
    ) {
        self.record = record
        self.baseline = baseline
        stored = specification
        var beginning = specification
        beginning.apply(first)
        population = Population(beginning)
    }

    private var name: String { record.name }

    /// - Returns: what speaks against this event.
    mutating func apply(_ record: EventRecord) -> [Fault] {
        guard !isBroken else { return [] }
        if let reason = population.refusal(of: record.event) {
            isBroken = true
            return [.unappliable(event: record.sequence, population: name, reason: reason)]
        }
        let faults = [donorFault(record), leaseFault(record)].compactMap(\.self)
        population.apply(record.event)
        return faults
    }

    // MARK: Events that were kept where others were pruned

    /// Applies an event that was kept. Reports and leases between those that were may be missing.
    mutating func applyKept(_ record: EventRecord) -> [Fault] {
        guard !isBroken else { return [] }
        if let reason = population.refusal(of: record.event, afterGaps: true) {
            isBroken = true
            return [.unappliable(event: record.sequence, population: name, reason: reason)]
        }
        let donorFault = donorFault(record)
        _ = leaseFault(record)
        population.apply(record.event)
        if let baseline, case .reported(let reported) = record.event.kind,
            let state = reported.state(of: record.event.member)
        {
            if let best = baseline.best, state.isSame(as: best) { hasBaselineBest = true }
            baselineArchived += baseline.archive.count { state.isSame(as: $0.state) }
        }
        return [donorFault].compactMap(\.self)
    }

    /// Goes on from the baseline, to which the events that were kept must have led.
    mutating func beginAtBaseline() -> [Fault] {
        guard !isBroken else { return [] }
        var differences = Differences(population: name, place: " in the baseline")
        let members = baseline?.members ?? []
        differences.compare(
            "the status", baseline?.status.rawValue ?? Population.Status.active.rawValue,
            population.status.rawValue)
        differences.compare("the number of exploits", baseline?.exploits ?? 0, population.exploits)
        differences.compare(
            "the number of reports", baseline?.reports ?? 0,
            population.members.reduce(0) { $0 + $1.reports })
        differences.compare(
            "the generation", baseline?.generation ?? population.generation?.number ?? 0,
            population.generation?.number ?? 0)
        differences.compare("the number of members", members.count, population.members.count)
        for (stored, replayed) in zip(members, population.members) {
            differences.compare(stored, replayed, afterGaps: true)
        }
        // When a best one was removed, the next was chosen among states of which some may be gone.
        if !hasBaselineBest || !population.members.contains(where: \.isRemoved) {
            differences.compare("the best state", baseline?.best, population.best)
        }
        // Which others there were depends on reports that are gone.
        differences.compare(
            "the number of the best states", baseline?.archive.count ?? 0, baselineArchived)
        // Nothing is known of what follows from another beginning.
        isBroken = !differences.faults.isEmpty
        guard !isBroken, let baseline else { return differences.faults }
        population = Population(
            population.specification, status: baseline.status, members: baseline.members,
            best: baseline.best, archive: baseline.archive, generation: baseline.generation,
            reports: baseline.reports, exploits: baseline.exploits)
        return []
    }

    // MARK: Events

    /// A donor is copied with its latest state, which is its own, or with one of the best states ever.
    /// What is decided as a generation closes is decided for all at once: who has copied by then had its
    /// own state before.
    private func donorFault(_ record: EventRecord) -> Fault? {
        guard let exploit = record.event.exploit, let member = record.event.member else {
            return nil
        }
        let donor = exploit.donor
        if population.members.indices.contains(donor.member), donor.member != member {
            let held = population.members[donor.member]
            let isOfGeneration = if case .exploited = record.event.kind { true } else { false }
            let state = isOfGeneration && held.isInherited ? held.previous : held.latest
            if let state, state.isSame(as: donor) { return nil }
            if population.archive.states.contains(where: { $0.state.isSame(as: donor) }) {
                return nil
            }
        }
        return .donor(
            event: record.sequence, population: name, member: member, donor: donor.member,
            report: donor.report)
    }

    private mutating func leaseFault(_ record: EventRecord) -> Fault? {
        guard let member = record.event.member else { return nil }
        let before = workers[member]
        let mustBeLeased: Bool
        switch record.event.kind {
        case .leased(let worker):
            workers[member] = worker
            mustBeLeased = false
        case .released:
            workers[member] = nil
            mustBeLeased = true
        case .reported, .declined: mustBeLeased = true
        case .removed: mustBeLeased = false
        case .created, .exploited, .paused, .resumed, .ended, .changed, .generationClosed:
            return nil
        }
        guard (before != nil) != mustBeLeased else { return nil }
        return .trained(
            event: record.sequence, population: name, member: member, isLeased: before != nil)
    }

    // MARK: What it led to

    /// What is stored otherwise than the events have it.
    func differences(
        members: [Member], counts: (reports: Int, exploits: Int)
    ) -> [Fault] {
        guard !isBroken else { return [] }
        let names = stored.space.hyperparameters.map(\.name)
        var differences = Differences(population: name)
        differences.compare("the status", record.status.rawValue, population.status.rawValue)
        differences.compare(
            "the list of hyperparameters", record.hyperparameters.joined(separator: ", "),
            names.joined(separator: ", "))
        differences.compare(stored, population.specification)
        differences.compare("the best state", record.best, population.best)
        differences.compare(record.archive, population.archive.states)
        differences.compare(
            "the open generation", record.generation, population.generation?.number ?? 0)
        differences.compare("the number of reports", counts.reports, population.reports)
        differences.compare("the number of exploits", counts.exploits, population.exploits)
        differences.compare("the number of members", members.count, population.members.count)
        for (stored, replayed) in zip(members, population.members) {
            differences.compare(stored, replayed)
        }
        return differences.faults
    }
}

extension Reported {
    /// The state that it committed; `nil` without a checkpoint.
    fileprivate func state(of member: Int?) -> CommittedState? {
        guard let member, let checkpoint else { return nil }
        return CommittedState(
            member: member, report: report, step: step, score: score,
            hyperparameters: hyperparameters, checkpoint: checkpoint)
    }
}
