/// All that decides how a population evolves. It is fixed when the population is made, but for what
/// steering may change; see `Setting`.
package struct Specification: Hashable, Sendable {
    package var space: SearchSpace
    package var objective = Objective.maximize
    /// Members that the population is made with.
    package var populationSize = 10
    /// Each worker that keeps its member joins as a new one.
    package var grows = false
    /// Steps between two reports at which a member may exploit.
    package var interval = 1
    /// Steps before which no member exploits.
    package var burnIn = 0
    /// The step at which a member is finished, or `nil` to train for ever.
    package var maxSteps: Int?
    /// Reports, steps of all members added up, and seconds since it was made, at which the population
    /// ends; `nil` for no such end.
    package var reportBudget: Int?
    package var stepBudget: Int?
    package var timeBudget: Double?
    /// It ends when nothing was gained in so many intervals; `nil` to go on.
    package var plateau: Int?
    /// With fewer ranked members than this nobody exploits.
    package var minPopulationSize = 5
    package var seed: UInt64 = 0
    /// Initial hyperparameters of the first members, in the space's order; `nil` is drawn.
    package var pointsToEvaluate: [[Value?]] = []
    /// What members follow instead of evolving; empty when they evolve.
    package var schedule = Schedule()
    package var mode = Mode.asynchronous
    /// Seconds after which a generation closes without the members that have not reported for it,
    /// or `nil` to wait for them all. Only synchronous populations have one.
    package var generationDeadline: Double?
    /// What the strategies have, by the names of their settings, where it is not the default.
    var parameters: [String: SettingValue] = [:]

    package init(space: SearchSpace) {
        self.space = space
    }
}

package enum Objective: String, Hashable, Sendable {
    case maximize
    case minimize
}

/// When it is decided who copies whom.
package enum Mode: String, Hashable, Sendable {
    /// At each report, on how the population is then.
    case asynchronous
    /// For a whole generation at once, when its members have reported for it.
    case synchronous
}
