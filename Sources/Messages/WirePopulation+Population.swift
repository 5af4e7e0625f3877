import Evolution

extension WirePopulation {
    /// - Parameter training: members under a lease now.
    package init(name: String, population: Population, training: Int) {
        let specification = population.specification
        let tally = population.tally
        self.init()
        self.name = name
        members = UInt64(tally.members)
        finished = UInt64(tally.finished)
        self.training = UInt64(training)
        reports = UInt64(population.reports)
        exploits = UInt64(population.exploits)
        hyperparameters = specification.space.hyperparameters.map(\.name)
        status = WireStatus(population.status)
        lost = UInt64(tally.lost)
        removed = UInt64(tally.removed)
        setFields(by: specification)
        settings = [WireSetting](specification.settings)
        obstacle = population.obstacle ?? ""
        if let generation = population.generation {
            self.generation = UInt64(generation.number)
            generationReported = UInt64(population.notAwaited)
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
        case .float(let domain):
            kind = .number
            (min, max) = (domain.range.lowerBound, domain.range.upperBound)
            log = domain.scale == .log
            setDetails(domain.details)
        case .int(let domain):
            kind = .integer
            (min, max) = (Double(domain.range.lowerBound), Double(domain.range.upperBound))
            log = domain.scale == .log
            setDetails(domain.details)
        case .unordered(let domain):
            kind = .choice
            values = domain.values.map(WireValue.init)
        case .ordered(let domain):
            kind = .ordinal
            values = domain.values.map(WireValue.init)
        case .flag: kind = .bool
        case .constant: kind = .fixed
        }
    }

    private mutating func setDetails(_ details: NumberDetails) {
        if let step = details.step { self.step = step }
    }
}
