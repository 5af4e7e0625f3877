/// By where a member's score stood among those that members measured at the same step.
package struct ComparableStep: RankingRule {
    package static let name = "comparable_step"
    package static let summary = """
        By where a member's last score stood among those that others had at the same step, of each one's \
        last `window` scores. For members whose steps differ much, when there are many; with few there \
        is little to compare with.
        """
    package static let measure = "by its score among those at the same step"

    private let window: Int

    package init(_ specification: Specification) {
        window = specification.window
    }

    package var scores: Int { window }
    package var comparesSteps: Bool { true }

    package func badness(
        of measured: CommittedState, _ scores: OwnScores, by specification: Specification
    ) -> Double {
        guard measured.score.isFinite else { return .infinity }
        // What was measured before steps were compared stands in the middle.
        return scores.entries.last?.place ?? 0.5
    }
}
