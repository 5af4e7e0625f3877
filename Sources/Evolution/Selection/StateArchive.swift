/// The best states ever, the best one first: at most one of each member, so that they are not one
/// line of descent several times.
package struct StateArchive: Hashable, Sendable {
    package private(set) var states: [ArchivedState] = []

    /// No more are kept. With one event all of them may be let go, and each release has a number.
    package static let most = 12

    package init(_ states: [ArchivedState] = []) { self.states = states }

    package subscript(state: CommittedState) -> ArchivedState? {
        states.first { $0.isOf(state) }
    }

    /// Adds a state, where it is better than its member's and than the last one of so many.
    mutating func add(_ state: CommittedState, keeping most: Int, by specification: Specification) {
        guard state.score.isFinite else { return }
        if let own = states.firstIndex(where: { $0.state.member == state.member }) {
            guard specification.isBetter(state.score, than: states[own].state.score) else { return }
            states.remove(at: own)
        } else if states.count >= most {
            guard let last = states.last,
                specification.isBetter(state.score, than: last.state.score)
            else { return }
        }
        // Of equal ones the first that came is first.
        let place = states.firstIndex { specification.isBetter(state.score, than: $0.state.score) }
        states.insert(ArchivedState(state), at: place ?? states.count)
        keep(most)
    }

    /// Keeps the best ones, so many at most.
    mutating func keep(_ most: Int) { states = Array(states.prefix(most)) }

    mutating func remove(of member: Int) { states.removeAll { $0.state.member == member } }

    mutating func noteCopy(of state: CommittedState) {
        guard let place = states.firstIndex(where: { $0.isOf(state) }) else { return }
        states[place].copies += 1
    }
}

/// One of the best states ever.
package struct ArchivedState: Hashable, Sendable {
    package var state: CommittedState
    /// How often it was copied since it is kept.
    package var copies: Int

    package init(_ state: CommittedState, copies: Int = 0) {
        self.state = state
        self.copies = copies
    }

    func isOf(_ state: CommittedState) -> Bool {
        (self.state.member, self.state.report) == (state.member, state.report)
    }
}

extension Population {
    /// The best states ever that a candidate may copy, by their places in the archive: of others, that
    /// are better than what it measured, not finished, and not copied too often.
    package func archived(for candidate: Candidate) -> [Int] {
        archive.states.indices.filter { place in
            let archived = archive.states[place]
            let state = archived.state
            return state.member != candidate.member
                && archived.copies < ArchiveSelection.mostCopies
                && specification.isBetter(state.score, than: candidate.state.score)
                && specification.maxSteps.map { state.step < $0 } ?? true
        }
    }
}
