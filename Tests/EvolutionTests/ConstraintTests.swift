import Testing

@testable import Evolution

struct ConstraintTests {
    private func space(
        _ domains: [(String, Domain)], _ constraints: [String]
    ) throws -> SearchSpace {
        let names = domains.map(\.0)
        return try SearchSpace(
            domains.map { Hyperparameter(name: $0.0, domain: $0.1) },
            constraints: constraints.flatMap { try Constraint.read($0, names: names) })
    }

    private func drawn(_ space: SearchSpace, _ count: Int = 500) throws -> [[Value]] {
        let specification = try specification(space: space, seed: 5) { $0.populationSize = count }
        return (0..<count).map(specification.initialHyperparameters)
    }

    private func explored(
        _ space: SearchSpace, from donor: [Value], _ count: Int = 500, resample: Double = 0.25
    ) throws -> [([Value], [Evolution.Operation])] {
        let specification = try specification(space: space, seed: 5) {
            $0.resampleProbability = resample
        }
        return (0..<count).map { report in
            var draws = Draws(seed: 5, member: 1, report: report)
            return space.explored(from: donor) {
                specification.exploration.explore(donor, in: space, &draws)
            }
        }
    }

    private static let betas: [(String, Domain)] = [
        ("beta1", .number(0.5...0.999, .linear)), ("beta2", .number(0.8...0.9999, .linear)),
    ]

    @Test("A text says what is kept")
    func reads() throws {
        let names = ["a", "b", "c d"]
        func read(_ text: String) throws -> [Constraint] { try Constraint.read(text, names: names) }
        #expect(try read("a < b") == [.order(less: 0, more: 1, isStrict: true)])
        #expect(try read(" b>=a ") == [.order(less: 0, more: 1, isStrict: false)])
        #expect(
            try read("a<=b<c d") == [
                .order(less: 0, more: 1, isStrict: false), .order(less: 1, more: 2, isStrict: true),
            ])
        #expect(try read("a + c d+b <= 1e-3") == [.sum([0, 2, 1], atMost: 1e-3)])
        for text in ["a < b", "a <= c d", "a + b <= 1", "b + c d + a <= 0.25"] {
            let constraint = try #require(try read(text).first)
            #expect(constraint.text(names) == text)
        }
        for text in ["", "a", "a = b", "a < ", "< a", "a + b", "a + <= 1", "a <= b + c d", "1 < 2"]
        {
            #expect(throws: ConstraintError.self, "\(text)") { try read(text) }
        }
    }

    @Test("What is drawn and explored keeps an order")
    func order() throws {
        let space = try space(Self.betas, ["beta1 < beta2"])
        let drawn = try drawn(space)
        #expect(drawn.allSatisfy(space.keeps))
        // As likely as it is without the constraint, where that is kept: below 0.8 for most.
        #expect(drawn.contains { ($0[0].asNumber ?? 0) > 0.9 })
        #expect(drawn.contains { ($0[0].asNumber ?? 1) < 0.6 })
        for donor in drawn.prefix(20) {
            let explored = try explored(space, from: donor, 50)
            #expect(explored.allSatisfy { space.keeps($0.0) })
            #expect(explored.contains { $0.0 != donor })
        }
    }

    @Test("A sum stays at its most")
    func sum() throws {
        let parts = ["a", "b", "c"].map { ($0, Domain.number(0...1, .linear, step: 0.1)) }
        let space = try space(parts, ["a + b + c <= 0.6"])
        let drawn = try drawn(space)
        #expect(drawn.allSatisfy(space.keeps))
        for values in drawn { try check(values, in: space) }
        // The most itself is reached, though 0.1 + 0.2 is more than 0.3 as doubles are.
        #expect(drawn.contains { abs($0.reduce(0) { $0 + ($1.asNumber ?? 9) } - 0.6) < 1e-9 })
        let explored = try explored(space, from: [.number(0.2), .number(0.2), .number(0.2)])
        #expect(explored.allSatisfy { space.keeps($0.0) })
    }

    @Test("What keeps breaking a constraint stays as the donor has it, and the rest is explored")
    func inherits() throws {
        let domains: [(String, Domain)] = [
            ("a", .number(0...1, .linear)), ("b", .number(0...1, .linear)),
            ("free", .number(0...10, .linear)),
        ]
        // Each factor leads a beyond b, which is at its bound.
        let space = try space(domains, ["a < b"])
        let specification = try specification(space: space) {
            $0.resampleProbability = 0
            $0.perturbationFactors = [2]
        }
        let donor: [Value] = [.number(0.4), .number(0.5), .number(3)]
        var draws = Draws(seed: 1, member: 0, report: 0)
        let (values, operations) = space.explored(from: donor) {
            specification.exploration.explore(donor, in: space, &draws)
        }
        #expect(values == [.number(0.8), .number(1), .number(6)])
        #expect(operations == [.perturbed, .perturbed, .perturbed])
        let beyond: [Value] = [.number(0.55), .number(0.95), .number(3)]
        let (kept, how) = space.explored(from: beyond) {
            specification.exploration.explore(beyond, in: space, &draws)
        }
        #expect(kept == [.number(0.55), .number(0.95), .number(6)])
        #expect(how == [.kept, .kept, .perturbed])
    }

    @Test("What a user set against a constraint is repaired when it is next explored")
    func repairs() throws {
        let space = try space(
            [("a", .integer(1...9, .linear)), ("b", .integer(1...9, .linear))], ["a < b"])
        let specification = try specification(space: space) {
            $0.resampleProbability = 0
            $0.mutationProbability = 0
        }
        var draws = Draws(seed: 1, member: 0, report: 0)
        let broken: [Value] = [.integer(7), .integer(3)]
        let (values, _) = space.explored(from: broken) {
            specification.exploration.explore(broken, in: space, &draws)
        }
        #expect(space.keeps(values))
        // The first stays, and the other is reflected into what is left to it: 8 and 9.
        #expect(values[0] == .integer(7))
        #expect([.integer(8), .integer(9)].contains(values[1]))
    }

    @Test("Where hardly anything is left, that is found")
    func narrow() throws {
        let space = try space(
            [
                ("a", .integer(1...1_000_000, .log)), ("b", .integer(1...1_000_000, .log)),
                ("c", .number(0...1e6, .linear)), ("most", .fixed(.integer(3))),
            ], ["a < b < most", "b + c <= 2"])
        for values in try drawn(space, 50) {
            #expect(space.keeps(values))
            #expect(values[0] == .integer(1) && values[1] == .integer(2))
            #expect(abs(try #require(values[2].asNumber)) < 1e-9 && values[3] == .integer(3))
        }
    }

    @Test("A point that leaves something open is completed")
    func points() throws {
        let space = try space(Self.betas, ["beta1 < beta2"])
        let specification = try specification(space: space) {
            $0.pointsToEvaluate = [[.number(0.998), nil], [nil, .number(0.81)]]
        }
        let first = specification.initialHyperparameters(of: 0)
        #expect(first[0] == .number(0.998) && space.keeps(first))
        let second = specification.initialHyperparameters(of: 1)
        #expect(second[1] == .number(0.81) && space.keeps(second))
        let error = #expect(throws: SpecificationError.self) {
            try EvolutionTests.specification(space: space) {
                $0.pointsToEvaluate = [[.number(0.95), .number(0.9)]]
            }
        }
        #expect(error?.option == "points_to_evaluate")
    }

    struct Mistake: Sendable {
        var constraints: [String]
        var words: String
    }

    @Test(
        "Constraints that no values keep are refused",
        arguments: [
            Mistake(constraints: ["b < a"], words: "No values keep all constraints (b < a)"),
            Mistake(constraints: ["a < b", "b < a"], words: "in a circle"),
            Mistake(constraints: ["a <= b <= a"], words: "in a circle"),
            Mistake(constraints: ["a + b <= 10.5"], words: "No values keep all"),
            Mistake(constraints: ["a < kind"], words: "“kind”, which is no number"),
            Mistake(
                constraints: Array(repeating: "a < b", count: 65), words: "65 constraints; keep"),
        ])
    func refuses(_ mistake: Mistake) throws {
        let domains: [(String, Domain)] = [
            ("a", .integer(1...10, .linear)), ("b", .integer(10...20, .linear)),
            ("kind", .choice([.integer(1), .integer(2)])),
        ]
        let error = try #require(throws: SpaceError.self) {
            try space(domains, mistake.constraints)
        }
        #expect(error.reason.contains(mistake.words), "\(error)")
    }

    @Test("Members of any space keep its constraints, and draw the same from the same seed")
    func random() throws {
        var made = 0
        for seed in 0..<150 as Range<UInt64> {
            guard let space = try randomSpace(seed) else { continue }
            made += 1
            let drawn = try drawn(space, 20)
            #expect(try self.drawn(space, 20) == drawn)
            for donor in drawn {
                try check(donor, in: space)
                for (values, _) in try explored(space, from: donor, 5) {
                    try check(values, in: space)
                }
            }
        }
        #expect(made > 60)
    }

    private func check(_ values: [Value], in space: SearchSpace) throws {
        for (hyperparameter, value) in zip(space.hyperparameters, values) {
            #expect(hyperparameter.domain.contains(value), "\(value) of \(hyperparameter)")
        }
        #expect(space.keeps(values), "\(values) of \(space)")
    }

    /// `nil` where no values keep its constraints.
    private func randomSpace(_ seed: UInt64) throws -> SearchSpace? {
        var generator = Scatter(seed)
        let names = ["a", "b", "c", "d", "e"]
        let domains: [(String, Domain)] = names.map { name in
            let lower = Int64.random(in: 1...20, using: &generator)
            let width = Int64.random(in: 2...40, using: &generator)
            let range = Double(lower)...Double(lower + width)
            let open = FloatDomain(
                min: range.lowerBound, max: nil, scale: .linear,
                details: NumberDetails(draw: .normal(mean: Double(lower + 1), sd: 5)))
            let all: [Domain] = [
                .number(range, .linear), .number(range, .log),
                .integer(lower...lower + width, .log),
                .number(range, .linear, step: 0.5), .fixed(.integer(lower)),
                open?.domain ?? .number(range, .linear),
            ]
            return (name, all[Int.random(in: 0..<all.count, using: &generator)])
        }
        var constraints: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let some = names.shuffled(using: &generator)
            let most = Int.random(in: 20...120, using: &generator)
            let forms = [
                "\(some[0]) < \(some[1])", "\(some[0]) <= \(some[1]) < \(some[2])",
                "\(some[0]) + \(some[1]) + \(some[2]) <= \(most)",
            ]
            constraints.append(forms[Int.random(in: 0..<3, using: &generator)])
        }
        do throws(SpaceError) {
            return try SearchSpace(
                domains.map { Hyperparameter(name: $0.0, domain: $0.1) },
                constraints: read(constraints, names))
        } catch {
            return nil
        }
    }

    private func read(_ texts: [String], _ names: [String]) -> [Constraint] {
        texts.flatMap { (try? Constraint.read($0, names: names)) ?? [] }
    }
}
