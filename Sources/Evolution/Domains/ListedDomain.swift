/// A kind of domain whose values are listed one by one.
package protocol ListedDomain: DomainKind {
    /// The values, in the order of the space file.
    var listed: ListedValues { get }

    /// A domain of these values.
    init(values: [Value])
}

extension ListedDomain {
    /// The values, in the order of the space file.
    package var values: [Value] { listed.all }

    /// One of each kind that they have.
    package var samples: [Value] { listed.samples }

    package static var keys: [String] { ["values"] }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        self.init(values: try fields.values("values"))
    }

    package var fields: [(key: String, value: DomainField)] { [("values", .values(values))] }

    package var fault: String? {
        if values.count < 2 { return "It lists fewer than two values; list two or fix one." }
        if values.count > Domain.valueLimit {
            return "It lists \(values.count) values; keep at most \(Domain.valueLimit)."
        }
        if let fault = values.lazy.compactMap(\.fault).first { return fault }
        // 32 and 32.0 are one.
        var seen: Set<Value> = []
        let twice = values.first { value in
            !seen.insert(value.matched).inserted
        }
        return twice.map { "It lists \($0) twice; keep one." }
    }

    package var hasFewValues: Bool { true }

    package func typed(_ value: Value) -> Value {
        listed.place(of: value).map { values[$0] } ?? value
    }

    package func contains(_ value: Value) -> Bool { listed.place(of: value) != nil }

    package func draw(_ draws: inout Draws) -> Value { values[draws.below(values.count)] }
}
