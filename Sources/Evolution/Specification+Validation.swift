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
    /// At most this many perturbation factors.
    package static let factorLimit = 64

    /// At most this many values in all points to evaluate, also those that they leave open: a point
    /// of few letters takes as much memory as one that says everything.
    package static let pointValueLimit = 1 << 16

    /// Checks what the types leave open. The space checked itself when it was made.
    package func validate() throws(SpecificationError) {
        try check(
            populationSize, in: (grows ? 0 : 1)...Self.populationSizeLimit, "population_size",
            "members")
        try check(interval, in: 1...Self.stepLimit, "interval", "steps")
        try check(burnIn, in: 0...Self.stepLimit, "burn_in", "steps")
        if let maxSteps { try check(maxSteps, in: 1...Self.stepLimit, "max_steps", "steps") }
        try check(
            minPopulationSize, in: 2...Self.populationSizeLimit, "min_population_size", "members")
        try check(fraction, in: 0...0.5, "fraction")
        guard donorsFraction > 0 else {
            throw SpecificationError(
                option: "donors_fraction",
                reason: "It is \(donorsFraction); write a number above 0, up to 0.5.")
        }
        try check(donorsFraction, in: 0...0.5, "donors_fraction")
        try check(resampleProbability, in: 0...1, "resample_probability")
        try check(mutationProbability, in: 0...1, "mutation_probability")
        try checkFactors()
        try checkPoints()
        try checkDeadline()
    }

    private func checkFactors() throws(SpecificationError) {
        let option = "perturbation_factors"
        if perturbationFactors.isEmpty || perturbationFactors.count > Self.factorLimit {
            throw SpecificationError(
                option: option,
                reason: "There are \(perturbationFactors.count) factors; write from 1 to "
                    + "\(Self.factorLimit), such as 0.8 and 1.2.")
        }
        for factor in perturbationFactors where !(factor.isFinite && factor > 0) {
            throw SpecificationError(
                option: option,
                reason: "\(factor) cannot be a factor; write finite numbers above 0.")
        }
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
        }
    }

    private func checkDeadline() throws(SpecificationError) {
        guard let generationDeadline else { return }
        let option = "generation_deadline"
        guard mode == .synchronous else {
            throw SpecificationError(
                option: option,
                reason: "Only a synchronous population has generations; write mode: synchronous, "
                    + "or leave it out.")
        }
        guard generationDeadline > 0, generationDeadline <= Self.deadlineLimit else {
            throw SpecificationError(
                option: option,
                reason: "It is \(generationDeadline); write a number of seconds above 0, up to "
                    + "\(Self.deadlineLimit).")
        }
    }

    private func check(
        _ value: Int, in range: ClosedRange<Int>, _ option: String, _ unit: String
    ) throws(SpecificationError) {
        if range.contains(value) { return }
        throw SpecificationError(
            option: option,
            reason: "It is \(value); write from \(range.lowerBound) to \(range.upperBound) "
                + "\(unit).")
    }

    private func check(
        _ value: Double, in range: ClosedRange<Double>, _ option: String
    ) throws(SpecificationError) {
        if range.contains(value) { return }
        throw SpecificationError(
            option: option,
            reason: "It is \(value); write a number from \(range.lowerBound) to "
                + "\(range.upperBound).")
    }
}
