/// The hyperparameters of a population, in the order in which its file names them.
package struct SearchSpace: Hashable, Sendable {
    package let hyperparameters: [Hyperparameter]
    /// What they keep among each other.
    package let constraints: [Constraint]
    /// When each of them counts; empty when all always do.
    package let conditions: [[Condition]]
    /// The places of those that constraints are between, the less before the more.
    let constrained: [Int]
    /// The places of those that have conditions, parents before those that depend on them.
    let conditional: [Int]

    /// A space that can be searched.
    ///
    /// - Parameter conditions: For each hyperparameter, or empty when there are none.
    /// - Throws: `SpaceError` for the first hyperparameter that cannot be, or for conditions that never
    ///   hold, or for constraints that no values keep.
    package init(
        _ hyperparameters: [Hyperparameter], constraints: [Constraint] = [],
        conditions: [[Condition]] = []
    ) throws(SpaceError) {
        try Self.validate(hyperparameters)
        precondition(conditions.isEmpty || conditions.count == hyperparameters.count)
        self.hyperparameters = hyperparameters
        self.constraints = constraints
        self.conditions = Self.normalized(conditions, of: hyperparameters)
        conditional = Self.sorted(self.conditions) ?? []
        // Of more than a space may have the order is not looked for.
        let isFew = constraints.count <= Self.constraintLimit
        constrained = isFew ? Self.sorted(constraints) ?? [] : []
        try validateConditions()
        try validateConstraints()
    }

    /// Those that have conditions, by name, and so may be absent.
    package var conditionalNames: [String] {
        conditions.indices.filter { !conditions[$0].isEmpty }.map { hyperparameters[$0].name }
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
