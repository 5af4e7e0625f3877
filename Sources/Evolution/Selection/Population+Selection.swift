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

    /// Considers an exploit on a report that was just committed, in an asynchronous population.
    ///
    /// Where scores rise, a score that is fresh is compared with older ones and stands better than it
    /// should. So did those that the others had, when they were as fresh: a member copies when it
    /// stands worse than they did, and in the worse half besides (rule 3).
    ///
    /// - Parameter rank: where the member stands by its score.
    mutating func consider(_ reported: inout Reported, of id: Int, at rank: Int) {
        let standing = Standing(rank: rank, ranked: ranking.counting)
        standings.place(id, standingKey(of: members[id], standing))
        guard let place = standings.rank(of: id) else {
            preconditionFailure("Whoever counts has a standing.")
        }
        let recent =
            PlantedBug.scoresAloneDecide.isPlanted
            ? standing : Standing(rank: place, ranked: standings.count)
        reported.standing = standing
        reported.recent = recent
        guard specification.truncation.copies(at: standing, recent) else { return }
        reported.exploit = exploit(
            by: id, among: ranking.donors(before: id), report: reported.report)
    }

    /// The exploit of a member that copies, if there is someone to copy (rule 3).
    ///
    /// - Parameter eligible: how many members may be copied, the best ones.
    func exploit(by id: Int, among eligible: Int, report: Int) -> Exploit? {
        let donors = min(eligible, specification.truncation.donors(among: ranking.counting))
        guard donors > 0, let own = members[id].latest else { return nil }
        var draws = Draws(seed: specification.seed, member: id, report: report)
        let drawn = draws.below(donors)
        for turn in 0..<(isBehindRefused ? min(donors, Self.mostLooks) : 1) {
            let donor = ranking.donor(at: (drawn + turn) % donors + 1)
            guard let state = members[donor].latest else { return nil }
            if isBehindRefused, state.step < own.step { continue }
            let (explored, operations) = specification.explore(state.hyperparameters, &draws)
            return Exploit(donor: state, explored: explored, operations: operations)
        }
        return nil
    }

    /// While some member waits for a worker, a copy does not go back in steps: whoever has trained
    /// least is trained next, so what such a copy throws away would be trained again.
    private var isBehindRefused: Bool {
        generation == nil && tally.waiting > 0 && !PlantedBug.copiesGoBack.isPlanted
    }

    /// How many donors are looked at until one is not behind. Looking for it among all would be a scan.
    private static let mostLooks = 8

    /// What decides the member's place in the ranking.
    func key(of member: Member) -> Ranking.Key? {
        let ranksAsDonor = PlantedBug.copierRanksAsDonor.isPlanted && !member.isRemoved
        guard let measured = ranksAsDonor ? member.latest : member.measured else { return nil }
        let counts = evidence.counts(member.presence)
        let isOwn = !member.isInherited || PlantedBug.inheritedStateDonates.isPlanted
        return Ranking.Key(
            badness: specification.badness(of: measured.score),
            tie: specification.tie(of: member.id, report: measured.report),
            counts: counts,
            donates: counts && measured.score.isFinite && isOwn && !isFinished(member))
    }

    /// What decides the place of the member's standing among the others'. Of equal ones, which are
    /// many in a small population, the one with the worse score is worse.
    func standingKey(of member: Member, _ standing: Standing? = nil) -> Ranking.Key? {
        guard let standing = standing ?? member.standing, let measured = member.measured,
            evidence.counts(member.presence)
        else { return nil }
        return Ranking.Key(
            badness: (Double(standing.rank) - 0.5) / Double(standing.ranked),
            tie: Float(specification.badness(of: measured.score)).orderedBits, donates: false)
    }
}

extension Float {
    /// Bits that are ordered as the numbers are.
    fileprivate var orderedBits: UInt32 {
        self == 0 ? 1 << 31 : sign == .minus ? ~bitPattern : bitPattern | 1 << 31
    }
}

extension Specification {
    /// Less is better; +infinity stands for every score that is not finite.
    package func badness(of score: Double) -> Double {
        guard score.isFinite else { return .infinity }
        return objective == .maximize ? -score : score
    }

    /// What orders members with equal scores: the least is first.
    package func tie(of member: Int, report: Int) -> UInt32 {
        var draws = Draws(seed: seed, member: member, report: report, purpose: .tie)
        return UInt32(truncatingIfNeeded: draws.bits() >> 32)
    }
}
