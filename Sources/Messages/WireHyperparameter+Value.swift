import Evolution

extension WireValue {
    package init(_ value: Value) {
        self.init()
        switch value {
        case .number(let number): self.number = number
        case .integer(let integer): self.integer = integer
        case .text(let text): self.text = text
        case .flag(let flag): self.flag = flag
        }
    }

    /// `nil` when it has none, or one of a kind that this version does not know.
    package var value: Value? {
        switch kind {
        case .number(let number): .number(number)
        case .integer(let integer): .integer(integer)
        case .text(let text): .text(text)
        case .flag(let flag): .flag(flag)
        case nil: nil
        }
    }
}

extension Value {
    /// What a sentence calls its kind.
    var noun: String {
        switch self {
        case .number: "a number"
        case .integer: "an integer"
        case .text: "a text"
        case .flag: "true or false"
        }
    }

    func isSameKind(as other: Value) -> Bool {
        switch (self, other) {
        case (.number, .number), (.integer, .integer), (.text, .text), (.flag, .flag): true
        default: false
        }
    }
}

extension [WireHyperparameter] {
    /// The values of a search space's hyperparameters with their names.
    package init(_ values: [Value], space: SearchSpace) {
        self = zip(space.hyperparameters, values).map { hyperparameter, value in
            var wire = WireHyperparameter()
            wire.name = hyperparameter.name
            wire.value = WireValue(value)
            return wire
        }
    }

    /// The values by name, in the space's order.
    ///
    /// A value may lie outside of its hyperparameter's bounds, but must be of its kind; an integer
    /// is taken for a number, and a whole number for an integer.
    package func values(in space: SearchSpace) throws(WireError) -> [Value] {
        guard count <= Limits.hyperparameters else {
            throw WireError(
                .limit,
                "\(count) hyperparameters were sent; at most \(Limits.hyperparameters) may be.")
        }
        // Clients send them in the space's order; only one that does not costs a look-up by name.
        if count == space.hyperparameters.count,
            zip(self, space.hyperparameters).allSatisfy({ $0.name == $1.name })
        {
            return try checked(self, in: space)
        }
        return try checked(sorted(as: space), in: space)
    }

    private func sorted(as space: SearchSpace) throws(WireError) -> [WireHyperparameter] {
        var byName: [String: WireHyperparameter] = [:]
        for wire in self where byName.updateValue(wire, forKey: wire.name) != nil {
            throw WireError(
                .invalid, "The hyperparameter \"\(wire.name)\" was sent twice; send it once.")
        }
        var result: [WireHyperparameter] = []
        for hyperparameter in space.hyperparameters {
            guard let wire = byName.removeValue(forKey: hyperparameter.name) else {
                throw WireError(
                    .invalid,
                    "The hyperparameter \"\(hyperparameter.name)\" is missing; send all of them.")
            }
            result.append(wire)
        }
        if let unknown = first(where: { byName[$0.name] != nil }) {
            throw WireError(
                .invalid,
                """
                The search space has no hyperparameter "\(unknown.name.prefix(Limits.nameBytes))"; \
                it has \(space.hyperparameters.map(\.name).formatted(atMost: 10)).
                """)
        }
        return result
    }

    private func checked(
        _ wires: [WireHyperparameter], in space: SearchSpace
    ) throws(WireError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(wires.count)
        var size = 0
        for (wire, hyperparameter) in zip(wires, space.hyperparameters) {
            let value = try hyperparameter.value(of: wire.value)
            size += hyperparameter.wireSize(with: value)
            values.append(value)
        }
        guard size <= Limits.assignmentBytes else {
            throw WireError(
                .limit,
                """
                The hyperparameters take \(size) bytes with their names, and may take \
                \(Limits.assignmentBytes); shorten the texts among them.
                """)
        }
        return values
    }
}

extension Hyperparameter {
    /// At most how many bytes it takes on the wire with a value.
    package func wireSize(with value: Value) -> Int {
        // Tags and lengths of the hyperparameter, its name, its value and a text or number.
        let framing = 20
        let text = if case .text(let text) = value { text.utf8.count } else { 0 }
        return framing + name.utf8.count + text
    }

    /// The same with the largest value that a worker may report for it.
    var largestReportedSize: Int {
        let isText = domain.samples.contains { if case .text = $0 { true } else { false } }
        return wireSize(with: .flag(true)) + (isText ? Limits.textBytes : 0)
    }

    fileprivate func value(of wire: WireValue) throws(WireError) -> Value {
        guard let value = wire.value else {
            throw WireError(
                .invalid,
                "The hyperparameter \"\(name)\" has no value; send one that is \(expectation).")
        }
        let accepted = domain.accepted(value)
        guard domain.takesKind(of: accepted) else { throw wrongKind(value) }
        if case .number(let number) = accepted, !number.isFinite {
            throw WireError(
                .invalid, "The hyperparameter \"\(name)\" is \(number); send a finite number.")
        }
        if case .text(let text) = accepted, text.utf8.count > Limits.textBytes {
            throw WireError(
                .limit,
                """
                The hyperparameter "\(name)" has a text of \(text.utf8.count) bytes; at most \
                \(Limits.textBytes) may be.
                """)
        }
        return accepted
    }

    private func wrongKind(_ value: Value) -> WireError {
        WireError(
            .invalid,
            "The hyperparameter \"\(name)\" is \(expectation), and \(value.noun) was sent.")
    }

    private var expectation: String {
        var nouns: [String] = []
        for value in domain.samples where !nouns.contains(value.noun) { nouns.append(value.noun) }
        return nouns.joined(separator: " or ")
    }
}

extension Domain {
    /// Values that show of which kinds its values are.
    fileprivate var samples: [Value] {
        switch self {
        case .float(let domain): [.number(domain.range.lowerBound)]
        case .int(let domain): [.integer(domain.range.lowerBound)]
        case .unordered(let domain): domain.values
        case .ordered(let domain): domain.values
        case .flag: [.flag(true)]
        case .constant(let domain): [domain.value]
        }
    }

    /// The value in the form of the domain. Also a value outside of it is taken for a number when
    /// its numbers are.
    fileprivate func accepted(_ value: Value) -> Value {
        let typed = typed(value)
        if case .integer(let integer) = typed, !takesKind(of: typed) {
            return .number(Double(integer))
        }
        return typed
    }

    fileprivate func takesKind(of value: Value) -> Bool {
        samples.contains(where: value.isSameKind)
    }
}

extension [String] {
    /// The first of them, quoted, and how many more there are.
    func formatted(atMost most: Int) -> String {
        let shown = prefix(most).map { "\"\($0)\"" }.joined(separator: ", ")
        return count > most ? "\(shown) and \(count - most) more" : shown
    }
}
