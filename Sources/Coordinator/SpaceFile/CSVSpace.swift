import Evolution

/// The CSV form: `name,min,max,scale`, and `type` as a fifth column if need be.
///
/// The header may be left out, but for columns beyond these five. Lines that begin with # are comments.
enum CSVSpace {
    private static let usual = ["name", "min", "max", "scale", "type"]
    private static let columns =
        usual + (FloatDomain.keys + IntDomain.keys).distinct.filter { !usual.contains($0) }
    private static let required = 4

    static func read(_ text: String) throws(Mistake) -> SpaceDraft {
        var draft = SpaceDraft()
        var order: [String]?
        for (line, text) in text.content {
            let fields = try Self.fields(of: text, line: line)
            // A spreadsheet writes an empty row as commas.
            if fields.allSatisfy(\.isEmpty) { continue }
            if order == nil {
                if let header = try header(fields, line: line) {
                    order = header
                    continue
                }
                order = usual
            }
            let hyperparameter = try hyperparameter(fields, order: order ?? usual, line: line)
            guard draft.places.hyperparameters[hyperparameter.name] == nil else {
                throw Mistake(
                    line, "“\(hyperparameter.name)” is here twice; remove one or rename it.")
            }
            draft.places.hyperparameters[hyperparameter.name] = line
            draft.hyperparameters.append(hyperparameter)
        }
        return draft
    }

    /// The columns in the file's order, or `nil` when its first line is no header.
    private static func header(_ fields: [String], line: Int) throws(Mistake) -> [String]? {
        let names = fields.droppingEmpty(beyond: required).map { $0.lowercased() }
        guard names.contains("name"), names.contains("min") || names.contains("max") else {
            return nil
        }
        for (index, name) in names.enumerated() {
            guard columns.contains(name) else {
                throw Mistake(line, unknown("column", name, among: columns))
            }
            guard !names[..<index].contains(name) else {
                throw Mistake(line, "The column “\(name)” is in the header twice; keep one.")
            }
        }
        if let missing = columns.prefix(required).first(where: { !names.contains($0) }) {
            throw Mistake(
                line, "The header has no column “\(missing)”; write name,min,max,scale.")
        }
        return names
    }

    private static func hyperparameter(
        _ written: [String], order: [String], line: Int
    ) throws(Mistake) -> Hyperparameter {
        let written = written.droppingEmpty(beyond: order.count)
        guard written.count >= required, written.count <= order.count else {
            throw Mistake(
                line,
                """
                The line has \(written.count) field\(written.count == 1 ? "" : "s"); write \
                \(order.joined(separator: ",")), separated by commas.
                """)
        }
        let row = Dictionary(uniqueKeysWithValues: zip(order, written))
        // The counts fit, so that only columns that may be left out can be missing.
        let type = row["type"] ?? ""
        let fields = CSVDomain(row: row, line: line)
        let domain: Domain
        switch type.lowercased() {
        case "", FloatDomain.name: domain = try FloatDomain(fields).domain
        case IntDomain.name: domain = try IntDomain(fields).domain
        default:
            throw Mistake(
                line,
                "“\(type)” is not a type of a CSV file; write float or int, or use YAML for others."
            )
        }
        return Hyperparameter(name: row["name"] ?? "", domain: domain)
    }

    /// The fields of a line. A field in quotes may hold commas, and a quote as two.
    private static func fields(of text: Substring, line: Int) throws(Mistake) -> [String] {
        var fields: [String] = []
        var rest = text
        while true {
            rest = rest.drop(while: \.isWhitespace)
            if rest.first == "\"" {
                fields.append(try quoted(&rest, line: line))
                rest = rest.drop(while: \.isWhitespace)
                guard rest.isEmpty || rest.first == "," else {
                    throw Mistake(line, "There is text after a closing quote; put a comma there.")
                }
            } else {
                let field = rest.prefix { $0 != "," }
                rest = rest.dropFirst(field.count)
                fields.append(String(field.trimmed))
            }
            if rest.popFirst() == nil { return fields }
        }
    }

    private static func quoted(_ rest: inout Substring, line: Int) throws(Mistake) -> String {
        rest.removeFirst()
        var field = ""
        while let character = rest.popFirst() {
            guard character == "\"" else {
                field.append(character)
                continue
            }
            guard rest.first == "\"" else { return field }
            rest.removeFirst()
            field.append("\"")
        }
        throw Mistake(line, "A quote does not end on its line; close it.")
    }
}

extension [String] {
    /// Without the empty fields at the end that a spreadsheet writes where another row has more.
    fileprivate func droppingEmpty(beyond count: Int) -> [String] {
        var result = self
        while result.count > count, result.last?.isEmpty == true { result.removeLast() }
        return result
    }
}

extension [String] {
    /// Each of them once, in the order in which they came.
    fileprivate var distinct: [String] {
        reduce(into: []) { found, each in if !found.contains(each) { found.append(each) } }
    }
}

/// What a line says of its hyperparameter.
private struct CSVDomain: DomainFields {
    typealias Failure = Mistake

    let row: [String: String]
    let line: Int

    func has(_ key: String) -> Bool { row[key]?.isEmpty == false }

    func number(_ key: String) throws(Mistake) -> Double {
        try WrittenValue(plain: row[key] ?? "").number(as: key, line: line)
    }

    func integer(_ key: String) throws(Mistake) -> Int64 {
        try WrittenValue(plain: row[key] ?? "").integer(as: key, line: line)
    }

    func scale(_ key: String) throws(Mistake) -> Scale {
        try Scale(word: row[key] ?? "", line: line)
    }

    func word(_ key: String, among words: [String]) throws(Mistake) -> String {
        try WrittenValue(plain: row[key] ?? "").word(as: key, among: words, line: line)
    }

    func values(_ key: String) throws(Mistake) -> [Value] { throw fail("A line has no list.") }

    func value(_ key: String) throws(Mistake) -> Value {
        guard let value = WrittenValue(plain: row[key] ?? "").value else {
            throw fail("The \(key) is missing; write one.")
        }
        return value
    }

    func fail(_ reason: String) -> Mistake { Mistake(line, reason) }
}
