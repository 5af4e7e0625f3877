/// By what members are ranked in decisions (rule 2): always by what they measured themselves.
package protocol RankingRule: Sendable {
    /// As a space file has it.
    static var name: String { get }
    /// What it does and when to take it, in a few sentences.
    static var summary: String { get }
    /// Its parameters.
    static var settings: [Setting] { get }
    /// What a member's place is by, as in "rank 3 of 16 by its last score".
    static var measure: String { get }

    /// With the parameters that a specification has.
    init(_ specification: Specification)

    /// How many of a member's last own scores it looks at, when that is more than one.
    var scores: Int { get }
    /// It compares scores that were measured at the same step.
    var comparesSteps: Bool { get }

    /// What the member is ranked by: less is better, +infinity stands for a score that is not finite.
    ///
    /// - Parameters:
    ///   - measured: what it measured last.
    ///   - scores: its last own scores, as many as the rule looks at; there may be none yet.
    func badness(
        of measured: CommittedState, _ scores: OwnScores, by specification: Specification
    ) -> Double
}

extension RankingRule {
    package static var settings: [Setting] { [] }
    package var scores: Int { 1 }
    package var comparesSteps: Bool { false }
}

/// The rules that there are.
package enum RankingStrategy {
    package static let rules: [any RankingRule.Type] = [
        LatestScore.self,
        MeanScore.self,
        ComparableStep.self,
    ]

    /// Which of them ranks.
    package static let setting = Setting(
        "ranking", in: .ranking, .word(rules.map { $0.name }), default: .word(LatestScore.name),
        "By what members are ranked in decisions.")

    /// Rules that look at several scores share it.
    package static let windowSetting = Setting(
        "window", in: .ranking, .integer(1...UInt64(OwnScores.most), unit: "scores"), default: 5,
        "How many of a member's last own scores are looked at, by the rankings mean and "
            + "comparable_step and by t_test.")

    static let settings = [setting, windowSetting] + rules.flatMap { $0.settings }

    package static func rule(named name: String) -> (any RankingRule.Type)? {
        rules.first { $0.name == name }
    }
}

extension Specification {
    /// The rule that ranks, with its parameters.
    package var ranking: any RankingRule {
        guard let rule = RankingStrategy.rule(named: word(RankingStrategy.setting)) else {
            preconditionFailure("A specification was checked before it is used.")
        }
        return rule.init(self)
    }

    package var window: Int { integer(RankingStrategy.windowSetting) }
}

/// By the last score that a member measured itself.
package struct LatestScore: RankingRule {
    package static let name = "latest"
    package static let summary = """
        By the last score that a member measured itself. Take it unless scores are very noisy.
        """
    package static let measure = "by its last score"

    package init(_ specification: Specification) {}

    package func badness(
        of measured: CommittedState, _ scores: OwnScores, by specification: Specification
    ) -> Double { specification.badness(of: measured.score) }
}
