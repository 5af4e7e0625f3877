import Evolution

extension WireSetting {
    package init(_ name: String, _ value: SettingValue) {
        self.init()
        self.name = name
        switch value {
        case .integer(let integer): self.integer = integer
        case .number(let number): self.number = number
        case .flag(let flag): self.flag = flag
        case .word(let word): self.word = word
        case .numbers(let numbers): self.numbers.numbers = numbers
        }
    }

    /// Its value, of the kind that the setting has: clients do not tell 1 from 1.0.
    fileprivate var settingValue: SettingValue? {
        let sent: SettingValue? =
            switch value {
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .flag(let flag): .flag(flag)
            case .word(let word): .word(word)
            case .numbers(let numbers): .numbers(numbers.numbers)
            case nil: nil
            }
        return sent.map { Setting.named(name)?.typed($0) ?? $0 }
    }
}

extension [WireSetting] {
    package init(_ values: SettingValues) {
        self = values.pairs.map { WireSetting($0.name, $0.value) }
    }

    /// - Throws: `WireError` for one without a value.
    package func values() throws(WireError) -> SettingValues {
        var values = SettingValues()
        for setting in self {
            guard let value = setting.settingValue else {
                throw WireError(
                    .invalid,
                    "The setting \"\(setting.name.prefix(Limits.nameBytes))\" has no value; "
                        + "write one.")
            }
            values[setting.name] = value
        }
        return values
    }
}

// MARK: - Settings by fields

// Clients of before name some settings by fields of their own. Settings that came since have none.

extension WireSettings {
    package init(_ values: SettingValues) {
        self.init()
        settings = [WireSetting](values)
        if case .integer(let steps) = values["max_steps"] { maxSteps = steps }
        if case .integer(let steps) = values["interval"] { interval = steps }
        if case .integer(let steps) = values["burn_in"] { burnIn = steps }
        if case .number(let fraction) = values["fraction"] { self.fraction = fraction }
        if case .integer(let size) = values["min_population_size"] { minPopulationSize = size }
        if case .number(let chance) = values["resample_probability"] {
            resampleProbability = chance
        }
    }

    /// By names, also those of a coordinator of before.
    package var all: [WireSetting] {
        settings.isEmpty ? (try? values()).map([WireSetting].init) ?? [] : settings
    }

    /// What is to change, or what did.
    package func values() throws(WireError) -> SettingValues {
        var values = try settings.values()
        func add(_ name: String, _ value: SettingValue) {
            if !values.contains(name) { values[name] = value }
        }
        if hasMaxSteps { add("max_steps", .integer(maxSteps)) }
        if hasInterval { add("interval", .integer(interval)) }
        if hasBurnIn { add("burn_in", .integer(burnIn)) }
        if hasFraction { add("fraction", .number(fraction)) }
        if hasMinPopulationSize { add("min_population_size", .integer(minPopulationSize)) }
        if hasResampleProbability { add("resample_probability", .number(resampleProbability)) }
        return values
    }
}

extension WireCreatePopulation {
    /// What wins over the space file.
    package func values() throws(WireError) -> SettingValues {
        var values = try settings.values()
        func add(_ name: String, _ value: SettingValue) {
            if !values.contains(name) { values[name] = value }
        }
        if hasPopulationSize { add("population_size", .integer(populationSize)) }
        if hasInterval { add("interval", .integer(interval)) }
        if hasMaxSteps { add("max_steps", .integer(maxSteps)) }
        if hasMinimize { add("objective", .word(minimize ? "minimize" : "maximize")) }
        if hasSeed { add("seed", .integer(seed)) }
        if hasFraction { add("fraction", .number(fraction)) }
        if hasSynchronous { add("mode", .word(synchronous ? "synchronous" : "asynchronous")) }
        if hasGenerationDeadlineSeconds {
            add("generation_deadline", .number(generationDeadlineSeconds))
        }
        return values
    }
}

extension WirePopulation {
    mutating func setFields(by specification: Specification) {
        minimize = specification.objective == .minimize
        interval = UInt64(specification.interval)
        maxSteps = UInt64(specification.maxSteps ?? 0)
        seed = specification.seed
        burnIn = UInt64(specification.burnIn)
        fraction = specification.fraction
        minPopulationSize = UInt64(specification.minPopulationSize)
        resampleProbability = specification.resampleProbability
        perturbationFactors = specification.perturbationFactors
        grows = specification.grows
        synchronous = specification.mode == .synchronous
        generationDeadlineSeconds = specification.generationDeadline ?? 0
    }
}
