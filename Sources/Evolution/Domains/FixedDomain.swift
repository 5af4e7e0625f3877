/// One value that never changes.
package struct FixedDomain: DomainKind {
    package static let name = "fixed"
    package static let keys = ["value"]

    /// The only one.
    package let value: Value

    /// A domain of one value.
    package init(value: Value) { self.value = value }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        self.init(value: try fields.value("value"))
    }

    package var fields: [(key: String, value: DomainField)] { [("value", .value(value))] }

    package var domain: Domain { .constant(self) }

    package var fault: String? { value.fault }

    package var hasFewValues: Bool { false }

    package func typed(_ value: Value) -> Value { self.value.matches(value) ? self.value : value }

    package func contains(_ value: Value) -> Bool { self.value == typed(value) }

    package func draw(_ draws: inout Draws) -> Value { value }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? { nil }

    package func move(from: Value, to: Value, factors: [Double]) -> String? { nil }
}
