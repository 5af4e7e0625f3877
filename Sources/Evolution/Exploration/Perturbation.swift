/// Moves each value to one nearby, or draws it anew (Jaderberg et al., arXiv 1711.09846, 4.1.1).
package struct Perturbation: ExplorationRule {
    package static let name = "perturbation"
    package static let summary = """
        Numbers are multiplied by one of `perturbation_factors`, values of a list change now and then, \
        and some are drawn anew.
        """

    static let resampleSetting = Setting(
        "resample_probability", in: .exploration, .number(0...1), default: 0.25,
        "The chance that a hyperparameter is drawn anew. In open populations the default is 0.")
    static let mutationSetting = Setting(
        "mutation_probability", in: .exploration, .number(0...1), default: 0.25,
        "The chance that a choice, an ordinal, a bool or a number of fewer than ten values changes, "
            + "when it is not drawn anew.")
    static let factorsSetting = Setting(
        "perturbation_factors", in: .exploration, .factors(upTo: 64), default: [0.8, 1.25],
        "A number is multiplied by one of these, each as likely. In open populations the default is "
            + "0.8 and 1.2.")
    package static let settings = [resampleSetting, mutationSetting, factorsSetting]

    private let resampleProbability: Double
    private let mutationProbability: Double
    private let factors: [Double]

    package init(_ specification: Specification) {
        resampleProbability = specification.resampleProbability
        mutationProbability = specification.mutationProbability
        factors = specification.perturbationFactors
    }

    package func explore(
        _ values: [Value], in space: SearchSpace, _ draws: inout Draws
    ) -> ([Value], [Operation]) {
        var explored: [Value] = []
        var operations: [Operation] = []
        for (hyperparameter, value) in zip(space.hyperparameters, values) {
            let (moved, operation) = explore(hyperparameter.domain, from: value, &draws)
            explored.append(moved)
            operations.append(operation)
        }
        return (explored, operations)
    }

    private func explore(
        _ domain: Domain, from value: Value, _ draws: inout Draws
    ) -> (Value, Operation) {
        if domain.isFixed { return (domain.draw(&draws), .kept) }
        if draws.uniform() < resampleProbability { return (domain.draw(&draws), .resampled) }
        // A copy that always changed a choice would pass none on.
        if domain.hasFewValues, domain.contains(value), draws.uniform() >= mutationProbability {
            return (value, .kept)
        }
        if let moved = domain.perturb(value, factors: factors, &draws) {
            return (moved, .perturbed)
        }
        return (domain.draw(&draws), .resampled)
    }
}

extension Specification {
    package var resampleProbability: Double {
        get { number(Perturbation.resampleSetting) }
        set { self[setting: Perturbation.resampleSetting] = .number(newValue) }
    }

    package var mutationProbability: Double {
        get { number(Perturbation.mutationSetting) }
        set { self[setting: Perturbation.mutationSetting] = .number(newValue) }
    }

    package var perturbationFactors: [Double] {
        get { numbers(Perturbation.factorsSetting) }
        set { self[setting: Perturbation.factorsSetting] = .numbers(newValue) }
    }
}
