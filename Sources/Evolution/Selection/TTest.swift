/// A member meets another one, drawn at random, and copies it when the last scores of that one are
/// better by more than chance explains (Jaderberg et al., arXiv 1711.09846, 4.1.1, "T-test selection").
package struct TTest: SelectionRule {
    package static let name = "t_test"
    package static let summary = """
        A member meets another one, drawn at random, and copies it if the mean of that one's last \
        scores is better and Welch's test says that this is no chance. For noisy scores, and runs of \
        many intervals: nobody copies before it has two scores of its own since its last copy.
        """

    static let pValueSetting = Setting(
        "p_value", in: .selection, .positive(upTo: 1), default: 0.05,
        "The two-sided p-value of Welch's test below which a difference counts as no chance.")
    package static let settings = [pValueSetting]

    private let pValue: Double
    private let window: Int

    package init(_ specification: Specification) {
        pValue = specification.pValue
        window = specification.window
    }

    package var obstacle: String? {
        window < 2 ? "a t_test needs at least two scores (window)" : nil
    }

    package var scores: Int { window }

    package func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice {
        guard let opponent = population.opponent(of: candidate, &draws) else {
            return .goesOn("nobody_to_copy")
        }
        let mine = population.scores(of: candidate.member)
        let others = population.scores(of: opponent)
        var facts = [Verdict.Fact("opponent", opponent)]
        guard let test = Welch(mine, others) else { return .goesOn("too_few_scores", facts) }
        facts.append(Verdict.Fact("p_value", test.pValue))
        let isBetter = population.specification.isBetter(test.second, than: test.first)
        guard isBetter else { return .goesOn("not_worse", facts) }
        return test.pValue < pValue ? .copies(opponent, facts) : .goesOn("not_significant", facts)
    }

    package static func reason(of verdict: Verdict) -> String {
        let opponent = verdict.count("opponent")
        let pValue = verdict.text("p_value")
        switch verdict.outcome {
        case "nobody_to_copy": return "It met no one, for " + Verdict.nobodyToCopy
        case "too_few_scores":
            return "It met member \(opponent), and one of the two had fewer than two scores"
        case "not_worse": return "It met member \(opponent), whose last scores were no better"
        case "not_significant":
            return
                "It met member \(opponent), whose last scores were better, but that may be chance "
                + "(p = \(pValue))"
        default:
            return "It met member \(opponent), whose last scores were better (p = \(pValue))"
        }
    }
}

extension Specification {
    package var pValue: Double { number(TTest.pValueSetting) }
}
