import Testing

@testable import Evolution

struct BoolDomainTests {
    @Test("A bool is true or false, and no spelling of them")
    func values() throws {
        for flag in [true, false] {
            #expect(Domain.bool.contains(.flag(flag)))
            #expect(Domain.bool.typed(.flag(flag)) == .flag(flag))
        }
        for other in [Value.integer(1), .number(0), .text("true")] {
            #expect(!Domain.bool.contains(other))
            #expect(Domain.bool.typed(other) == other)
        }
        #expect(Domain.bool.fault == nil)
        let space = try SearchSpace([Hyperparameter(name: "nesterov", domain: .bool)])
        #expect(space.hyperparameters[0].domain == .bool)
    }

    @Test("A bool is drawn as a choice of false and true is, from the same draws")
    func draws() {
        var one = Draws(seed: 1, member: 2, report: 3)
        var other = one
        let choice = Domain.choice([.flag(false), .flag(true)])
        var trues = 0
        for _ in 0..<1_000 {
            let drawn = Domain.bool.draw(&one)
            #expect(drawn == choice.draw(&other))
            trues += drawn == .flag(true) ? 1 : 0
        }
        #expect(abs(trues - 500) < 80)
        #expect(one.bits() == other.bits())
    }

    @Test("Perturbing a bool leads to the other one and draws nothing")
    func perturbs() {
        var draws = Draws(seed: 1, member: 2, report: 3)
        var untouched = draws
        #expect(Domain.bool.perturb(.flag(true), factors: [], &draws) == .flag(false))
        #expect(Domain.bool.perturb(.flag(false), factors: [], &draws) == .flag(true))
        #expect(Domain.bool.perturb(.integer(1), factors: [], &draws) == nil)
        #expect(draws.bits() == untouched.bits())
    }

    @Test("Exploring keeps most bools, flips a few, and draws what is none anew")
    func explores() throws {
        let space = try SearchSpace([Hyperparameter(name: "nesterov", domain: .bool)])
        let specification = try specification(space: space) {
            $0.resampleProbability = 0
            $0.mutationProbability = 0.25
        }
        func explored(from value: Value) -> [(Value, Evolution.Operation)] {
            (0..<2_000).map { report in
                var draws = Draws(seed: 3, member: 1, report: report)
                let (values, operations) = specification.exploration.explore(
                    [value], in: specification.space, &draws)
                return (values[0], operations[0])
            }
        }
        let flags = explored(from: .flag(true))
        #expect(flags.allSatisfy { $0 == (.flag(true), .kept) || $0 == (.flag(false), .perturbed) })
        #expect(abs(flags.count { $0.1 == .perturbed } - 500) < 100)
        let texts = explored(from: .text("yes"))
        #expect(texts.allSatisfy { $0.1 == .resampled && Domain.bool.contains($0.0) })
        #expect(Set(texts.map(\.0)) == [.flag(true), .flag(false)])
    }
}
