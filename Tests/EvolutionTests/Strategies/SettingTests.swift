import Testing

@testable import Evolution

struct SettingTests {
    @Test("Each setting has a name of its own, a sentence, and a default without a fault")
    func table() throws {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        let specification = Specification(space: try oneNumber())
        for setting in Setting.all {
            #expect(setting.summary.hasSuffix("."), "\(setting.name)")
            #expect(specification[setting: setting] == setting.standard, "\(setting.name)")
            if let standard = setting.standard { #expect(setting.fault(of: standard) == nil) }
        }
    }

    @Test("Each strategy is one word of its setting, and tells what it is")
    func strategies() {
        #expect(Set(SelectionStrategy.rules.map { $0.name }).count == SelectionStrategy.rules.count)
        for rule in SelectionStrategy.rules {
            #expect(SelectionStrategy.setting.fault(of: .word(rule.name)) == nil)
            #expect(!rule.summary.isEmpty)
        }
        for rule in RankingStrategy.rules {
            #expect(RankingStrategy.setting.fault(of: .word(rule.name)) == nil)
            #expect(rule.measure.hasPrefix("by "))
        }
    }

    @Test(
        "What is set is what it is then, and is undone by what it was",
        arguments: Setting.all.filter { $0.another != $0.standard })
    func set(_ setting: Setting) throws {
        var specification = Specification(space: try oneNumber())
        let other = try #require(setting.another)
        #expect(setting.fault(of: other) == nil)
        var values = SettingValues()
        values[setting.name] = other
        let before = specification
        let undo = specification.undoing(values)
        specification.apply(values)
        #expect(specification[setting: setting] == other)
        #expect(specification != before)
        specification.apply(undo)
        #expect(specification == before)
    }

    @Test(
        "A value beyond its bounds has a fault that says what to write",
        arguments: [
            ("interval", 0, "It is 0; write from 1 to"),
            ("population_size", 1_000_001, "write from 0 to 1000000 members."),
            ("fraction", 0.51, "It is 0.51; write a number from 0.0 to 0.5."),
            ("fraction", .number(.nan), "It is nan; write a number from 0.0 to 0.5."),
            ("donors_fraction", 0.0, "write a number above 0, up to 0.5."),
            ("generation_deadline", -1.0, "write a number of seconds above 0"),
            ("perturbation_factors", [], "There are 0 factors"),
            ("perturbation_factors", [0.8, 0], "0.0 cannot be a factor"),
            ("frequencies", [], "There are 0 of them"),
            ("frequencies", [1, 2.5], "It is [1, 2.5]; write whole numbers from 1 to 10000."),
            ("frequencies", [0, 2], "write whole numbers from 1"),
            ("frequencies", [10, 1], "It is [10, 1]; write each one larger"),
            ("selection", "best", "write truncation"),
            ("selection", 3, "It is 3; write truncation"),
            ("grows", "yes", "write true or false."),
            ("window", 33, "write from 1 to 32 scores."),
        ] as [(String, SettingValue, String)])
    func faults(_ name: String, _ value: SettingValue, _ words: String) throws {
        let setting = try #require(Setting.named(name))
        #expect(try #require(setting.fault(of: value)).contains(words))
    }

    @Test("Numbers are taken for counts, and counts for numbers, where they are whole")
    func typed() throws {
        let interval = try #require(Setting.named("interval"))
        #expect(interval.typed(5.0) == 5)
        #expect(interval.typed(5.5) == 5.5)
        #expect(interval.fault(of: 5.5) != nil)
        #expect(try #require(Setting.named("fraction")).typed(0) == 0.0)
        #expect(try #require(Setting.named("max_steps")).typed(0.0) == 0)
    }

    @Test(
        "Whatever makes exploits impossible is said",
        arguments: [
            (["fraction": 0.0], 10, "fraction is 0"),
            (["selection": "none"], 10, "selection is none"),
            (["selection": "t_test", "window": 1], 10, "at least two scores"),
            (["burn_in": 50, "max_steps": 50], 10, "burn_in (50)"),
            (["interval": 50, "max_steps": 50], 10, "interval (50)"),
            (["min_population_size": 6], 5, "fewer members (5)"),
            ([:], 1, "fewer members (1)"),
            ([:], 10, nil), (["grows": true], 0, nil), (["min_population_size": 5], 5, nil),
            (["fraction": 0.0, "selection": "t_test"], 10, nil),
        ] as [(SettingValues, Int, String?)])
    func obstacles(_ settings: SettingValues, _ members: Int, _ words: String?) throws {
        var specification = Specification(space: try oneNumber())
        specification.apply(settings)
        let obstacle = specification.obstacle(members: members)
        guard let words else {
            #expect(obstacle == nil)
            return
        }
        #expect(try #require(obstacle).contains(words))
        #expect(obstacle?.hasPrefix("Nobody copies, for") == true)
    }

    @Test("Reports without checkpoints are said, once each member could have had one")
    func withoutCheckpoints() throws {
        var population = try population(5, specification())
        for member in 0..<5 {
            #expect(population.obstacle == nil)
            _ = population.report(Report(member: member, step: 1, score: 1))
        }
        #expect(try #require(population.obstacle).contains("no report had a checkpoint"))
        population.report(0, step: 2, score: 1)
        #expect(population.obstacle == nil)
    }

    @Test("A verdict's text reads back as an equal one")
    func verdictText() {
        let verdicts = [
            Verdict(outcome: Verdict.historyOnly),
            Verdict(
                rule: "t_test", ranking: "mean", outcome: "copied",
                facts: [.init("opponent", 3.0), .init("p_value", 1e-300), .init("gap", -.infinity)]),
            Verdict(rule: "truncation", ranking: "latest", outcome: "copied"),
        ]
        for verdict in verdicts { #expect(Verdict(text: verdict.text) == verdict) }
        for text in ["", "copied", "a:", "a:b c", "a:b =1", "a:b c=x", "a:b  c=1"] {
            #expect(Verdict(text: text) == nil, "\(text)")
        }
    }
}

extension Setting {
    /// A value that it may have and that is not its default.
    var another: SettingValue? {
        switch kind {
        case .integer(let range, _), .integerOrNone(let range, _):
            .integer(min(range.upperBound, range.lowerBound + 7))
        case .number(let range): .number((range.lowerBound + min(range.upperBound, 1)) * 0.375)
        case .positive(let most), .secondsOrNone(let most): .number(min(most, 1) * 0.375)
        case .flag: .flag(standard != .flag(true))
        case .word(let words): words.last.map { .word($0) }
        case .factors: .numbers([0.5, 2])
        case .multiples: .numbers([2, 3])
        }
    }
}
