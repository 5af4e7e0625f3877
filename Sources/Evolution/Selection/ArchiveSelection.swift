/// The worst copy one of the best states ever, and one of the best members where there is none: elitism, and
/// going back to where training went wrong (backtracking; the donors of Wan et al., arXiv 2207.09405,
/// are the best states ever too).
///
/// Who copies is decided as with truncation. A copy may go back in steps as far as it likes, also while
/// members wait: that is what the archive is for. A state is copied a few times at most, so that a
/// population whose scores only get worse goes on in the end.
package struct ArchiveSelection: SelectionRule {
    package static let name = "archive"
    package static let summary = """
        The members that stand worst copy one of the best states that there ever were (`archive`), \
        also of earlier steps, and one of the best members where there is none. For training that can \
        collapse, and scores that can be trusted.
        """

    static let sizeSetting = Setting(
        "archive", in: .selection, .integer(1...UInt64(StateArchive.most), unit: "states"),
        default: 5,
        "How many of the best states ever are kept, with their checkpoints, by selection archive: at "
            + "most one of each member.")
    package static let settings = [sizeSetting]

    /// A state is copied no more often. What was trained from it would be better by then, or it was luck.
    package static let mostCopies = 4

    /// How many states are kept.
    package let size: Int
    private let truncation: Truncation

    package init(_ specification: Specification) {
        size = specification.integer(Self.sizeSetting)
        truncation = Truncation(specification)
    }

    package var obstacle: String? { truncation.obstacle }

    package func candidates(among ranked: Int) -> Int { truncation.candidates(among: ranked) }

    package func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice {
        switch truncation.judgement(of: candidate, in: population) {
        case .goesOn(let choice): return choice
        case .copies(let best, var facts):
            let places = population.archived(for: candidate)
            guard !places.isEmpty else {
                return truncation.copy(by: candidate, of: best, facts, in: population, &draws)
            }
            let place = places[draws.below(places.count)]
            let state = population.archive.states[place].state
            facts.append(Verdict.Fact("archived", place + 1))
            facts.append(Verdict.Fact("kept", population.archive.states.count))
            var choice = Choice.copies(state.member, facts)
            choice.archived = state
            return choice
        }
    }

    package static func reason(of verdict: Verdict) -> String {
        let reason = Truncation.reason(of: verdict)
        guard verdict["archived"] != nil else { return reason }
        return "\(reason), and it drew number \(verdict.count("archived")) of the "
            + "\(verdict.count("kept")) best states ever"
    }
}
