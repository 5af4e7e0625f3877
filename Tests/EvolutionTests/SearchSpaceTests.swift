import Testing

@testable import Evolution

struct SearchSpaceTests {
    struct Mistake: Sendable {
        var domain: Domain
        var reason: String
    }

    static let mistakes = [
        Mistake(domain: .number(0...1, .log), reason: "log"),
        Mistake(domain: .number(-1...1, .log), reason: "log"),
        Mistake(domain: .integer(0...8, .log), reason: "log"),
        Mistake(domain: .number(1...1, .linear), reason: "empty"),
        Mistake(domain: .integer(3...3, .linear), reason: "empty"),
        Mistake(domain: .number(0 ... .infinity, .linear), reason: "infinite"),
        Mistake(
            domain: .number(-Double.greatestFiniteMagnitude...1, .linear), reason: "infinite"),
        Mistake(domain: .integer(0 ... .max, .linear), reason: "±"),
        Mistake(domain: .choice([]), reason: "fewer than two"),
        Mistake(domain: .ordinal([.integer(1)]), reason: "fewer than two"),
        Mistake(domain: .choice([.text("a"), .text("a")]), reason: "twice"),
        Mistake(domain: .ordinal([.integer(1), .number(1)]), reason: "twice"),
        Mistake(domain: .choice([.number(.nan), .number(1)]), reason: "finite"),
        Mistake(domain: .fixed(.number(.infinity)), reason: "finite"),
        Mistake(domain: .fixed(.text("a\nb")), reason: "control"),
        Mistake(domain: .fixed(.integer(.max)), reason: "beyond"),
        Mistake(
            domain: .choice([.text(String(repeating: "a", count: 1_025)), .flag(true)]),
            reason: "shorten"),
        Mistake(domain: .choice((0...20_000).map { .integer($0) }), reason: "at most"),
    ]

    @Test("A domain that cannot be searched is refused, by name", arguments: mistakes)
    func refusesDomain(_ mistake: Mistake) throws {
        let good = Hyperparameter(name: "good", domain: .number(0...1, .linear))
        let bad = Hyperparameter(name: "bad", domain: mistake.domain)
        let error = try #require(throws: SpaceError.self) { try SearchSpace([good, bad]) }
        #expect(error.hyperparameter == "bad")
        #expect(error.reason.contains(mistake.reason), "\(error)")
    }

    @Test("A reversed range is told from an empty one before a range is made of it")
    func order() throws {
        #expect(Domain.orderFault(of: 0.1, 0.2) == nil)
        #expect(try #require(Domain.orderFault(of: 0.2, 0.1)).contains("reversed"))
        #expect(try #require(Domain.orderFault(of: 5, 5)).contains("empty"))
        #expect(try #require(Domain.orderFault(of: .nan, 0.1)).contains("not a number"))
    }

    @Test(
        "A name that cannot be shown is refused",
        arguments: [
            "", " ", "a\u{0}b", "tab\t", "a\u{202E}b", " lr", String(repeating: "é", count: 33),
        ])
    func refusesName(_ name: String) throws {
        let bad = Hyperparameter(name: name, domain: .number(0...1, .linear))
        let error = try #require(throws: SpaceError.self) { try SearchSpace([bad]) }
        #expect(
            error.description.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control
            })
    }

    @Test("Names are unique, and there are from 1 to 256 of them")
    func names() throws {
        func space(_ names: [String]) throws -> SearchSpace {
            try SearchSpace(
                names.map { Hyperparameter(name: $0, domain: .fixed(.flag(true))) })
        }
        #expect(throws: SpaceError.self) { try space([]) }
        let twice = try #require(throws: SpaceError.self) { try space(["a", "b", "a"]) }
        #expect(twice.hyperparameter == "a")
        #expect(try space((0..<256).map { "h\($0)" }).hyperparameters.count == 256)
        #expect(throws: SpaceError.self) { try space((0...256).map { "h\($0)" }) }
        #expect(
            try space([String(repeating: "x", count: 64), "Lernrate η"]).hyperparameters.count == 2)
    }

    @Test("Numbers are taken in either spelling, and nothing else is")
    func typed() {
        let number = Domain.number(0...2, .linear)
        let integer = Domain.integer(0...64, .linear)
        let ordinal = Domain.ordinal([.integer(16), .integer(32)])
        #expect(number.typed(.integer(1)) == .number(1))
        #expect(integer.typed(.number(32)) == .integer(32))
        #expect(integer.typed(.number(32.5)) == .number(32.5))
        #expect(ordinal.typed(.number(32)) == .integer(32))
        #expect(number.contains(.integer(2)))
        #expect(!number.contains(.number(2.1)))
        #expect(!number.contains(.number(.nan)))
        #expect(!number.contains(.text("1")))
        #expect(!integer.contains(.number(1.5)))
        #expect(!ordinal.contains(.integer(17)))
        #expect(!Domain.fixed(.flag(true)).contains(.flag(false)))
        #expect(Domain.fixed(.integer(1)).typed(.number(1)) == .integer(1))
    }
}

struct SpecificationTests {
    @Test("What a new specification says is valid")
    func defaults() throws {
        try Specification(space: oneNumber()).validate()
    }

    struct Mistake: Sendable {
        var option: String
        var make: @Sendable (inout Specification) -> Void
    }

    static let mistakes = [
        Mistake(option: "population_size") { $0.populationSize = 0 },
        Mistake(option: "population_size") { $0.populationSize = 1_000_001 },
        Mistake(option: "interval") { $0.interval = 0 },
        Mistake(option: "burn_in") { $0.burnIn = -1 },
        Mistake(option: "max_steps") { $0.maxSteps = 0 },
        Mistake(option: "max_steps") { $0.maxSteps = .max },
        Mistake(option: "fraction") { $0.fraction = 0.51 },
        Mistake(option: "fraction") { $0.fraction = -0.1 },
        Mistake(option: "fraction") { $0.fraction = .nan },
        Mistake(option: "min_population_size") { $0.minPopulationSize = 1 },
        Mistake(option: "resample_probability") { $0.resampleProbability = 1.1 },
        Mistake(option: "perturbation_factors") { $0.perturbationFactors = [] },
        Mistake(option: "perturbation_factors") { $0.perturbationFactors = [0.8, 0] },
        Mistake(option: "perturbation_factors") { $0.perturbationFactors = [.infinity] },
        Mistake(option: "points_to_evaluate") { $0.pointsToEvaluate = [[.number(2)]] },
        Mistake(option: "points_to_evaluate") { $0.pointsToEvaluate = [[]] },
        Mistake(option: "points_to_evaluate") { $0.pointsToEvaluate = [[.text("x")]] },
        Mistake(option: "points_to_evaluate") {
            $0.pointsToEvaluate = Array(repeating: [nil], count: 11)
        },
    ]

    @Test("Why there cannot be no members is said, for a population that grows may have none")
    func noMembers() throws {
        var specification = Specification(space: try oneNumber())
        specification.populationSize = 0
        let error = try #require(throws: SpecificationError.self) { try specification.validate() }
        #expect(
            error.reason
                == "It is 0, and the population does not grow; write from 1 to 1000000 members.")
    }

    @Test("An option that cannot be is refused, by name", arguments: mistakes)
    func refuses(_ mistake: Mistake) throws {
        var specification = Specification(space: try oneNumber())
        mistake.make(&specification)
        let error = try #require(throws: SpecificationError.self) { try specification.validate() }
        #expect(error.option == mistake.option)
    }

    @Test("The edges of what is allowed are allowed")
    func edges() throws {
        for fraction in [0, 0.5] { _ = try specification { $0.fraction = fraction } }
        _ = try specification { $0.populationSize = 1_000_000 }
        _ = try specification { $0.pointsToEvaluate = [[.integer(1)], [nil]] }
    }
}
