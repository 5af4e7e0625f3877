/// The hyperparameters of a population, in the order in which its file names them.
package struct SearchSpace: Hashable, Sendable {
    package let hyperparameters: [Hyperparameter]
    /// What they keep among each other.
    package let constraints: [Constraint]
    /// The places of those that constraints are between, the less before the more.
    let constrained: [Int]

    /// A space that can be searched.
    ///
    /// - Throws: `SpaceError` for the first hyperparameter that cannot be, or for constraints that no
    ///   values keep.
    package init(
        _ hyperparameters: [Hyperparameter], constraints: [Constraint] = []
    ) throws(SpaceError) {
        try Self.validate(hyperparameters)
        self.hyperparameters = hyperparameters
        self.constraints = constraints
        // Of more than a space may have the order is not looked for.
        let isFew = constraints.count <= Self.constraintLimit
        constrained = isFew ? Self.sorted(constraints) ?? [] : []
        try validateConstraints()
    }
}

/// One dimension of a search space.
package struct Hyperparameter: Hashable, Sendable {
    package let name: String
    package let domain: Domain

    package init(name: String, domain: Domain) {
        self.name = name
        self.domain = domain
    }
}
