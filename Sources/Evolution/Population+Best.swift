// The best state ever, and the best ones, where those are copied too.
extension Population {
    func isBest(_ score: Double) -> Bool {
        guard score.isFinite else { return false }
        guard let best else { return true }
        return specification.isBetter(score, than: best.score)
    }

    mutating func keep(best state: CommittedState?) {
        checkpoints.replace(
            Checkpoints.Holding(latest: best?.checkpoint),
            by: Checkpoints.Holding(latest: state?.checkpoint))
        best = state
    }

    /// Chooses among what the members hold, and the archive: the one that was the best was removed, and
    /// what it committed does not count any more, or none was kept.
    mutating func chooseBest() {
        keep(best: nil)
        for state in heldStates + archive.states.map(\.state) where isBest(state.score) {
            keep(best: state)
        }
    }

    /// What the members have, or may fall back to, of those that were not removed.
    private var heldStates: [CommittedState] {
        members.flatMap(\.states).filter { !members[$0.member].isRemoved }
    }

    mutating func addToArchive(_ state: CommittedState) {
        guard let most = strategies.archive else { return }
        let specification = specification
        changeArchive { $0.add(state, keeping: most, by: specification) }
    }

    /// One that begins has what is there.
    mutating func adjustArchive(hadOne: Bool) {
        guard let most = strategies.archive else {
            return changeArchive { $0 = StateArchive() }
        }
        changeArchive { $0.keep(most) }
        if !hadOne { for state in heldStates + [best].compactMap(\.self) { addToArchive(state) } }
    }

    /// The only place where it changes: it keeps the held checkpoints in step.
    mutating func changeArchive(_ change: (inout StateArchive) -> Void) {
        let before = archive.states
        change(&archive)
        guard archive.states != before else { return }
        checkpoints.replace(
            before.map(\.state.checkpoint), by: archive.states.map(\.state.checkpoint))
    }
}
