/// What members gained with their hyperparameters: one observation for each state that was trained from
/// another, the newest ones.
package struct Observations: Sendable {
    package private(set) var newest: [Observation] = []
    /// How many there were, also those that are forgotten.
    package private(set) var count = 0

    /// More are forgotten: what a model costs grows with their third power.
    package static let most = 256

    package init() {}

    /// - Parameters:
    ///   - state: what a member committed.
    ///   - base: the state that it was trained from.
    package mutating func add(
        _ state: CommittedState, from base: CommittedState, by specification: Specification
    ) {
        guard state.step > base.step, state.score.isFinite, base.score.isFinite else { return }
        let sign = specification.objective == .maximize ? 1.0 : -1.0
        let change = sign * (state.score - base.score) / Double(state.step - base.step)
        guard change.isFinite else { return }
        count += 1
        newest.append(
            Observation(
                step: base.step, score: sign * base.score, hyperparameters: state.hyperparameters,
                change: change))
        if newest.count > Self.most { newest.removeFirst() }
    }
}

/// What an interval gained.
package struct Observation: Hashable, Sendable {
    /// Where it began, and the score there; more is better.
    package var step: Int
    package var score: Double
    package var hyperparameters: [Value]
    /// Of the score, for each step.
    package var change: Double
}
