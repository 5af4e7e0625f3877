import Evolution

extension WireValue {
    package init(_ value: Value) {
        self.init()
        switch value {
        case .number(let number): self.number = number
        case .integer(let integer): self.integer = integer
        case .text(let text): self.text = text
        case .flag(let flag): self.flag = flag
        case .json(let text): json = text
        }
    }

    /// `nil` when it has none, or one of a kind that this version does not know, or no JSON as such.
    package var value: Value? {
        switch kind {
        case .number(let number): .number(number)
        case .integer(let integer): .integer(integer)
        case .text(let text): .text(text)
        case .flag(let flag): .flag(flag)
        case .json(let text): JSONText.canonical(text).map(Value.json)
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
        case .json: "a list or null"
        }
    }
}

extension [WireHyperparameter] {
    /// The values of a search space's hyperparameters with their names, of those that count.
    package init(_ values: [Value], space: SearchSpace) {
        self = Configuration(values, in: space).places.map { place in
            var wire = WireHyperparameter()
            wire.name = space.hyperparameters[place].name
            wire.value = WireValue(values[place])
            return wire
        }
    }

    /// The values by name, in the space's order.
    ///
    /// A value may lie outside of its hyperparameter's bounds, but must be of its kind; an integer
    /// is taken for a number, and a whole number for an integer.
    ///
    /// - Parameter kept: What hyperparameters that do not count have then, unless they are sent; `nil`
    ///   when all must be.
    package func values(
        in space: SearchSpace, kept: @autoclosure () -> [Value]? = nil
    ) throws(WireError) -> [Value] {
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
        let kept = space.conditions.isEmpty ? nil : kept()
        let (sorted, absent) = try sorted(as: space, kept: kept)
        let values = try checked(sorted, in: space)
        let configuration = Configuration(values, in: space)
        if let place = absent.first(where: configuration.isActive) {
            throw WireError(
                .invalid,
                """
                The hyperparameter "\(space.hyperparameters[place].name)" counts with these \
                values, and is missing; send it too.
                """)
        }
        return values
    }

    /// In the space's order, and the places of those that were not sent.
    private func sorted(
        as space: SearchSpace, kept: [Value]?
    ) throws(WireError) -> ([WireHyperparameter], absent: [Int]) {
        var byName: [String: WireHyperparameter] = [:]
        for wire in self where byName.updateValue(wire, forKey: wire.name) != nil {
            throw WireError(
                .invalid, "The hyperparameter \"\(wire.name)\" was sent twice; send it once.")
        }
        var result: [WireHyperparameter] = []
        var absent: [Int] = []
        for (place, hyperparameter) in space.hyperparameters.enumerated() {
            if let wire = byName.removeValue(forKey: hyperparameter.name) {
                result.append(wire)
                continue
            }
            guard let kept, !space.conditions[place].isEmpty else {
                throw WireError(
                    .invalid,
                    "The hyperparameter \"\(hyperparameter.name)\" is missing; send all of them.")
            }
            var wire = WireHyperparameter()
            wire.name = hyperparameter.name
            wire.value = WireValue(kept[place])
            result.append(wire)
            absent.append(place)
        }
        if let unknown = first(where: { byName[$0.name] != nil }) {
            throw WireError(
                .invalid,
                """
                The search space has no hyperparameter "\(unknown.name.prefix(Limits.nameBytes))"; \
                it has \(space.hyperparameters.map(\.name).formatted(atMost: 10)).
                """)
        }
        return (result, absent)
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
        return framing + name.utf8.count + (value.text?.utf8.count ?? 0)
    }

    /// The same with the largest value that a worker may report for it.
    var largestReportedSize: Int {
        let isText = domain.samples.contains { $0.text != nil }
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
        if let text = accepted.text, text.utf8.count > Limits.textBytes {
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

extension Value {
    /// As which it travels, unless it is a number or a flag.
    fileprivate var text: String? {
        switch self {
        case .text(let text), .json(let text): text
        case .number, .integer, .flag: nil
        }
    }
}

extension Domain {
    /// Values that show of which kinds its values are.
    fileprivate var samples: [Value] {
        switch self {
        case .float(let domain): [.number(domain.range.lowerBound)]
        case .int(let domain): [.integer(domain.range.lowerBound)]
        case .unordered(let domain): domain.samples
        case .ordered(let domain): domain.samples
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
