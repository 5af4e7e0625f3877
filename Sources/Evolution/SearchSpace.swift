/// The hyperparameters of a population, in the order in which its file names them.
package struct SearchSpace: Hashable, Sendable {
    package let hyperparameters: [Hyperparameter]

    /// A space that can be searched.
    ///
    /// - Throws: `SpaceError` for the first hyperparameter that cannot be.
    package init(_ hyperparameters: [Hyperparameter]) throws(SpaceError) {
        try Self.validate(hyperparameters)
        self.hyperparameters = hyperparameters
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
