/// The values that a hyperparameter may take.
package enum Domain: Hashable, Sendable {
    case float(FloatDomain)
    case int(IntDomain)
    case unordered(ChoiceDomain)
    case ordered(OrdinalDomain)
    case flag(BoolDomain)
    case constant(FixedDomain)

    /// All kinds, in the order in which a sentence lists them.
    package static let kinds: [any DomainKind.Type] = [
        FloatDomain.self, IntDomain.self, ChoiceDomain.self, OrdinalDomain.self, BoolDomain.self,
        FixedDomain.self,
    ]

    /// What this domain is and does.
    package var kind: any DomainKind {
        switch self {
        case .float(let kind): kind
        case .int(let kind): kind
        case .unordered(let kind): kind
        case .ordered(let kind): kind
        case .flag(let kind): kind
        case .constant(let kind): kind
        }
    }
}

// MARK: - Making

extension Domain {
    /// Numbers in a range.
    package static func number(
        _ range: ClosedRange<Double>, _ scale: Scale, step: Double? = nil
    ) -> Domain {
        .float(FloatDomain(range: range, scale: scale, details: NumberDetails(step: step)))
    }

    /// Whole numbers in a range.
    package static func integer(
        _ range: ClosedRange<Int64>, _ scale: Scale, step: Int64? = nil
    ) -> Domain {
        let details = NumberDetails(step: step.map(Double.init))
        return .int(IntDomain(range: range, scale: scale, details: details))
    }

    /// Values without an order; exploring moves to any other one.
    package static func choice(_ values: [Value]) -> Domain {
        .unordered(ChoiceDomain(values: values))
    }

    /// Values with an order; exploring moves to a neighbour.
    package static func ordinal(_ values: [Value]) -> Domain {
        .ordered(OrdinalDomain(values: values))
    }

    /// True and false.
    package static let bool = Domain.flag(BoolDomain())

    /// One value that never changes.
    package static func fixed(_ value: Value) -> Domain { .constant(FixedDomain(value: value)) }

    /// The kind that a space file calls so.
    package static func kind(named name: String) -> (any DomainKind.Type)? {
        kinds.first { $0.name == name }
    }

    /// Reads what a space file says of a domain of this kind.
    package init<Fields: DomainFields>(
        _ kind: any DomainKind.Type, _ fields: Fields
    ) throws(Fields.Failure) {
        self = try kind.init(fields).domain
    }
}

// MARK: - What each kind does

extension Domain {
    /// The word after `type:` in a space file.
    package var name: String { type(of: kind).name }

    /// How many values are listed one by one.
    package var listedCount: Int {
        switch self {
        case .unordered(let domain): domain.values.count
        case .ordered(let domain): domain.values.count
        case .float, .int, .flag, .constant: 0
        }
    }

    /// What a space file says beside the type.
    package var fields: [(key: String, value: DomainField)] { kind.fields }

    /// What keeps the domain from being searched, as a sentence.
    var fault: String? { kind.fault }

    /// It has one value, which never changes.
    var isFixed: Bool {
        if case .constant = self { true } else { false }
    }

    /// Values so few that a change is a jump: it then happens with `mutationProbability`.
    var hasFewValues: Bool { kind.hasFewValues }

    /// The value in the form that this domain has: 1 as 1.0 for a number, 32.0 as 32 for an
    /// integer. A value that has no such form stays as it is.
    package func typed(_ value: Value) -> Value { kind.typed(value) }

    /// Whether exploring could have led to the value.
    package func contains(_ value: Value) -> Bool { kind.contains(value) }

    /// A value of the domain, each as likely in its scale.
    func draw(_ draws: inout Draws) -> Value { kind.draw(&draws) }

    /// A value of the domain, always the same.
    package var anyValue: Value {
        var draws = Draws(seed: 0, member: 0, report: 0)
        return draw(&draws)
    }

    /// Another value near `value`, or `nil` when `value` has no place in the domain from which
    /// to move.
    func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        kind.perturb(value, factors: factors, &draws)
    }

    /// How perturbing led from one value to the other, in words such as "× 0.8"; `nil` when it
    /// cannot be told.
    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        kind.move(from: from, to: to, factors: factors)
    }
}
