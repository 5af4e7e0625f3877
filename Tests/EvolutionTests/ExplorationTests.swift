import Testing

@testable import Evolution

struct ExplorationTests {
    /// So many values, each explored from the same one.
    private func explored(
        _ domain: Domain, from value: Value, count: Int = 500, resample: Double = 0,
        factors: [Double] = [0.8, 1.2]
    ) throws -> [(Value, Evolution.Operation)] {
        let space = try SearchSpace([Hyperparameter(name: "h", domain: domain)])
        let specification = try specification(space: space, seed: 3) {
            $0.resampleProbability = resample
            $0.perturbationFactors = factors
        }
        return (0..<count).map { report in
            var draws = Draws(seed: 3, member: 1, report: report)
            let (values, operations) = specification.exploration.explore(
                [value], in: specification.space, &draws)
            return (values[0], operations[0])
        }
    }

    private func values(_ domain: Domain, from value: Value, factors: [Double] = [0.8, 1.2]) throws
        -> Set<Value>
    {
        Set(try explored(domain, from: value, factors: factors).map(\.0))
    }

    @Test("A number is multiplied by one of the factors, each as likely")
    func factors() throws {
        let explored = try explored(.number(0...10, .linear), from: .number(5))
        #expect(explored.allSatisfy { $0.1 == .perturbed })
        #expect(Set(explored.map(\.0)) == [.number(4), .number(6)])
        #expect(abs(explored.count { $0.0 == .number(4) } - 250) < 60)
        #expect(
            try values(.number(1e-5...1e-1, .log), from: .number(1e-2)) == [
                .number(1e-2 * 0.8), .number(1e-2 * 1.2),
            ])
    }

    @Test("A number is drawn anew as often as it is asked for")
    func resamples() throws {
        let domain = Domain.number(0...10, .linear)
        for chance in [0, 0.25, 1] {
            let explored = try explored(
                domain, from: .number(5), count: 2_000, resample: chance)
            let drawn = explored.filter { $0.1 == .resampled }
            #expect(abs(Double(drawn.count) - 2_000 * chance) < 100)
            if chance == 0 { #expect(drawn.isEmpty) }
            if chance == 1 { #expect(drawn.count == 2_000) }
            let numbers = drawn.compactMap(\.0.asNumber)
            if !numbers.isEmpty { #expect(abs(median(numbers) - 5) < 0.7) }
        }
    }

    @Test("A bound reflects, in the scale of the range")
    func reflection() throws {
        let linear = try values(.number(1...2, .linear), from: .number(1.9), factors: [1.2])
        #expect(abs(try #require(linear.first?.asNumber) - 1.72) < 1e-12)
        // On the log scale 1 / 1.08 lies as far below 1 as 1.08 lies above it.
        let log = try values(.number(0.01...1, .log), from: .number(0.9), factors: [1.2])
        #expect(abs(try #require(log.first?.asNumber) - 1 / 1.08) < 1e-12)
        // A range much narrower than the move reflects many times and still holds the value.
        for scale in [Scale.linear, .log] {
            let range = 0.999...1.0
            let moved = try values(.number(range, scale), from: .number(1), factors: [0.8, 9])
            #expect(moved.compactMap(\.asNumber).allSatisfy(range.contains))
            #expect(moved.count == 2)
        }
    }

    @Test("No factor, however absurd, leads out of bounds")
    func extremes() throws {
        let ranges: [(ClosedRange<Double>, Scale)] = [
            (1e-300...1e300, .log), (1e-6...1e-5, .log), (1e-6...1e-5, .linear),
            (-1e300...1e300, .linear), (-5...(-1), .linear), (0...1, .linear),
        ]
        for (range, scale) in ranges {
            for start in [range.lowerBound, range.upperBound] {
                let moved = try values(
                    .number(range, scale), from: .number(start), factors: [1e-300, 1e300, 0.8, 1.2])
                #expect(moved.compactMap(\.asNumber).allSatisfy(range.contains), "\(range)")
            }
        }
    }

    @Test("In a range that crosses 0, and at 0, a number moves by 0.2 of the width")
    func zero() throws {
        #expect(
            try values(.number(-5...5, .linear), from: .number(1)) == [.number(3), .number(-1)])
        #expect(
            try values(.number(-5...5, .linear), from: .number(4)) == [.number(4), .number(2)])
        #expect(try values(.number(0...10, .linear), from: .number(0)) == [.number(2)])
        #expect(try values(.number(-10...0, .linear), from: .number(0)) == [.number(-2)])
        #expect(
            try values(.integer(-10...10, .linear), from: .integer(0))
                == [.integer(4), .integer(-4)])
        #expect(try values(.integer(0...3, .linear), from: .integer(0)) == [.integer(1)])
    }

    @Test("A perturbed integer moves by at least 1 and stays in bounds")
    func integers() throws {
        let domains: [(ClosedRange<Int64>, Scale)] = [
            (1...64, .linear), (1...64, .log), (1...2, .linear), (1...2, .log), (0...1, .linear),
            (1...3, .linear), (-3...3, .linear), (-9...(-7), .linear),
            ((1 << 53) - 3...1 << 53, .linear),
        ]
        for (range, scale) in domains {
            for start in range.prefix(70) {
                for factors in [[0.8, 1.2], [1.0], [2.0, 0.5]] {
                    let moved = try explored(
                        .integer(range, scale), from: .integer(start), count: 20, factors: factors)
                    for case (.integer(let integer), _) in moved {
                        #expect(range.contains(integer))
                        #expect(integer != start, "\(range) \(scale) from \(start) by \(factors)")
                    }
                    #expect(moved.allSatisfy { if case .integer = $0.0 { true } else { false } })
                }
            }
        }
        #expect(
            try values(.integer(1...64, .linear), from: .integer(32))
                == [.integer(26), .integer(38)])
        #expect(
            try values(.integer(1...64, .log), from: .integer(2)) == [.integer(1), .integer(3)])
        // Where rounding undoes the move, it goes on in the same direction.
        let domain = Domain.integer(1...64, .linear)
        #expect(try values(domain, from: .integer(2), factors: [1.2]) == [.integer(3)])
        #expect(try values(domain, from: .integer(2), factors: [0.8]) == [.integer(1)])
        // A number between two integers moves from the nearer one.
        #expect(try values(domain, from: .number(2.6), factors: [2]) == [.integer(6)])
    }

    @Test("An integer does not sink to the bottom of its range", arguments: [0, 1] as [Int64])
    func ratchet(_ lowest: Int64) throws {
        let ends = try walks(.integer(lowest...1_000, .linear), from: .integer(32), moves: 50)
        #expect(ends.allSatisfy { $0 >= Double(lowest) && $0 <= 1_000 })
        // Every value is left again, so few are where they would gather if it sank.
        #expect(Double(ends.count { $0 == Double(lowest) }) < 0.2 * Double(ends.count))
        #expect(Set(ends).count > 20)
    }

    @Test("Multiplying by 0.8 and 1.2 drifts down to 0.36 in 50 moves, where there is room")
    func drift() throws {
        let ends = try walks(.number(1e-9...1e9, .log), from: .number(1), moves: 50)
        #expect(abs(median(ends) - 0.36) < 0.08)
    }

    /// Where so many perturbations in a row lead, in 400 walks.
    private func walks(_ domain: Domain, from start: Value, moves: Int) throws -> [Double] {
        try (0..<400).map { walk in
            var draws = Draws(seed: 5, member: walk, report: 1)
            var value = start
            for _ in 0..<moves {
                value = try #require(domain.perturb(value, factors: [0.8, 1.2], &draws))
            }
            return try #require(value.asNumber)
        }
    }

    @Test("A choice moves to any other value, an ordinal to a neighbour")
    func lists() throws {
        let listed: [Value] = [.text("a"), .text("b"), .text("c"), .text("d")]
        #expect(
            try values(.choice(listed), from: .text("b")) == [.text("a"), .text("c"), .text("d")])
        #expect(try values(.ordinal(listed), from: .text("b")) == [.text("a"), .text("c")])
        #expect(try values(.ordinal(listed), from: .text("a")) == [.text("b")])
        #expect(try values(.ordinal(listed), from: .text("d")) == [.text("c")])
        for flags in [Domain.choice([.flag(true), .flag(false)]), .bool] {
            #expect(try values(flags, from: .flag(true)) == [.flag(false)])
        }
    }

    @Test("What a user set outside the space is brought back when it is next explored")
    func bringsBack() throws {
        let linear = try values(.number(0...1, .linear), from: .number(50))
        #expect(linear == [.number(0.8)])
        #expect(try values(.number(0...1, .linear), from: .number(.infinity)) == [.number(0.8)])
        #expect(try values(.integer(1...10, .linear), from: .integer(-7)) == [.integer(2)])
        #expect(try values(.integer(1...10, .linear), from: .integer(.max)) == [.integer(8)])
        for lost in [Value.text("fast"), .number(.nan)] {
            let explored = try explored(.number(0...1, .linear), from: lost)
            #expect(explored.allSatisfy { $0.1 == .resampled })
            #expect(explored.allSatisfy { (0...1).contains($0.0.asNumber ?? -1) })
        }
        let listed: [Value] = [.integer(16), .integer(32)]
        #expect(
            try explored(.ordinal(listed), from: .integer(17)).allSatisfy {
                listed.contains($0.0) && $0.1 == .resampled
            })
    }

    @Test("A fixed value is kept, also against a user's")
    func fixed() throws {
        let explored = try explored(.fixed(.text("adam")), from: .text("sgd"), resample: 1)
        #expect(explored.allSatisfy { $0 == (.text("adam"), .kept) })
    }

    @Test("Initial values fill the range evenly in its scale")
    func initial() throws {
        let space = try SearchSpace([
            Hyperparameter(name: "linear", domain: .number(-1...3, .linear)),
            Hyperparameter(name: "log", domain: .number(1e-4...1, .log)),
            Hyperparameter(name: "integer", domain: .integer(-2...2, .linear)),
            Hyperparameter(name: "scaled", domain: .integer(1...255, .log)),
            Hyperparameter(name: "choice", domain: .choice([.flag(true), .flag(false)])),
            Hyperparameter(name: "ordinal", domain: .ordinal([.integer(8), .integer(16)])),
            Hyperparameter(name: "fixed", domain: .fixed(.text("adam"))),
            Hyperparameter(name: "bool", domain: .bool),
        ])
        let specification = try specification(space: space) { $0.populationSize = 4_000 }
        let drawn = population(4_000, specification).members.map(\.hyperparameters)
        for (index, hyperparameter) in space.hyperparameters.enumerated() {
            #expect(drawn.allSatisfy { hyperparameter.domain.contains($0[index]) })
        }
        func numbers(_ index: Int) -> [Double] { drawn.compactMap { $0[index].asNumber } }
        #expect(abs(median(numbers(0)) - 1) < 0.1)
        #expect((0.007...0.014).contains(median(numbers(1))))
        for integer in -2...2 {
            #expect(abs(numbers(2).count { $0 == Double(integer) } - 800) < 130)
        }
        // Half of the log scale from 1 to 256 lies below 16, and an eighth below 2.
        #expect(abs(numbers(3).count { $0 < 16 } - 2_000) < 160)
        #expect(abs(numbers(3).count { $0 == 1 } - 500) < 110)
        #expect(abs(drawn.count { $0[4] == .flag(true) } - 2_000) < 160)
        #expect(abs(drawn.count { $0[7] == .flag(true) } - 2_000) < 160)
    }

    @Test("The first members start at the points to evaluate, and open values are drawn")
    func points() throws {
        let specification = try specification { $0.pointsToEvaluate = [[.integer(1)], [nil]] }
        let members = population(3, specification).members
        #expect(members[0].hyperparameters == [.number(1)])
        let plain = try population(3, EvolutionTests.specification()).members
        #expect(members[1...].map(\.hyperparameters) == plain[1...].map(\.hyperparameters))
    }
}
