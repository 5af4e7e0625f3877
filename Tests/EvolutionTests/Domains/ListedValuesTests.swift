import Testing

@testable import Evolution

struct ListedValuesTests {
    private static let many: [Value] =
        (0..<5000).map { Value.integer(Int64($0)) } + (0..<5000).map { Value.text("v\($0)") }
        + [.number(0.5), .flag(true), .null, .json("[1,2.0]")]

    @Test(
        "Each of many values is found, whichever way its number is written", arguments: [3, 10_004])
    func places(count: Int) {
        let values = Array(Self.many.suffix(count))
        let listed = ListedValues(values)
        for (place, value) in values.enumerated() {
            #expect(listed.place(of: value) == place)
        }
        #expect(listed.place(of: .json("[1.0,2]")) == values.count - 1)
        #expect(listed.place(of: .json("[1,3]")) == nil)
        #expect(listed.place(of: .integer(-1)) == nil)
        #expect(ListedValues(Self.many).place(of: .number(4999)) == 4999)
        #expect(ListedValues(Self.many).samples.count == 5)
    }

    @Test("A choice of many values moves to any other one")
    func moves() throws {
        let domain = Domain.choice(Self.many)
        _ = try SearchSpace([Hyperparameter(name: "x", domain: domain)])
        var draws = Draws(seed: 1, member: 0, report: 0)
        var value = Value.number(7)
        #expect(domain.typed(value) == .integer(7))
        var seen: Set<Value> = []
        for _ in 0..<500 {
            let moved = try #require(domain.perturb(value, factors: [], &draws))
            #expect(moved != domain.typed(value) && domain.contains(moved))
            seen.insert(moved)
            value = moved
        }
        #expect(seen.count > 450)
    }
}
