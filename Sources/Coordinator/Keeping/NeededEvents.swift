import Evolution
import Records

/// Which of a population's events are needed to tell who descends from whom, and why.
///
/// A report may go when the line of descent only runs through it: from a report of the same member
/// to the next one, trained with the same hyperparameters, copied by nobody, and nothing that a
/// member has or could go back to. What is left then leads through the same code to the same
/// schedules, the same tree and the same sentences. Of leases, only what each member's last ones say
/// of it is needed. Whatever is of another kind stays.
///
/// It keeps about 40 bytes for each report.
struct NeededEvents {
    private var reports: [Report] = []
    private var trails: [Trail] = []
    /// Sequences of events that stay, and are no reports.
    private var others: [Int] = []

    private static let none: Int32 = -1

    private struct Report {
        let sequence: Int
        let member: Int32
        /// The report of the state that it was trained from.
        var base = NeededEvents.none
        /// The last one before it at which an exploit was considered.
        var considered = NeededEvents.none
        /// How many states were trained from its own.
        var followers: Int32 = 0
        /// It has a checkpoint.
        var isState = false
        /// Another member copied its state.
        var isCopied = false
        var isNeeded = false
        /// Why no exploit was considered at it depends on when one was before.
        var isIdle = false
    }

    private struct Trail {
        /// By the reports' numbers, from 1.
        var places: [Int32] = []
        var last = NeededEvents.none
        var considered = NeededEvents.none
        var leased: Int?
        var released: Int?
    }

    /// Takes in an event, oldest first.
    ///
    /// - Parameters:
    ///   - before: The member that it happened to, as it was.
    ///   - after: The same member, as it is then.
    mutating func add(_ record: EventRecord, before: Member?, after: Member?) {
        guard let after else { return others.append(record.sequence) }
        while trails.count <= after.id { trails.append(Trail()) }
        switch record.event.kind {
        case .leased: trails[after.id].leased = record.sequence
        case .released: trails[after.id].released = record.sequence
        case .reported(let reported):
            guard let before else { preconditionFailure("Who reports was there before.") }
            add(reported, at: record.sequence, before)
        case .created, .declined, .removed, .exploited, .generationClosed, .paused, .resumed,
            .ended, .changed:
            others.append(record.sequence)
            need(before)
            need(after)
        }
        if after.isInherited, let donor = after.latest {
            need(donor)
            let place = place(of: donor)
            if place != Self.none { reports[Int(place)].isCopied = true }
        }
    }

    private mutating func add(_ reported: Reported, at sequence: Int, _ before: Member) {
        let id = before.id
        var committed = before
        committed.commit(reported)
        let place = Int32(reports.count)
        var report = Report(sequence: sequence, member: Int32(id))
        report.considered = trails[id].considered
        report.isState = reported.checkpoint != nil
        let isConsidered = reported.standing != nil || reported.generation != nil
        report.isIdle = report.isState && !isConsidered
        // The first one after an exploit says what became of that.
        report.isNeeded =
            trails[id].last == Self.none || before.isInherited || reported.exploit != nil
        if reported.declined { need(before) }
        if report.isState, let base = committed.previous {
            report.base = self.place(of: base)
            if report.base != Self.none {
                reports[Int(report.base)].followers += 1
                if base.hyperparameters != reported.hyperparameters { need(base) }
                if reported.step < base.step {
                    // Steps that went back belong to no stretch of the schedule.
                    report.isNeeded = true
                    need(base)
                }
            }
        }
        if reported.hyperparameters != before.hyperparameters {
            // Who trained it set something else than what it was to train with.
            report.isNeeded = true
            if trails[id].last != Self.none { reports[Int(trails[id].last)].isNeeded = true }
        }
        reports.append(report)
        while trails[id].places.count < reported.report { trails[id].places.append(Self.none) }
        trails[id].places[reported.report - 1] = place
        trails[id].last = place
        if isConsidered { trails[id].considered = place }
    }

    /// The sequences of the events that stay when all so far are pruned.
    ///
    /// - Parameter population: As it is after them.
    mutating func sequences(of population: Population) -> [Int] {
        for member in population.members { need(member) }
        if let best = population.best { need(best) }
        for archived in population.archive.states {
            need(archived.state)
            // It may be copied later, and what its member trained it on to then begins a stretch.
            let place = place(of: archived.state)
            if place != Self.none { reports[Int(place)].isCopied = true }
        }
        for trail in trails {
            for place in [trail.last, trail.considered] where place != Self.none {
                reports[Int(place)].isNeeded = true
            }
            others += [trail.leased, trail.released].compactMap(\.self)
        }
        var sequences = others
        for place in reports.indices.reversed() {
            guard isKept(reports[place]) else { continue }
            sequences.append(reports[place].sequence)
            let considered = reports[place].considered
            // Older ones are looked at later.
            if reports[place].isIdle, considered != Self.none {
                reports[Int(considered)].isNeeded = true
            }
        }
        return sequences
    }

    /// The first state of a stretch stays with its last one, so that stretches keep their order.
    private func isKept(_ report: Report) -> Bool {
        guard report.isState, !report.isNeeded else { return report.isNeeded }
        guard report.followers == 1, report.base != Self.none else { return true }
        let base = reports[Int(report.base)]
        return base.member != report.member || base.followers != 1 || base.isCopied
    }

    private mutating func need(_ member: Member?) {
        guard let member else { return }
        for state in [member.latest, member.previous].compactMap(\.self) { need(state) }
    }

    private mutating func need(_ state: CommittedState) {
        let place = place(of: state)
        if place != Self.none { reports[Int(place)].isNeeded = true }
    }

    private func place(of state: CommittedState) -> Int32 {
        guard trails.indices.contains(state.member) else { return Self.none }
        let places = trails[state.member].places
        return places.indices.contains(state.report - 1) ? places[state.report - 1] : Self.none
    }
}
