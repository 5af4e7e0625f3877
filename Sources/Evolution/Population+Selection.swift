extension Population {
    /// Whether an exploit is considered on a report that was just committed (rules 2, 4 and 6).
    func isConsidered(_ reported: Reported, of member: Member) -> Bool {
        reported.checkpoint != nil
            && reported.step - member.considered >= specification.interval
            && mayCopy(at: reported.step)
    }

    /// Whether a member at this step may copy: it is neither too early nor too late.
    func mayCopy(at step: Int) -> Bool {
        step >= specification.burnIn && specification.maxSteps.map { step < $0 } ?? true
    }

    /// The exploit of a member at a rank, if it is among the worst and there is someone to copy
    /// (rule 3).
    func exploit(by id: Int, at rank: Int, report: Int) -> Exploit? {
        let ranked = ranking.count
        let copiers = specification.truncation.copiers(among: ranked)
        guard rank > ranked - copiers else { return nil }
        // Those before the worst all score at least as well as this one, and it is not one of
        // them; so what is left to ask is whether a state is finite and its member's own.
        let eligible = ranking.donors(among: ranked - copiers)
        let donors = min(eligible, specification.truncation.donors(among: ranked))
        guard donors > 0 else { return nil }
        var draws = Draws(seed: specification.seed, member: id, report: report)
        let donor = ranking.donor(at: draws.below(donors) + 1)
        guard let state = members[donor].latest else { return nil }
        let (explored, operations) = specification.explore(state.hyperparameters, &draws)
        return Exploit(donor: state, explored: explored, operations: operations)
    }

    /// What decides the member's place in the ranking.
    func key(of member: Member) -> Ranking.Key? {
        Ranking.Key(of: member, objective: specification.objective, seed: specification.seed)
    }
}

extension Ranking.Key {
    /// What decides a member's place (rules 1 and 2); `nil` when it has none.
    init?(of member: Member, objective: Objective, seed: UInt64) {
        guard !member.isRemoved, let score = member.latest?.score,
            let report = member.latest?.report
        else { return nil }
        let badness = objective == .maximize ? -score : score
        let isOwn = !member.isInherited || PlantedBug.inheritedStateDonates.isPlanted
        self.init(
            badness: score.isFinite ? badness : .infinity,
            tie: Draws.tie(seed: seed, member: member.id, report: report),
            donates: score.isFinite && isOwn)
    }
}

extension Specification {
    /// What orders members with equal scores: the least is first.
    package func tie(of member: Int, report: Int) -> UInt64 {
        Draws.tie(seed: seed, member: member, report: report)
    }
}

extension Draws {
    fileprivate static func tie(seed: UInt64, member: Int, report: Int) -> UInt64 {
        var draws = Draws(seed: seed, member: member, report: report, purpose: .tie)
        return draws.bits()
    }
}
