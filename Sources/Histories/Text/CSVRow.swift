import Murmuration

/// A line of a CSV file, as RFC 4180 has it but for its end, which is a newline alone.
package struct CSVRow {
    package private(set) var line = ""
    private var isEmpty = true

    package init() {}

    /// A row of texts.
    package init(_ texts: [String]) {
        for text in texts { add(text) }
    }

    package mutating func add(_ text: String) {
        if !isEmpty { line += "," }
        isEmpty = false
        line += Self.quoted(text)
    }

    /// An empty cell for `nil`.
    package mutating func add(_ number: Int?) {
        add(number.map(String.init) ?? "")
    }

    /// All digits that it takes to read the number back exactly.
    package mutating func add(_ number: Double?) {
        add(number.map(Self.text) ?? "")
    }

    package mutating func add(_ value: HyperparameterValue?) {
        switch value {
        case .number(let number): add(number)
        case .integer, .text, .flag, .list, .null: add(value?.description ?? "")
        case nil: add("")
        }
    }

    package static func text(_ number: Double) -> String { "\(number)" }

    private static func quoted(_ text: String) -> String {
        let mustQuote = text.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
        }
        guard mustQuote else { return text }
        return "\"" + text.prefixing(["\""], with: "\"") + "\""
    }
}
