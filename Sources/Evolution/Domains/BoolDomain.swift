/// True and false; perturbing leads to the other one.
package struct BoolDomain: DomainKind {
    package static let name = "bool"
    package static let keys: [String] = []

    /// True and false.
    package init() {}

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {}

    package var fields: [(key: String, value: DomainField)] { [] }

    package var domain: Domain { .flag(self) }

    package var fault: String? { nil }

    package var hasFewValues: Bool { true }

    package func typed(_ value: Value) -> Value { value }

    package func contains(_ value: Value) -> Bool {
        if case .flag = value { true } else { false }
    }

    package func draw(_ draws: inout Draws) -> Value { .flag(draws.flag()) }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard case .flag(let flag) = value else { return nil }
        return .flag(!flag)
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? { "the other one" }
}
