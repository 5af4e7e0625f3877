import Evolution
import Yams

// The hyperparameters of the YAML form. Those in a group are named after it: `lr` in `optimizer` is
// `optimizer.lr`.
extension YAMLSpace {
    /// Under it are conditions, of a hyperparameter or a group.
    private static let when = "when"
    private static let kinds = Domain.kinds.map { $0.name }
    private static var kindWords: String {
        kinds.dropLast().joined(separator: ", ") + " or " + (kinds.last ?? "")
    }

    mutating func read(hyperparameters entry: YAMLFields.Entry) throws(Mistake) {
        let all = try YAMLFields(entry.node, what: "“hyperparameters”")
        try read(group: all.entries, line: all.line, before: "", when: [])
        let names = draft.hyperparameters.map(\.name)
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() { places[name] = place }
        for wanted in wanted {
            var conditions: [Condition] = []
            for each in wanted {
                guard let parent = places[each.key] else {
                    throw Mistake(each.line, unknown("hyperparameter", each.key, among: names))
                }
                let values = each.node.sequence == nil ? [try each.value()] : try each.values()
                conditions.append(Condition(parent: parent, values: values))
            }
            draft.conditions.append(conditions)
        }
    }

    /// - Parameters:
    ///   - before: What names in it begin with.
    ///   - when: The conditions of all that is in it.
    private mutating func read(
        group entries: [YAMLFields.Entry], line: Int?, before: String, when: [YAMLFields.Entry]
    ) throws(Mistake) {
        // What is said of each point takes as much for each hyperparameter.
        let count = draft.hyperparameters.count + entries.count
        guard count <= SearchSpace.hyperparameterLimit else {
            throw Mistake(
                line,
                """
                The search space has \(count) hyperparameters; keep at most \
                \(SearchSpace.hyperparameterLimit).
                """)
        }
        for entry in entries {
            var entry = entry
            entry.key = before + entry.key
            guard entry.node.mapping != nil else {
                try add(entry, domain: try domain(of: entry), when: when)
                continue
            }
            let fields = try YAMLFields(entry.node, what: "A hyperparameter")
            let rest = fields.entries.filter { $0.key != Self.when }
            let own = try fields[Self.when].map { entry throws(Mistake) in
                try YAMLFields(flattening: entry.node, what: "“when”").entries
            }
            if Self.isGroup(fields) {
                let beginning = try Self.beginning(entry)
                try read(
                    group: rest, line: fields.line, before: beginning, when: when + (own ?? []))
            } else {
                let domain = try domain(of: entry, fields)
                try add(entry, domain: domain, when: when + (own ?? []))
            }
        }
    }

    private mutating func add(
        _ entry: YAMLFields.Entry, domain: Domain, when: [YAMLFields.Entry]
    ) throws(Mistake) {
        guard draft.places.hyperparameters[entry.key] == nil else {
            throw Mistake(
                entry.line, "“\(entry.key.prefix(80))” is here twice; remove one or rename it.")
        }
        draft.places.hyperparameters[entry.key] = entry.line
        draft.hyperparameters.append(Hyperparameter(name: entry.key, domain: domain))
        wanted.append(when)
    }

    /// What the names of a group's hyperparameters begin with.
    private static func beginning(_ group: YAMLFields.Entry) throws(Mistake) -> String {
        // So long names are none of a hyperparameter, and groups are no deeper than names are long.
        guard group.key.utf8.count < SearchSpace.nameByteLimit else {
            throw Mistake(
                group.line,
                "The names of the hyperparameters in “\(group.key.prefix(80))…” are longer than "
                    + "\(SearchSpace.nameByteLimit) bytes; shorten them.")
        }
        if group.key.isEmpty || group.key.hasSuffix(".") {
            throw Mistake(
                group.line, "“\(group.key)” is no name of a group; write one before the colon.")
        }
        return group.key + "."
    }

    /// Whether a mapping has hyperparameters in it, rather than to be one: of those no type has a
    /// mapping. One with nothing but plain values may be a hyperparameter that is not written well.
    private static func isGroup(_ fields: YAMLFields) -> Bool {
        if let type = fields["type"]?.node.scalarValue, kinds.contains(type.text) { return false }
        return fields.entries.contains { $0.node.mapping != nil && $0.key != when }
    }

    private func domain(of entry: YAMLFields.Entry) throws(Mistake) -> Domain {
        // A bare value is one that never changes.
        if entry.node.scalar != nil { return .fixed(try entry.value()) }
        throw Mistake(
            entry.line,
            """
            The hyperparameter “\(entry.key.prefix(80))” is a list; write \
            {type: choice, values: […]}, or type: ordinal if their order matters.
            """)
    }

    private func domain(
        of entry: YAMLFields.Entry, _ fields: YAMLFields
    ) throws(Mistake) -> Domain {
        let kind = try kind(of: entry, fields)
        let keys = ["type"] + kind.keys + [Self.when]
        for field in fields.entries where !keys.contains(field.key) {
            throw Mistake(
                field.line,
                unknown("option of \(kind.name) hyperparameters", field.key, among: keys))
        }
        return try Domain(kind, YAMLDomain(entry: entry, fields: fields))
    }

    private func kind(
        of entry: YAMLFields.Entry, _ fields: YAMLFields
    ) throws(Mistake) -> any DomainKind.Type {
        guard let type = fields["type"] else {
            throw Mistake(
                entry.line,
                "The hyperparameter “\(entry.key.prefix(80))” has no “type”; write "
                    + Self.kindWords + Self.hint(on: fields) + ".")
        }
        let scalar = try type.scalar()
        guard let kind = Domain.kind(named: scalar.text) else {
            let near = nearest(to: scalar.text, among: Self.kinds)
            throw Mistake(
                type.line, "“type” is \(scalar.noun); write \(near ?? Self.kindWords).")
        }
        return kind
    }

    /// What else to do about a mapping without a type and with none of the words that one needs.
    private static func hint(on fields: YAMLFields) -> String {
        let words = Domain.kinds.flatMap { $0.keys } + ["type", when]
        let isOne = fields.entries.contains { nearest(to: $0.key, among: words) != nil }
        guard let first = fields.entries.first, !isOne else { return "" }
        return
            ", or, if it is a group of fixed ones, \(first.key.prefix(80)): {type: fixed, value: …}"
    }
}

/// What a file says of one hyperparameter.
private struct YAMLDomain: DomainFields {
    typealias Failure = Mistake

    let entry: YAMLFields.Entry
    let fields: YAMLFields

    func has(_ key: String) -> Bool { fields[key] != nil }

    // A wrong bound is named with its own line, a wrong range with the hyperparameter's.
    func number(_ key: String) throws(Mistake) -> Double {
        let field = try field(key)
        return try field.scalar().number(as: key, line: field.line)
    }

    func integer(_ key: String) throws(Mistake) -> Int64 {
        let field = try field(key)
        return try field.scalar().integer(as: key, line: field.line)
    }

    func scale(_ key: String) throws(Mistake) -> Scale {
        try fields[key]?.word(Scale.self, among: "log or linear") ?? .linear
    }

    func word(_ key: String, among words: [String]) throws(Mistake) -> String {
        let field = try field(key)
        return try field.scalar().word(as: key, among: words, line: field.line)
    }

    func values(_ key: String) throws(Mistake) -> [Value] { try field(key).values() }

    func value(_ key: String) throws(Mistake) -> Value { try field(key).value() }

    func fail(_ reason: String) -> Mistake { Mistake(entry.line, reason) }

    private func field(_ key: String) throws(Mistake) -> YAMLFields.Entry {
        guard let field = fields[key] else {
            throw Mistake(
                entry.line,
                "The hyperparameter “\(entry.key.prefix(80))” has no “\(key)”; add one.")
        }
        return field
    }
}
