import Evolution

/// Whose measurements decide, and in which order: rules 1 to 3, by looking at everybody.
struct NaiveEvidence {
    let rules: Specification
    let members: [Member]
    let measurements: [Int: [NaiveReference.Measurement]]
    /// Those that count, best first.
    private(set) var ranked: [Int] = []
    private(set) var someoneWaits = false

    init(
        _ members: [Member], by rules: Specification, reports: Int,
        _ measurements: [Int: [NaiveReference.Measurement]]
    ) {
        self.measurements = measurements
        self.rules = rules
        self.members = members
        let there = members.filter { !$0.isRemoved }
        let remaining = there.count { !isFinished($0) }
        func isAway(_ member: Member, for most: Int) -> Bool {
            if case .away(let since) = member.presence { reports - since > most } else { false }
        }
        let gone = there.count { isAway($0, for: 3 * max(1, remaining)) }
        someoneWaits = there.contains {
            $0.presence == .waiting && $0.latest != nil && !isFinished($0)
        }
        ranked = there.filter { member in
            measured(member.id) != nil && !isAway(member, for: 3 * max(1, remaining - gone))
        }.map(\.id).sorted(by: isBetter)
    }

    /// With fewer nobody exploits.
    var mayCopy: Bool { ranked.count >= rules.minPopulationSize }

    func share(_ fraction: Double, of count: Int, _ rule: FloatingPointRoundingRule) -> Int {
        let share = fraction * Double(count) + (rule == .up ? -1e-9 : 1e-9)
        return max(1, Int(share.rounded(rule)))
    }

    /// What those of the ranked may be copied with that may be copied.
    func donors(among ranked: ArraySlice<Int>) -> [CommittedState] {
        ranked.compactMap { id in
            guard let state = members[id].latest, state.member == id, state.score.isFinite,
                !isFinished(members[id])
            else { return nil }
            return state
        }
    }

    /// Those that count and have a standing, the best one first.
    func sorted(by standings: [Int: Standing]) -> [Int] {
        func place(_ id: Int) -> (Double, Float, Int) {
            let standing = standings[id] ?? Standing(rank: 1, ranked: 1)
            return (
                (Double(standing.rank) - 0.5) / Double(standing.ranked),
                Float(rules.badness(of: measured(id)?.score ?? .nan)), id
            )
        }
        return ranked.filter { standings[$0] != nil }.sorted { place($0) < place($1) }
    }

    func measured(_ id: Int) -> CommittedState? {
        [members[id].latest, members[id].previous].compactMap(\.self).first { $0.member == id }
    }

    /// The last scores since the last copy, at most as many as are looked at.
    func scores(of id: Int) -> [Double] {
        let all = (measurements[id] ?? []).suffix(rules.window)
        return all.filter { $0.copies == all.last?.copies }.map(\.score)
    }

    private func isFinished(_ member: Member) -> Bool {
        rules.maxSteps.map { member.step >= $0 } ?? false
    }

    /// Rule 1, and rule 2 for those that are equal.
    private func isBetter(_ left: Int, _ right: Int) -> Bool {
        guard let one = measured(left), let other = measured(right) else { return false }
        let (a, b) = (badness(left, one.score), badness(right, other.score))
        if a != b { return a < b }
        return rules.tie(of: left, report: one.report) < rules.tie(of: right, report: other.report)
    }

    /// What a member is ranked by.
    private func badness(_ id: Int, _ score: Double) -> Double {
        switch type(of: rules.ranking).name {
        case MeanScore.name:
            // Of what was measured before the window none may be known when its state comes back.
            let scores = scores(of: id)
            return rules.badness(of: scores.isEmpty ? score : scores.mean)
        case ComparableStep.name:
            return score.isFinite ? measurements[id]?.last?.place ?? 0.5 : .infinity
        default: return rules.badness(of: score)
        }
    }
}

extension [Double] {
    /// Exact where the scores are whole numbers, as those of simulated workers are.
    var mean: Double { isEmpty ? .nan : reduce(0, +) / Double(count) }
}
