import Evolution

/// A population that nobody made beforehand: it is made of the search space that the first worker
/// brings, and each worker that keeps its member joins as a new one.
///
/// Unless the search space's file says otherwise, a member reports at every step, a fifth of them
/// copy, exploring only perturbs, by factors of 0.8 and 1.2, and the seed is another one each time.
public struct OpenPopulation: Hashable, Sendable {
    public var name: String
    /// The lowest score is best.
    public var minimize: Bool

    public init(name: String, minimize: Bool = false) {
        self.name = name
        self.minimize = minimize
    }
}

extension SpaceFile {
    /// The specification of an open population with this search space.
    ///
    /// - Parameter seed: for when the file has none.
    func specification(
        of open: OpenPopulation, seed: UInt64
    ) throws(SpaceFileError) -> Specification {
        var changed = self
        changed.specification.objective = open.minimize ? .minimize : .maximize
        changed.specification.grows = true
        changed.specification.populationSize = 0
        if !says("seed") { changed.specification.seed = seed }
        if !says("fraction") { changed.specification.fraction = 0.2 }
        if !says("resample_probability") { changed.specification.resampleProbability = 0 }
        if !says("perturbation_factors") { changed.specification.perturbationFactors = [0.8, 1.2] }
        return try changed.specification()
    }
}
