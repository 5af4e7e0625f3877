extension Setting {
    /// Those that are not of a strategy.
    static let ofPopulation: [Setting] = [
        Setting(
            "objective", .word(["maximize", "minimize"]), default: "maximize",
            "Which score is best: the highest or the lowest.",
            part: .word(\.objective)),
        Setting(
            "population_size",
            .integer(0...UInt64(Specification.populationSizeLimit), unit: "members"),
            default: 10, "Members that the population is made with.",
            part: .integer(\.populationSize)),
        Setting(
            "grows", .flag, default: false,
            "Each worker that keeps its member joins as a new one.",
            part: .flag(\.grows)),
        Setting(
            "interval", .integer(1...UInt64(Specification.stepLimit), unit: "steps"), default: 1,
            isSteerable: true, "Steps between two reports at which a member may exploit.",
            part: .integer(\.interval)),
        Setting(
            "burn_in", .integer(0...UInt64(Specification.stepLimit), unit: "steps"), default: 0,
            isSteerable: true, "Steps before which no member exploits.",
            part: .integer(\.burnIn)),
        Setting(
            "max_steps", .integerOrNone(1...UInt64(Specification.stepLimit), unit: "steps"),
            isSteerable: true,
            "The step at which a member has finished; without it members train "
                + "for ever.",
            part: .integerOrNone(\.maxSteps)),
        Setting(
            "report_budget",
            .integerOrNone(1...UInt64(Specification.stepLimit), unit: "reports"),
            isSteerable: true, "Reports of all members at which the population ends.",
            part: .integerOrNone(\.reportBudget)),
        Setting(
            "step_budget",
            .integerOrNone(1...UInt64(Specification.stepLimit), unit: "steps"),
            isSteerable: true,
            "The population ends when the steps that its members are at, added up, are so many.",
            part: .integerOrNone(\.stepBudget)),
        Setting(
            "time_budget", .secondsOrNone(upTo: Specification.deadlineLimit), isSteerable: true,
            "Seconds after it was made, with all pauses, at which the population ends.",
            part: .secondsOrNone(\.timeBudget)),
        Setting(
            "plateau", .integerOrNone(4...UInt64(OwnScores.most), unit: "intervals"),
            isSteerable: true,
            "The population ends when in so many intervals nothing was gained beyond noise.",
            part: .integerOrNone(\.plateau)),
        Setting(
            "seed", .integer(0...UInt64.max, unit: "as a seed"), default: 0,
            "What the population draws depends on it.",
            part: Part(
                get: { .integer($0.seed) },
                set: { specification, value in
                    if case .integer(let seed) = value { specification.seed = seed }
                })),
        Setting(
            "mode", .word(["asynchronous", "synchronous"]), default: "asynchronous",
            "When it is decided who copies whom: at each report, or for a whole generation at once.",
            part: .word(\.mode)),
        Setting(
            "generation_deadline", .secondsOrNone(upTo: Specification.deadlineLimit),
            "Seconds after which a generation closes without the members that have not reported; "
                + "without it a generation waits for all.",
            part: .secondsOrNone(\.generationDeadline)),
        Setting(
            "min_population_size",
            .integer(2...UInt64(Specification.populationSizeLimit), unit: "members"),
            default: 5, isSteerable: true,
            "With fewer members that have a score nobody exploits. The default is the smaller of 5 "
                + "and the population's size.",
            part: .integer(\.minPopulationSize)),
    ]
}

extension SettingValue {
    /// A count; a negative one is no value of any setting's kind.
    fileprivate static func integer(_ count: Int) -> SettingValue {
        UInt64(exactly: count).map { .integer($0) } ?? .number(Double(count))
    }
}

extension Setting.Part {
    typealias Path<Value> = any WritableKeyPath<Specification, Value> & Sendable

    static func integer(_ path: Path<Int>) -> Self {
        Self(
            get: { .integer($0[keyPath: path]) },
            set: { specification, value in
                guard case .integer(let integer) = value else { return }
                specification[keyPath: path] = Int(clamping: integer)
            })
    }

    /// 0 stands for none.
    static func integerOrNone(_ path: Path<Int?>) -> Self {
        Self(
            get: { $0[keyPath: path].map { .integer($0) } },
            set: { specification, value in
                guard case .integer(let integer) = value else { return }
                specification[keyPath: path] = integer == 0 ? nil : Int(clamping: integer)
            })
    }

    /// 0 stands for none.
    static func secondsOrNone(_ path: Path<Double?>) -> Self {
        Self(
            get: { $0[keyPath: path].map { .number($0) } },
            set: { specification, value in
                guard case .number(let seconds) = value else { return }
                specification[keyPath: path] = seconds == 0 ? nil : seconds
            })
    }

    static func flag(_ path: Path<Bool>) -> Self {
        Self(
            get: { .flag($0[keyPath: path]) },
            set: { specification, value in
                if case .flag(let flag) = value { specification[keyPath: path] = flag }
            })
    }

    static func word<Word: RawRepresentable<String> & SendableMetatype>(_ path: Path<Word>) -> Self
    {
        Self(
            get: { .word($0[keyPath: path].rawValue) },
            set: { specification, value in
                guard case .word(let text) = value, let word = Word(rawValue: text) else { return }
                specification[keyPath: path] = word
            })
    }
}
