extension Population {
    /// What a member goes on from whose state cannot be loaded: the state before it, else a donor's,
    /// else the start.
    ///
    /// A donor's state has none before it, and is not replaced by another one's. So whoever can load
    /// nothing at all is at the start after three declines.
    func fallback(of id: Int) -> Fallback {
        let member = members[id]
        if member.previous != nil { return .previous }
        guard let lost = member.latest, !member.isRescued, let exploit = rescue(id, from: lost)
        else { return .start }
        return .donor(exploit)
    }

    /// The exploit of a member that lost its own state, if there is anybody to copy. It copies one
    /// of as many as rule 3 has donors, but whatever it scored itself and however few there are.
    private func rescue(_ id: Int, from lost: CommittedState) -> Exploit? {
        // Whoever has nothing but a donor's state is not ranked.
        let rank = ranking.rank(of: id)
        let better = rank.map { ranking.donors(among: $0 - 1) } ?? 0
        let itself = rank.map { ranking.donors(among: $0) - better } ?? 0
        let others = ranking.donors - itself
        guard others > 0 else { return nil }
        let best = min(others, Truncation(specification).donors(among: ranking.counting))
        var draws = Draws(
            seed: specification.seed, member: id, report: members[id].reports, purpose: .rescue)
        let drawn = draws.below(best)
        // Whoever has the lost address too, by a mistake, is passed over: first for the others of
        // the best, then for those after them.
        for turn in 0..<others {
            let index = turn < best ? (drawn + turn) % best : turn
            let donor = ranking.donor(at: index + 1 + (index < better ? 0 : itself))
            guard let state = members[donor].latest, state.checkpoint != lost.checkpoint else {
                continue
            }
            return exploit(of: state, &draws)
        }
        return nil
    }
}
