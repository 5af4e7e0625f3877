import Evolution
import Yams

/// The entries of a mapping whose keys are known, each read as what it should be.
struct YAMLFields {
    struct Entry {
        var key: String
        var line: Int?
        var node: Node
    }

    let line: Int?
    let entries: [Entry]

    /// - Parameters:
    ///   - what: what a sentence calls the mapping: "The exploration".
    ///   - noun: what a sentence calls one of its keys.
    init(
        _ node: Node, what: String, noun: String = "option", known: [String]
    ) throws(Mistake) {
        try self.init(node, what: what)
        for entry in entries where !known.contains(entry.key) {
            throw Mistake(entry.line, unknown(noun, entry.key, among: known))
        }
    }

    /// A mapping whose keys are hyperparameters. Those in a mapping in it are named after that: `lr` in
    /// `optimizer` is `optimizer.lr`.
    init(flattening node: Node, what: String, known: [String]) throws(Mistake) {
        try self.init(flattening: node, what: what)
        for entry in entries where !known.contains(entry.key) {
            throw Mistake(entry.line, unknown("hyperparameter", entry.key, among: known))
        }
    }

    /// The same with any keys.
    init(flattening node: Node, what: String) throws(Mistake) {
        let outer = try YAMLFields(node, what: what)
        line = outer.line
        var found: [Entry] = []
        try Self.flatten(outer, before: "", what, into: &found)
        var names: Set<String> = []
        for entry in found {
            guard names.insert(entry.key).inserted else {
                throw Mistake(
                    entry.line,
                    "“\(entry.key.prefix(80))” is here twice; remove one or rename it.")
            }
        }
        entries = found
    }

    private static func flatten(
        _ fields: YAMLFields, before: String, _ what: String, into found: inout [Entry]
    ) throws(Mistake) {
        for entry in fields.entries {
            var entry = entry
            entry.key = before + entry.key
            // No name is so long.
            if entry.node.mapping == nil || entry.key.utf8.count > SearchSpace.nameByteLimit {
                found.append(entry)
            } else {
                let inner = try YAMLFields(entry.node, what: what)
                try flatten(inner, before: entry.key + ".", what, into: &found)
            }
        }
    }

    /// A mapping with any keys.
    init(_ node: Node, what: String) throws(Mistake) {
        guard let mapping = node.mapping else {
            throw Mistake(
                node.line, "\(what) is \(node.noun); write a mapping of names to values.")
        }
        line = node.line
        var entries: [Entry] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                throw Mistake(
                    key.line ?? node.line,
                    "A name in \(what.lowercasedFirst) is \(key.noun); "
                        + "write a text before the colon.")
            }
            entries.append(Entry(key: name, line: key.line ?? value.line, node: value))
        }
        self.entries = entries
    }

    subscript(_ key: String) -> Entry? { entries.first { $0.key == key } }
}

extension YAMLFields.Entry {
    /// A value that is neither a list nor a mapping.
    func scalar() throws(Mistake) -> WrittenValue {
        guard let scalar = node.scalarValue else {
            throw Mistake(node.line ?? line, "“\(key)” is \(node.noun); write a single value.")
        }
        return scalar
    }

    func list() throws(Mistake) -> [Node] {
        guard let sequence = node.sequence else {
            throw Mistake(
                node.line ?? line, "“\(key)” is \(node.noun); write a list, such as [1, 2].")
        }
        return Array(sequence)
    }

    /// What a setting is.
    func value(of setting: Setting) throws(Mistake) -> SettingValue {
        let value: SettingValue
        switch setting.kind {
        case .integer, .integerOrNone: value = .integer(try integer(of: setting))
        case .number, .positive, .secondsOrNone: value = .number(try number(scalar()))
        case .flag: value = .flag(try flag())
        case .factors, .multiples: value = .numbers(try numbers())
        case .word(let words):
            let scalar = try scalar()
            let word = scalar.text.lowercased()
            guard words.contains(word) else {
                let near = nearest(to: word, among: words)
                throw Mistake(line, "“\(key)” is \(scalar.noun); write \(near ?? setting.wanted).")
            }
            value = .word(word)
        }
        // None is said by leaving it out.
        let fault =
            value == setting.none ? setting.outside(value.description) : setting.fault(of: value)
        if let fault {
            throw Mistake(line, SpecificationError(option: setting.name, reason: fault).description)
        }
        return value
    }

    private func integer(of setting: Setting) throws(Mistake) -> UInt64 {
        let scalar = try scalar()
        if let integer = UInt64(scalar.text) { return integer }
        guard let number = scalar.value?.asNumber, number.isFinite, number == number.rounded()
        else { throw Mistake(line, "“\(key)” is \(scalar.noun); write a whole number.") }
        guard let integer = UInt64(exactly: number) else {
            let reason = setting.outside(scalar.text)
            throw Mistake(
                line, SpecificationError(option: setting.name, reason: reason).description)
        }
        return integer
    }

    private func flag() throws(Mistake) -> Bool {
        guard case .flag(let flag) = try value() else {
            throw Mistake(line, "“\(key)” is \(try scalar().noun); write true or false.")
        }
        return flag
    }

    private func numbers() throws(Mistake) -> [Double] {
        var numbers: [Double] = []
        for node in try list() {
            guard let scalar = node.scalarValue else {
                throw Mistake(
                    node.line ?? line, "“\(key)” has \(node.noun) in it; write numbers only.")
            }
            numbers.append(try number(scalar))
        }
        return numbers
    }

    private func number(_ scalar: WrittenValue) throws(Mistake) -> Double {
        guard let number = scalar.value?.asNumber, number.isFinite else {
            throw Mistake(line, "“\(key)” is \(scalar.noun); write a number.")
        }
        return number
    }

    /// One of a few words.
    func word<Word: RawRepresentable<String>>(
        _ type: Word.Type, among words: String
    ) throws(Mistake) -> Word {
        let scalar = try scalar()
        guard let word = Word(rawValue: scalar.text.lowercased()) else {
            throw Mistake(line, "“\(key)” is \(scalar.noun); write \(words).")
        }
        return word
    }

    /// A hyperparameter's value: it must be there.
    func value() throws(Mistake) -> Value { try value(of: node) }

    func values() throws(Mistake) -> [Value] {
        var values: [Value] = []
        for node in try list() { values.append(try value(of: node)) }
        return values
    }

    private func value(of node: Node) throws(Mistake) -> Value {
        if let sequence = node.sequence {
            var values: [Value] = []
            for inner in sequence { values.append(try value(of: inner)) }
            guard let text = JSONText.canonical(JSONText.list(values)) else {
                throw Mistake(
                    node.line ?? line,
                    "“\(key)” has a list in it that is no value; write finite numbers and plain "
                        + "texts, and lists in lists no deeper than \(JSONText.depthLimit).")
            }
            return .json(text)
        }
        if node.scalarValue?.isNull == true { return .null }
        guard let scalar = node.scalarValue else {
            throw Mistake(
                node.line ?? line,
                "“\(key)” has \(node.noun) in it; write texts, numbers, true, false, null or lists."
            )
        }
        guard let value = scalar.value, !scalar.isAmbiguous else {
            let found = scalar.isAmbiguous ? "“\(scalar.text.prefix(80))”" : scalar.noun
            throw Mistake(
                node.line ?? line,
                "“\(key)” has \(found) in it; write a value, or put the word in quotes.")
        }
        return value
    }
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
