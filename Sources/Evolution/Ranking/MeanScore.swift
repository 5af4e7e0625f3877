/// By the mean of the last scores that a member measured itself, since it copied last.
package struct MeanScore: RankingRule {
    package static let name = "mean"
    package static let summary = """
        By the mean of the last `window` scores that a member measured itself since it copied last. \
        For noisy scores that change slowly; where scores rise quickly it is late.
        """
    package static let measure = "by the mean of its last scores"

    private let window: Int

    package init(_ specification: Specification) {
        window = specification.window
    }

    package var scores: Int { window }

    package func badness(
        of measured: CommittedState, _ scores: OwnScores, by specification: Specification
    ) -> Double {
        let fresh = scores.fresh.suffix(window)
        if fresh.isEmpty { return specification.badness(of: measured.score) }
        return specification.badness(of: fresh.lazy.map(\.score).mean)
    }
}
