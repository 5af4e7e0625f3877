extension Population {
    /// Decides on a report that was just committed, in an asynchronous population.
    mutating func decide(_ reported: inout Reported, of id: Int) {
        if let verdict = hindrance(of: reported, of: members[id]) {
            reported.verdict = verdict
            return
        }
        guard let rank = ranking.countingRank(of: id), let state = members[id].latest else {
            return
        }
        let standing = Standing(rank: rank, ranked: ranking.counting)
        stand(id, at: standing)
        guard let place = standings.rank(of: id) else {
            preconditionFailure("Whoever counts has a standing.")
        }
        let recent =
            Hooks.present.decidesByScoresAlone
            ? standing : Standing(rank: place, ranked: standings.count)
        reported.standing = standing
        reported.recent = recent
        let candidate = Candidate(member: id, state: state, standing: standing, recent: recent)
        (reported.verdict, reported.exploit) = decide(on: candidate)
    }

    /// Decides on a member that may exploit.
    func decide(on candidate: Candidate) -> (Verdict, Exploit?) {
        guard candidate.standing.ranked >= specification.minPopulationSize else {
            let least = Verdict.Fact("min_population_size", specification.minPopulationSize)
            return (Verdict(outcome: Verdict.tooFewRanked, facts: [least]), nil)
        }
        var draws = Draws(
            seed: specification.seed, member: candidate.member, report: candidate.state.report)
        var choice = strategies.selection.choose(for: candidate, in: self, &draws)
        choice = strategies.gap.check(choice, for: candidate, in: self)
        var verdict = Verdict(
            rule: strategies.selectionName, ranking: strategies.rankingName,
            outcome: choice.outcome, facts: choice.facts)
        guard let state = choice.state(in: self) else { return (verdict, nil) }
        if choice.inheritance == .explored { verdict.facts += proposalFacts(of: state) }
        return (verdict, exploit(of: state, choice.inheritance, &draws))
    }

    private func exploit(
        of state: CommittedState, _ inheritance: Choice.Inheritance, _ draws: inout Draws
    ) -> Exploit {
        switch inheritance {
        case .explored: return exploit(of: state, &draws)
        case .unchanged: return Exploit(takenOver: state, with: state.hyperparameters)
        case .local(let values): return Exploit(takenOver: state, with: values)
        }
    }

    /// A donor's state taken over, and explored around.
    func exploit(of state: CommittedState, _ draws: inout Draws) -> Exploit {
        if let proposal = proposal(of: state) {
            return Exploit(proposal: proposal.values, for: state)
        }
        let space = specification.space
        let (explored, operations) = space.explored(from: state.hyperparameters) {
            strategies.exploration.explore(state.hyperparameters, in: space, &draws)
        }
        return Exploit(donor: state, explored: explored, operations: operations)
    }

    /// Why no exploit is considered on a report that was just committed (rules 2, 4 and 6).
    func hindrance(of reported: Reported, of member: Member) -> Verdict? {
        if reported.checkpoint == nil { return Verdict(outcome: Verdict.historyOnly) }
        if let last = specification.maxSteps, reported.step >= last {
            return Verdict(outcome: Verdict.finished, facts: [Verdict.Fact("max_steps", last)])
        }
        if !specification.schedule.isEmpty { return Verdict(outcome: Verdict.scheduled) }
        if reported.step < specification.burnIn {
            let burnIn = Verdict.Fact("burn_in", specification.burnIn)
            return Verdict(outcome: Verdict.beforeBurnIn, facts: [burnIn])
        }
        let steps = reported.step - member.considered
        let interval = interval(of: member.id)
        if steps >= interval { return nil }
        return Verdict(
            outcome: Verdict.tooSoon,
            facts: [
                Verdict.Fact("steps", steps), Verdict.Fact("since", member.considered),
                Verdict.Fact("interval", interval),
            ])
    }

    /// Steps between two decisions on a member at its reports, at the least.
    package func interval(of member: Int) -> Int {
        // A generation is one interval long for all, and islands count generations.
        guard generation == nil, let islands = strategies.islands else {
            return specification.interval
        }
        return specification.interval * islands.frequency(of: member)
    }

    /// Whether a member at this step may copy: it is neither too early nor too late.
    func mayCopy(at step: Int) -> Bool {
        step >= specification.burnIn && specification.maxSteps.map { step < $0 } ?? true
    }

    // MARK: - What rules see

    /// How many members that may be copied are ranked before the member.
    package func donors(before member: Int) -> Int { ranking.donors(before: member) }

    /// How many members that may be copied are ranked before a rank of those that count.
    package func donors(beforeRank rank: Int) -> Int {
        rank > ranking.counting
            ? ranking.donors : ranking.donors(before: ranking.member(atCounting: rank))
    }

    /// One of the best of the members that may be copied; `nil` when there is none that the candidate
    /// may copy.
    package func donor(of candidate: Candidate, among best: Int, _ draws: inout Draws) -> Int? {
        donor(of: candidate, among: best, &draws) { ranking.donor(at: $0 + 1) }
    }

    /// One of so many members, drawn; `nil` when there is none that the candidate may copy.
    ///
    /// - Parameter member: the one at a place, of which 0 is the best one's.
    func donor(
        of candidate: Candidate, among best: Int, _ draws: inout Draws, at member: (Int) -> Int
    ) -> Int? {
        if best <= 0 { return nil }
        let drawn = draws.below(best)
        // Members that are as good as each other are side by side: if one is behind, the next is taken.
        for turn in 0..<(isBehindRefused ? min(best, Self.mostLooks) : 1) {
            let donor = member((drawn + turn) % best)
            if mayBeCopied(donor, by: candidate) { return donor }
        }
        return nil
    }

    /// Another member that may be copied, each as likely, better or not; `nil` when none is found that
    /// the candidate may copy.
    package func opponent(of candidate: Candidate, _ draws: inout Draws) -> Int? {
        let before = ranking.donors(before: candidate.member)
        let isOne = before < ranking.donors && ranking.donor(at: before + 1) == candidate.member
        let others = ranking.donors - (isOne ? 1 : 0)
        if others == 0 { return nil }
        for _ in 0..<(isBehindRefused ? Self.mostLooks : 1) {
            let drawn = draws.below(others)
            let opponent = ranking.donor(at: drawn + (isOne && drawn >= before ? 2 : 1))
            if mayBeCopied(opponent, by: candidate) { return opponent }
        }
        return nil
    }

    /// Whether a member is ranked before another one. Both must count.
    package func isBetter(_ member: Int, than other: Int) -> Bool {
        guard let one = ranking.rank(of: member), let two = ranking.rank(of: other) else {
            return false
        }
        return one < two
    }

    /// The member's last own scores since it copied last, as many as the rules look at.
    package func scores(of member: Int) -> [Double] {
        members[member].scores.fresh.suffix(strategies.window).map(\.score)
    }

    /// While some member waits for a worker, a copy does not go back in steps: whoever has trained
    /// least is trained next, so what such a copy throws away would be trained again.
    private var isBehindRefused: Bool {
        generation == nil && tally.waiting > 0 && !Hooks.present.letsCopiesGoBack
    }

    private func mayBeCopied(_ donor: Int, by candidate: Candidate) -> Bool {
        guard let state = members[donor].latest else { return false }
        return !isBehindRefused || state.step >= candidate.state.step
    }

    /// How many donors are looked at until one is not behind. Looking for it among all would be a scan.
    private static let mostLooks = 8
}

extension Specification {
    /// Less is better; +infinity stands for every score that is not finite.
    package func badness(of score: Double) -> Double {
        guard score.isFinite else { return .infinity }
        return objective == .maximize ? -score : score
    }

    package func isBetter(_ score: Double, than other: Double) -> Bool {
        badness(of: score) < badness(of: other)
    }

    /// What orders members with equal scores: the least is first.
    package func tie(of member: Int, report: Int) -> UInt32 {
        var draws = Draws(seed: seed, member: member, report: report, purpose: .tie)
        return UInt32(truncatingIfNeeded: draws.bits() >> 32)
    }
}
