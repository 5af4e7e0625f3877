/// Values without an order; perturbing leads to any other one.
package struct ChoiceDomain: ListedDomain {
    package static let name = "choice"

    package let listed: ListedValues

    package init(values: [Value]) { listed = ListedValues(values) }

    package var domain: Domain { .unordered(self) }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let index = listed.place(of: value) else { return nil }
        let other = draws.below(values.count - 1)
        return values[other < index ? other : other + 1]
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? { "another choice" }
}
