/// A population that is told once more what it was told, and decides once more.
///
/// Decisions follow from the settings with their seed, and from what was told in which order. So the same
/// come again, bit for bit, on any machine. What a model proposed for copies was told too, by whatever thread
/// had the time, and is taken as it is recorded with them.
package struct Rerun: Sendable {
    package private(set) var population: Population
    /// How many were as they had been recorded.
    package private(set) var decisions = 0
    /// Reports of which a journal does not say why they led to what they did. They are not decided again.
    package private(set) var withoutReasons = 0
    /// What a generation that closed led to, as far as it has not come yet.
    private var expected: ArraySlice<Event> = []

    /// What was recorded, and what is decided now; `nil` for nothing.
    package struct Difference: Equatable, Sendable {
        package var recorded: Event?
        package var now: Event?
    }

    /// - Parameter population: as it was before the first event.
    package init(_ population: Population) {
        self.population = population
    }

    /// Follows an event, and decides on it where that was decided then.
    ///
    /// The event must be one that the population can apply.
    ///
    /// - Returns: what is decided otherwise. Nothing can be followed any more then.
    package mutating func follow(_ event: Event) -> Difference? {
        if case .exploited = event.kind {
            let now = expected.popFirst()
            population.apply(event)
            return compare(event, now?.withProposal(of: event))
        }
        if let missing = expected.first { return Difference(recorded: nil, now: missing) }
        population.take(event.proposal.map { [$0] } ?? [], kernel: GaussianProcess.Kernel())
        switch event.kind {
        case .created:
            let now = population.creation()
            population.apply(event)
            return compare(event, now)
        case .reported(let reported):
            guard reported.verdict != nil, let member = event.member else {
                withoutReasons += 1
                population.apply(event)
                return nil
            }
            return compare(event, population.report(Report(reported, of: member)))
        case .declined(let reason, _):
            guard let member = event.member else { break }
            return compare(event, population.decline(member, reason: reason))
        case .generationClosed(let closed):
            expected = population.closing(isByDeadline: closed.isByDeadline)[...]
            let now = expected.popFirst()
            population.apply(event)
            return compare(event, now)
        case .leased, .released, .removed, .exploited, .paused, .resumed, .ended, .changed: break
        }
        population.apply(event)
        return nil
    }

    /// What a generation led to that closed last, and was not recorded.
    package var missing: Difference? {
        expected.first.map { Difference(recorded: nil, now: $0) }
    }

    private mutating func compare(_ recorded: Event, _ now: Event?) -> Difference? {
        // A NaN equals nothing, and is written as every other.
        if recorded == now || now.map({ "\($0)" }) == "\(recorded)" {
            decisions += 1
            return nil
        }
        return Difference(recorded: recorded, now: now)
    }
}

extension Report {
    /// What was told with a report that was decided on.
    fileprivate init(_ reported: Reported, of member: Int) {
        self.init(
            member: member, step: reported.step, score: reported.score,
            checkpoint: reported.checkpoint)
        hyperparameters = reported.hyperparameters
        metrics = reported.metrics
        declined = reported.declined
    }
}

extension Event {
    /// What was proposed for the copy that it says; `nil` for nothing.
    fileprivate var proposal: Proposal? {
        guard let exploit else { return nil }
        switch kind {
        case .reported(let reported):
            return reported.verdict.flatMap(Proposal.Basis.init).map {
                Proposal(of: exploit.donor, values: exploit.explored, basis: $0)
            }
        case .declined:
            // A proposal of the donor's own values leaves them as they are.
            guard exploit.operations.allSatisfy({ $0 == .proposed || $0 == .kept }) else {
                return nil
            }
            let basis = Proposal.Basis(observations: 0, gain: 0, bound: 0)
            return Proposal(of: exploit.donor, values: exploit.explored, basis: basis)
        default: return nil
        }
    }

    /// As it would be with what was proposed for the copy that was recorded, when that is of the same state.
    fileprivate func withProposal(of recorded: Event) -> Event {
        guard case .exploited(var now) = kind, case .exploited(let then) = recorded.kind,
            let verdict = then.verdict, let basis = Proposal.Basis(verdict),
            now.exploit.donor == then.exploit.donor,
            let place = now.verdict?.facts.firstIndex(of: Proposal.Basis.missing[0])
        else { return self }
        now.exploit = Exploit(proposal: then.exploit.explored, for: now.exploit.donor)
        now.verdict?.facts.replaceSubrange(place...place, with: basis.facts)
        return Event(member: member, kind: .exploited(now))
    }
}

extension Proposal.Basis {
    /// As it was recorded; `nil` where nothing was proposed.
    fileprivate init?(_ verdict: Verdict) {
        guard let observations = verdict[Self.observationsFact], observations > 0,
            let count = Int(exactly: observations), let gain = verdict[Self.gainFact],
            let bound = verdict[Self.boundFact]
        else { return nil }
        self.init(observations: count, gain: gain, bound: bound)
    }
}
