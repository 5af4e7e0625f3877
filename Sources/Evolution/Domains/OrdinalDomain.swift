/// Values with an order; perturbing leads to a neighbour.
package struct OrdinalDomain: ListedDomain {
    package static let name = "ordinal"

    package let values: [Value]

    package init(values: [Value]) { self.values = values }

    package var domain: Domain { .ordered(self) }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let index = values.firstIndex(where: value.matches) else { return nil }
        if index == 0 { return values[1] }
        if index == values.count - 1 { return values[index - 1] }
        return values[draws.flag() ? index + 1 : index - 1]
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? { "a neighbour" }
}
