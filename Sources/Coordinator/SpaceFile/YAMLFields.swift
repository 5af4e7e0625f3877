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

    func integer() throws(Mistake) -> Int {
        let scalar = try scalar()
        guard let number = scalar.value?.asNumber, let integer = Int(exactly: number) else {
            throw Mistake(line, "“\(key)” is \(scalar.noun); write a whole number.")
        }
        return integer
    }

    func flag() throws(Mistake) -> Bool {
        guard case .flag(let flag) = try value() else {
            throw Mistake(line, "“\(key)” is \(try scalar().noun); write true or false.")
        }
        return flag
    }

    func number() throws(Mistake) -> Double { try self.number(scalar()) }

    func numbers() throws(Mistake) -> [Double] {
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
        guard let scalar = node.scalarValue else {
            throw Mistake(
                node.line ?? line,
                "“\(key)” has \(node.noun) in it; write texts, numbers, true or false.")
        }
        guard let value = scalar.value else {
            throw Mistake(
                node.line ?? line,
                "“\(key)” has \(scalar.noun) in it; write a value, or put the word in quotes.")
        }
        return value
    }
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
