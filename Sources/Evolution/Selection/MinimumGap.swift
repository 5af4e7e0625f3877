/// By how much a donor's score must be better, whichever rule chose it.
struct MinimumGap: Sendable {
    static let gapSetting = Setting(
        "min_gap", in: .selection, .number(0...1e300), default: 0.0,
        "By how much a donor's score must be better than the copier's.")
    static let unitSetting = Setting(
        "min_gap_unit", in: .selection, .word(["score", "iqr"]), default: "score",
        "What min_gap is measured in: score, as it is, or iqr, the distance between the population's "
            + "lower and upper quartile.")
    static let settings = [gapSetting, unitSetting]

    private let least: Double
    private let isRelative: Bool

    init(_ specification: Specification) {
        least = specification.minGap
        isRelative = specification.gapIsRelative
    }

    /// The choice, unless the donor's score is not better by enough.
    func check(_ choice: Choice, for candidate: Candidate, in population: Population) -> Choice {
        guard least > 0, let other = choice.state(in: population) else { return choice }
        let specification = population.specification
        // Whoever has no finite score is worse than all by more than any gap.
        let gap =
            specification.badness(of: candidate.state.score)
            - specification.badness(of: other.score)
        let needed = isRelative ? least * population.interquartileRange : least
        var checked = choice
        checked.facts += [Verdict.Fact("gap", gap), Verdict.Fact("min_gap", needed)]
        if gap < needed {
            checked.donor = nil
            checked.archived = nil
            checked.outcome = Verdict.gapTooSmall
        }
        return checked
    }
}

extension Specification {
    package var minGap: Double { number(MinimumGap.gapSetting) }
    package var gapIsRelative: Bool { word(MinimumGap.unitSetting) == "iqr" }
}
