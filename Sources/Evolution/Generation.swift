/// The open generation of a synchronous population, and how far it is.
package struct Generation: Hashable, Sendable {
    /// From 1.
    package private(set) var number = 1
    /// Members that have reported for it. Those that were removed do not count.
    package private(set) var reported = 0
    /// Members that are still to report for it: neither removed nor finished.
    package private(set) var awaited = 0

    /// Begins to count, for the generation of this number.
    mutating func open(_ number: Int) {
        self.number = max(1, number)
        reported = 0
        awaited = 0
    }

    mutating func add(_ member: Member, isFinished: Bool) { count(member, isFinished, 1) }

    mutating func remove(_ member: Member, isFinished: Bool) { count(member, isFinished, -1) }

    private mutating func count(_ member: Member, _ isFinished: Bool, _ one: Int) {
        guard !member.isRemoved else { return }
        if member.generation == number {
            reported += one
        } else if !isFinished {
            awaited += one
        }
    }
}

extension Population {
    /// Whether a report that was just committed counts for the open generation: it ends the
    /// member's interval, or all of its training. Others are history, and progress.
    func counts(_ reported: Reported, of member: Member) -> Bool {
        reported.checkpoint != nil
            && (reported.step - member.considered >= specification.interval
                || specification.maxSteps.map { reported.step >= $0 } ?? false)
    }

    /// Whether the member has reported for the open generation, and is not trained before that
    /// closes.
    package func hasReported(_ member: Int) -> Bool {
        generation.map { members[member].generation == $0.number } ?? false
    }

    /// Members that the open generation need not wait for: they have reported for it, or have
    /// finished.
    package var notAwaited: Int { tally.members - (generation?.awaited ?? 0) }

    /// Whether there is something to train of the member now.
    package func isToTrain(_ member: Int) -> Bool {
        !members[member].isRemoved && !isFinished(member) && !hasReported(member)
    }

    /// What closes the open generation: that it is closed, and who copies whom (rule 3). Nothing
    /// while nobody has reported for it.
    ///
    /// All of it is decided on the ranking as it is now, and nothing changes before the events are
    /// applied, in their order. Only members that reported for the generation copy; whoever has a
    /// committed state is ranked, and may be copied.
    ///
    /// Costs O(log n) for each of those that may copy.
    package func closing(isByDeadline: Bool = false) -> [Event] {
        guard let generation, generation.reported > 0 else { return [] }
        let closed = GenerationClosed(
            generation: generation.number, reported: generation.reported,
            isByDeadline: isByDeadline)
        let candidates = strategies.selection.candidates(closing: self)
        var proposing = self
        let exploits = candidates.compactMap { candidate -> Event? in
            let (verdict, exploit) = proposing.decide(on: candidate)
            guard let exploit else { return nil }
            // What is proposed for a state is for one copy of it.
            proposing.proposing?.useUp(for: exploit.donor)
            let state = candidate.state
            let exploited = Exploited(
                generation: generation.number, report: state.report, step: state.step,
                score: state.score, standing: candidate.standing, verdict: verdict,
                exploit: exploit)
            return Event(member: candidate.member, kind: .exploited(exploited))
        }
        return [Event(kind: .generationClosed(closed))] + exploits
    }

    /// The last members of the ranking, in its order.
    func worst(_ count: Int) -> [Int] {
        let ranked = ranking.counting
        return (ranked - count + 1..<ranked + 1).map { ranking.member(atCounting: $0) }
    }

    /// The member as one that may copy when the open generation closes; `nil` when it may not.
    func candidate(closing id: Int) -> Candidate? {
        guard hasReported(id), let state = members[id].latest, state.member == id,
            mayCopy(at: state.step), let rank = ranking.countingRank(of: id)
        else { return nil }
        let standing = Standing(rank: rank, ranked: ranking.counting)
        return Candidate(member: id, state: state, standing: standing)
    }
}
