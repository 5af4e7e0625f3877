/// The scores that members have of each step, in order.
///
/// It holds what the members' last own scores are, and nothing else; a score's place among those of its
/// step is found in O(log n).
struct StepScores: Sendable {
    private var steps: [Int: Scores] = [:]

    /// Those of one step.
    private struct Scores {
        var ranking = Ranking()
        /// Each member's number in the ranking, which begins anew in each step.
        var slots: [Int: Int] = [:]
        var free: [Int] = []
    }

    mutating func replace(
        _ before: OwnScores, by after: OwnScores, of member: Int, _ specification: Specification
    ) {
        if before == after { return }
        for step in Set(before.entries.map(\.step)) { place(nil, of: member, at: step) }
        // A step that was trained again counts by its last score.
        for entry in after.entries {
            place(specification.badness(of: entry.score), of: member, at: entry.step)
        }
    }

    private mutating func place(_ badness: Double?, of member: Int, at step: Int) {
        var scores = steps.removeValue(forKey: step) ?? Scores()
        defer { if !scores.slots.isEmpty { steps[step] = scores } }
        guard let badness else {
            guard let slot = scores.slots.removeValue(forKey: member) else { return }
            scores.ranking.place(slot, nil)
            scores.free.append(slot)
            return
        }
        let slot = scores.slots[member] ?? scores.free.popLast() ?? scores.slots.count
        scores.slots[member] = slot
        // Equal scores stand side by side whoever has them.
        scores.ranking.place(
            slot, Ranking.Key(badness: badness, tie: UInt32(member), donates: false))
    }

    /// Where the member's score of a step stands, from 0 for the best to 1.
    func place(of member: Int, at step: Int) -> Double? {
        guard let scores = steps[step], let slot = scores.slots[member],
            let rank = scores.ranking.rank(of: slot)
        else { return nil }
        return (Double(rank) - 0.5) / Double(scores.ranking.count)
    }
}
