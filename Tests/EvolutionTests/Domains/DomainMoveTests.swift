import Testing

@testable import Evolution

struct DomainMoveTests {
    struct Case: Sendable {
        var domain: Domain
        var from: Value
        var to: Value
        var words: String?

        init(_ domain: Domain, _ from: Value, _ to: Value, _ words: String?) {
            (self.domain, self.from, self.to, self.words) = (domain, from, to, words)
        }
    }

    private static let positive = Domain.number(0.01...1, .linear)
    private static let crossing = Domain.number(-1...1, .linear)
    private static let integers = Domain.integer(1...64, .linear)

    static let numbers = [
        Case(positive, .number(0.5), .number(0.4), "× 0.8"),
        Case(positive, .number(0.5), .number(0.6), "× 1.2"),
        // Another machine may have computed the product, and rounded it otherwise.
        Case(positive, .number(0.5), .number((0.5 * 1.2).nextUp), "× 1.2"),
        // What a user set outside the bounds moves from the nearer one.
        Case(positive, .number(2), .number(0.8), "× 0.8"),
        Case(positive, .integer(2), .number(0.8), "× 0.8"),
        Case(positive, .number(0.9), .number(0.92), "reflected at 1"),
        Case(.number(0.1...1, .linear), .number(0.11), .number(0.112), "reflected at 0.1"),
        Case(.number(0.9...1, .linear), .number(0.95), .number(0.94), "reflected at its bounds"),
        Case(crossing, .number(0.5), .number(0.9), "+ 20 % of the range"),
        Case(crossing, .number(0.5), .number(0.1), "− 20 % of the range"),
        Case(.number(0...1, .linear), .number(0), .number(0.2), "+ 20 % of the range"),
        Case(.number(-1...0, .linear), .number(0), .number(-0.2), "− 20 % of the range"),
        Case(positive, .number(0.5), .number(0.7), nil),
        Case(positive, .text("fast"), .number(0.4), nil),
        Case(positive, .number(0.9), .text("fast"), nil),
        Case(positive, .number(.nan), .number(0.92), nil),
        Case(positive, .number(0.9), .number(.nan), nil),
    ]

    static let others = [
        Case(integers, .integer(16), .integer(19), "× 1.2"),
        Case(integers, .integer(16), .integer(13), "× 0.8"),
        Case(integers, .integer(2), .integer(3), "+ 1"),
        Case(integers, .integer(2), .integer(1), "− 1"),
        Case(integers, .integer(60), .integer(57), "reflected at 64"),
        Case(integers, .integer(1), .integer(2), "reflected at 1"),
        Case(.integer(9...10, .linear), .integer(9), .integer(10), "reflected at its bounds"),
        Case(.integer(-10...10, .linear), .integer(0), .integer(4), "+ 20 % of the range"),
        Case(.integer(-10...10, .linear), .integer(0), .integer(-4), "− 20 % of the range"),
        // A number between two integers moves from the nearer one.
        Case(integers, .number(2.4), .integer(3), "+ 1"),
        Case(integers, .integer(99), .integer(51), "× 0.8"),
        Case(integers, .integer(16), .integer(16), nil),
        Case(integers, .integer(16), .integer(30), nil),
        Case(integers, .text("16"), .integer(19), nil),
        Case(integers, .number(.nan), .integer(3), nil),
        Case(integers, .integer(60), .number(.nan), nil),
        Case(.choice([.text("a"), .text("b")]), .text("a"), .text("b"), "another choice"),
        Case(.ordinal([.integer(1), .integer(2)]), .integer(1), .integer(2), "a neighbour"),
        Case(.bool, .flag(true), .flag(false), "the other one"),
        Case(.fixed(.integer(1)), .integer(1), .integer(2), nil),
    ]

    @Test("A move says by how much", arguments: numbers + others)
    func words(_ move: Case) {
        #expect(
            move.domain.move(from: move.from, to: move.to, factors: [0.8, 1.2]) == move.words)
    }

    @Test("The factors are those that exploring had")
    func factors() {
        let (from, to) = (Value.number(0.25), Value.number(0.5))
        #expect(Self.positive.move(from: from, to: to, factors: [2.0, 0.5]) == "× 2")
        #expect(Self.positive.move(from: from, to: to, factors: [0.8, 1.2]) == nil)
    }

    @Test("A range that no space may have is explained, or not, without a trap")
    func hostile() {
        let widest = Domain.integer(.min ... .max, .log)
        #expect(
            widest.move(from: .integer(.max), to: .integer(.min), factors: [2])
                == "reflected at 9223372036854775807")
        let infinite = Domain.number(-.infinity ... .infinity, .log)
        #expect(infinite.move(from: .number(0), to: .number(1), factors: [2]) == nil)
    }

    @Test("Each move that perturbing makes can be told")
    func complete() throws {
        let values: [Value] = [.flag(true), .flag(false), .integer(3), .text("a")]
        var domains: [Domain] = [.bool, .choice(values), .ordinal(values)]
        for scale in [Scale.linear, .log] {
            domains += [1...2, 1...3, 7...9, 1...64, 100...110].map { .integer($0, scale) }
            domains += [0.5...2, 1e-5...0.1, 0.9...1].map { .number($0, scale) }
        }
        domains += [0...1, -3...3, -9...0].map { .integer($0, .linear) }
        domains += [0...1, -0.5...3, -9...0].map { .number($0, .linear) }
        for domain in domains {
            var draws = Draws(seed: 7, member: 0, report: 1)
            var value = domain.draw(&draws)
            for _ in 0..<200 {
                let next = try #require(domain.perturb(value, factors: [0.5, 1.2], &draws))
                let words = domain.move(from: value, to: next, factors: [0.5, 1.2])
                #expect(words != nil, "\(domain) from \(value) to \(next)")
                value = next
            }
        }
    }
}
