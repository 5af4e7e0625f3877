extension Domain {
    /// The value in the form that this domain has: 1 as 1.0 for a number, 32.0 as 32 for an
    /// integer. A value that has no such form stays as it is.
    package func typed(_ value: Value) -> Value {
        switch (self, value) {
        case (.number, .integer(let integer)): .number(Double(integer))
        case (.integer, .number(let number)): Int64(exactly: number).map(Value.integer) ?? value
        case (.choice(let values), _), (.ordinal(let values), _):
            values.first { $0 == value } ?? values.first { $0.matches(value) } ?? value
        case (.fixed(let fixed), _): fixed.matches(value) ? fixed : value
        default: value
        }
    }

    /// Whether exploring could have led to the value.
    package func contains(_ value: Value) -> Bool {
        switch (self, typed(value)) {
        case (.number(let range, _), .number(let number)): range.contains(number)
        case (.integer(let range, _), .integer(let integer)): range.contains(integer)
        case (.choice(let values), let value), (.ordinal(let values), let value):
            values.contains(value)
        case (.fixed(let fixed), let value): fixed == value
        default: false
        }
    }
}
