import Evolution

extension WirePopulation {
    /// - Parameter training: members under a lease now.
    package init(name: String, population: Population, training: Int) {
        let specification = population.specification
        self.init()
        self.name = name
        members = UInt64(population.members.count)
        minimize = specification.objective == .minimize
        interval = UInt64(specification.interval)
        maxSteps = UInt64(specification.maxSteps ?? 0)
        seed = specification.seed
        finished = UInt64(population.finished)
        self.training = UInt64(training)
        reports = UInt64(population.reports)
        exploits = UInt64(population.exploits)
        hyperparameters = specification.space.hyperparameters.map(\.name)
    }
}
