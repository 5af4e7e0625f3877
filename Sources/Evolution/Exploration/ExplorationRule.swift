/// How a copier's hyperparameters come from its donor's (rule 5).
package protocol ExplorationRule: Sendable {
    /// As a space file has it.
    static var name: String { get }
    /// What it does and when to take it, in a few sentences.
    static var summary: String { get }
    /// Its parameters.
    static var settings: [Setting] { get }

    /// With the parameters that a specification has.
    init(_ specification: Specification)

    /// New values, in the space's order, and how each came about. They need not keep constraints.
    func explore(
        _ values: [Value], in space: SearchSpace, _ draws: inout Draws
    ) -> ([Value], [Operation])
}

/// The rules that there are.
package enum ExplorationStrategy {
    package static let rules: [any ExplorationRule.Type] = [
        Perturbation.self,
        PB2.self,
    ]

    /// Which of them explores.
    package static let setting = Setting(
        "exploration", in: .exploration, .word(rules.map { $0.name }),
        default: .word(Perturbation.name), "How a copier's hyperparameters come from its donor's.")

    static let settings = [setting] + rules.flatMap { $0.settings }
}

extension Specification {
    /// The rule that explores, with its parameters.
    package var exploration: any ExplorationRule {
        let name = word(ExplorationStrategy.setting)
        guard let rule = ExplorationStrategy.rules.first(where: { $0.name == name }) else {
            preconditionFailure("A specification was checked before it is used.")
        }
        return rule.init(self)
    }

    /// What a member starts with: the point that is to be evaluated, if there is one for it, and
    /// a draw for what the point leaves open.
    func initialHyperparameters(of member: Int) -> [Value] {
        if let first = schedule.segments.first { return first.hyperparameters }
        var draws = Draws(seed: seed, member: member, report: 0)
        let point = pointsToEvaluate.indices.contains(member) ? pointsToEvaluate[member] : []
        let given = space.hyperparameters.indices.map { index in
            index < point.count
                ? point[index].map(space.hyperparameters[index].domain.typed) : nil
        }
        return space.drawn(given: given.map { $0 != nil }) {
            zip(space.hyperparameters, given).map { hyperparameter, given in
                let drawn = hyperparameter.domain.draw(&draws)
                return given ?? drawn
            }
        }
    }
}
