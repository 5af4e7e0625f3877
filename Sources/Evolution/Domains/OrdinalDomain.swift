/// Values with an order; perturbing leads to a neighbour.
package struct OrdinalDomain: ListedDomain {
    package static let name = "ordinal"

    package let listed: ListedValues

    package init(values: [Value]) { listed = ListedValues(values) }

    package var domain: Domain { .ordered(self) }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let index = listed.place(of: value) else { return nil }
        if index == 0 { return values[1] }
        if index == values.count - 1 { return values[index - 1] }
        return values[draws.flag() ? index + 1 : index - 1]
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? { "a neighbour" }
}
