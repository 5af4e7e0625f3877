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
        // Each value takes some bytes, so that of more than these none fit.
        let listed = specification.space.hyperparameters.reduce(0) { $0 + $1.domain.listedCount }
        let hasValues = listed <= Limits.pageBytes / 4
        space = specification.space.hyperparameters.map {
            WireDimension($0, hasValues: hasValues)
        }
        constraints = specification.space.constraints.map { $0.text(hyperparameters) }
        for (place, conditions) in specification.space.conditions.enumerated() {
            space[place].when = conditions.map { WireDimension.Condition($0, hyperparameters) }
        }
        let room =
            Limits.pageBytes - Limits.assignmentBytes - SearchSpace.constraintBytes
            - SearchSpace.conditionBytes
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

extension WireDimension.Condition {
    fileprivate init(_ condition: Evolution.Condition, _ names: [String]) {
        self.init()
        name = names[condition.parent]
        values = condition.values.map(WireValue.init)
    }
}

extension WireDimension {
    /// - Parameter hasValues: It says those of a list.
    init(_ hyperparameter: Hyperparameter, hasValues: Bool) {
        self.init()
        name = hyperparameter.name
        switch hyperparameter.domain {
        case .float(let domain):
            kind = .number
            log = domain.scale == .log
            setDetails(domain.details, in: domain.range)
        case .int(let domain):
            kind = .integer
            log = domain.scale == .log
            let range = Double(domain.range.lowerBound)...Double(domain.range.upperBound)
            setDetails(domain.details, in: range)
            (min, max) = (min.rounded(.down), max.rounded(.up))
        case .unordered(let domain):
            kind = .choice
            if hasValues { values = domain.values.map(WireValue.init) }
        case .ordered(let domain):
            kind = .ordinal
            if hasValues { values = domain.values.map(WireValue.init) }
        case .flag: kind = .bool
        case .constant: kind = .fixed
        }
    }

    private mutating func setDetails(_ details: NumberDetails, in range: ClosedRange<Double>) {
        let shown = details.shown(range)
        (min, max) = (shown.lowerBound, shown.upperBound)
        if let step = details.step { self.step = step }
        unbounded =
            switch (details.isOpenBelow, details.isOpenAbove) {
            case (true, true): .both
            case (true, false): .below
            case (false, true): .above
            case (false, false): .unspecified
            }
        let initial = (details.initialMin, details.initialMax)
        guard details.draw != .uniform || initial.0 != nil || initial.1 != nil else { return }
        beginning.draw = details.draw.name
        if let (mean, sd) = details.draw.parameters {
            (beginning.mean, beginning.sd) = (mean, sd)
        }
        if let least = initial.0 { beginning.min = least }
        if let most = initial.1 { beginning.max = most }
    }
}
