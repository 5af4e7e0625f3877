/// Which option of a population cannot be as it is, and why.
package struct SpecificationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The option, by its name in a space file.
    package var option: String
    /// A sentence that says what is wrong and what to do.
    package var reason: String

    package init(option: String, reason: String) {
        self.option = option
        self.reason = reason
    }

    package var description: String { "Option “\(option)”: \(reason)" }
}

extension Specification {
    /// A population has at most this many members.
    package static let populationSizeLimit = 1_000_000
    /// No step lies beyond this, so that the steps of a whole population can be added up.
    package static let stepLimit = 1 << 42
    /// No generation is waited for longer than this many seconds, some thirty years.
    package static let deadlineLimit = 1e9

    /// At most this many values in all points to evaluate, also those that they leave open: a point
    /// of few letters takes as much memory as one that says everything.
    package static let pointValueLimit = 1 << 16

    /// Checks what the types leave open. The space checked itself when it was made.
    package func validate() throws(SpecificationError) {
        for setting in Setting.all {
            guard let value = self[setting: setting] else { continue }
            // There is none where it is none.
            let fault =
                value == setting.none
                ? setting.outside(value.description) : setting.fault(of: value)
            if let fault { throw SpecificationError(option: setting.name, reason: fault) }
        }
        if populationSize < 1, !grows {
            throw SpecificationError(
                option: "population_size",
                reason: "It is 0, and the population does not grow; write from 1 to "
                    + "\(Self.populationSizeLimit) members.")
        }
        try checkPoints()
        try checkDeadline()
        try checkIslands()
        try checkSchedule()
    }

    private func checkPoints() throws(SpecificationError) {
        let option = "points_to_evaluate"
        if pointsToEvaluate.count > populationSize, !grows {
            throw SpecificationError(
                option: option,
                reason: "There are \(pointsToEvaluate.count) points for a population of "
                    + "\(populationSize); write fewer, or raise population_size.")
        }
        let names = space.hyperparameters.map(\.name)
        for (number, point) in zip(1..., pointsToEvaluate) {
            if point.count != names.count {
                throw SpecificationError(
                    option: option,
                    reason: "Point \(number) has \(point.count) values; give it \(names.count), "
                        + "one for each hyperparameter.")
            }
            for (hyperparameter, value) in zip(space.hyperparameters, point) {
                guard let value, !hyperparameter.domain.contains(value) else { continue }
                throw SpecificationError(
                    option: option,
                    reason: "Point \(number) has \(value) for “\(hyperparameter.name)”, which is "
                        + "not in its search space; change one of the two.")
            }
            if !space.canComplete(point) {
                throw SpecificationError(
                    option: option,
                    reason: "Point \(number) breaks a constraint of the search space; change one "
                        + "of the two.")
            }
        }
    }

    private func checkDeadline() throws(SpecificationError) {
        guard generationDeadline != nil else { return }
        let option = "generation_deadline"
        guard mode == .synchronous else {
            throw SpecificationError(
                option: option,
                reason: "Only a synchronous population has generations; write mode: synchronous, "
                    + "or leave it out.")
        }
    }
}
