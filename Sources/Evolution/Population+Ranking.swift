extension Population {
    /// What decides the member's place in decisions.
    func key(of member: Member) -> Ranking.Key? {
        let ranksAsDonor =
            Hooks.present.ranksCopiersAsDonors && !member.isRemoved && member.measured != nil
        guard let measured = ranksAsDonor ? member.latest : member.measured else { return nil }
        let counts = evidence.counts(member.presence)
        let isOwn = !member.isInherited || Hooks.present.letsInheritedDonate
        return Ranking.Key(
            badness: strategies.ranking.badness(
                of: measured, member.scores, by: specification),
            tie: specification.tie(of: member.id, report: measured.report),
            counts: counts,
            donates: counts && measured.score.isFinite && isOwn && !isFinished(member))
    }

    /// What decides the member's place on the leaderboard, where that is another one.
    func boardKey(of member: Member) -> Ranking.Key? {
        member.measured.map { measured in
            Ranking.Key(
                badness: specification.badness(of: measured.score),
                tie: specification.tie(of: member.id, report: measured.report), donates: false)
        }
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

/// A population's rules, with their parameters.
struct Strategies: Sendable {
    let selection: any SelectionRule
    let selectionName: String
    let ranking: any RankingRule
    let rankingName: String
    let exploration: any ExplorationRule
    /// It takes proposals, which are worked out elsewhere.
    let takesProposals: Bool
    /// The selection, where it divides the members among islands.
    let islands: Islands?
    /// How many of the best states ever are kept, where they are copied.
    let archive: Int?
    let gap: MinimumGap
    /// How many of a member's last own scores are looked at.
    let window: Int
    /// How many of them are kept with each member; 0 where the last one is enough.
    let kept: Int

    init(_ specification: Specification) {
        selection = specification.selection
        selectionName = type(of: selection).name
        islands = selection as? Islands
        archive = (selection as? ArchiveSelection)?.size
        ranking = specification.ranking
        rankingName = type(of: ranking).name
        exploration = specification.exploration
        takesProposals = exploration is PB2
        gap = MinimumGap(specification)
        window = max(selection.scores, ranking.scores)
        let looked = ranking.comparesSteps || window > 1 ? window : 0
        kept = max(looked, specification.plateau ?? 0)
    }

    /// The leaderboard's order decides.
    var ranksAsBoard: Bool { rankingName == LatestScore.name }
}
