/// A member meets another one, drawn at random, and copies it when that one is ranked better (binary
/// tournament selection, as in Jaderberg et al., arXiv 1711.09846, for GANs and FuN).
package struct Tournament: SelectionRule {
    package static let name = "tournament"
    package static let summary = """
        A member meets another one, drawn at random, and copies it if it is ranked better. More than \
        half of the reports copy, whatever the scores are, and few beginnings live on: for short runs \
        whose scores can be trusted, and better with a `min_gap`.
        """

    package init(_ specification: Specification) {}

    package func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice {
        guard let opponent = population.opponent(of: candidate, &draws) else {
            return .goesOn("nobody_to_copy")
        }
        let facts = [Verdict.Fact("opponent", opponent)]
        return population.isBetter(opponent, than: candidate.member)
            ? .copies(opponent, facts) : .goesOn("not_worse", facts)
    }

    package static func reason(of verdict: Verdict) -> String {
        let opponent = verdict.count("opponent")
        switch verdict.outcome {
        case "nobody_to_copy": return "It met no one, for " + Verdict.nobodyToCopy
        case "not_worse": return "It met member \(opponent), which stood no better"
        default: return "It met member \(opponent), which stood better"
        }
    }
}
