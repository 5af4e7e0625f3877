import Evolution

extension WirePopulation {
    /// - Parameter training: members under a lease now.
    package init(name: String, population: Population, training: Int) {
        let specification = population.specification
        let tally = population.tally
        self.init()
        self.name = name
        members = UInt64(tally.members)
        minimize = specification.objective == .minimize
        interval = UInt64(specification.interval)
        maxSteps = UInt64(specification.maxSteps ?? 0)
        seed = specification.seed
        finished = UInt64(tally.finished)
        self.training = UInt64(training)
        reports = UInt64(population.reports)
        exploits = UInt64(population.exploits)
        hyperparameters = specification.space.hyperparameters.map(\.name)
        status = WireStatus(population.status)
        lost = UInt64(tally.lost)
        removed = UInt64(tally.removed)
        burnIn = UInt64(specification.burnIn)
        fraction = specification.fraction
        minPopulationSize = UInt64(specification.minPopulationSize)
        resampleProbability = specification.resampleProbability
        donorsFraction = specification.donorsFraction
        mutationProbability = specification.mutationProbability
        perturbationFactors = specification.perturbationFactors
        grows = specification.grows
        if let generation = population.generation {
            synchronous = true
            self.generation = UInt64(generation.number)
            generationReported = UInt64(population.notAwaited)
            generationDeadlineSeconds = specification.generationDeadline ?? 0
        }
        space = specification.space.hyperparameters.map(WireDimension.init)
        let room = Limits.pageBytes - Limits.assignmentBytes
        if space.reduce(0, { $0 + $1.sizeAsItem }) > room {
            for index in space.indices { space[index].values = [] }
        }
    }
}

extension WireStatus {
    init(_ status: Population.Status) {
        self =
            switch status {
            case .active: .active
            case .paused: .paused
            case .ended: .ended
            }
    }
}

extension WireDimension {
    init(_ hyperparameter: Hyperparameter) {
        self.init()
        name = hyperparameter.name
        switch hyperparameter.domain {
        case .number(let range, let scale):
            kind = .number
            (min, max, log) = (range.lowerBound, range.upperBound, scale == .log)
        case .integer(let range, let scale):
            kind = .integer
            (min, max) = (Double(range.lowerBound), Double(range.upperBound))
            log = scale == .log
        case .choice(let values):
            kind = .choice
            self.values = values.map(WireValue.init)
        case .ordinal(let values):
            kind = .ordinal
            self.values = values.map(WireValue.init)
        case .fixed: kind = .fixed
        }
    }
}
