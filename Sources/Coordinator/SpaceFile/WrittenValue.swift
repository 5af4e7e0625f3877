import Evolution

/// A single value as a file has it.
struct WrittenValue: Equatable {
    /// As it is written, without quotes.
    let text: String
    /// `nil` when there is none: nothing at all, `null` or `~`.
    let value: Value?
    /// A text without quotes that another reader takes for something else, so that it is not clear
    /// what is meant.
    var isAmbiguous = false

    /// A value without quotes: a number, true, false, nothing, or else a text.
    init(plain text: String) {
        self.text = text
        value =
            switch text {
            case "", "~", "null", "Null", "NULL": nil
            case "true", "True", "TRUE": .flag(true)
            case "false", "False", "FALSE": .flag(false)
            default: Self.number(text) ?? .text(text)
            }
        if case .text = value { isAmbiguous = Self.isAmbiguous(text) }
    }

    init(quoted text: String) {
        self.text = text
        value = .text(text)
    }

    /// It is written that there is none. One that is only left out is none.
    var isNull: Bool { value == nil && !text.isEmpty }

    /// What a sentence calls it.
    var noun: String {
        switch value {
        case nil: "nothing"
        case .number(let number) where !number.isFinite: text
        case .number, .integer, .flag: "“\(text)”"
        case .text(let text), .json(let text): "the text “\(text.prefix(80))”"
        }
    }

    private static func number(_ text: String) -> Value? {
        switch text.lowercased() {
        case "nan", ".nan", "+nan", "-nan": return .number(.nan)
        case "inf", ".inf", "+.inf", "+inf", "infinity": return .number(.infinity)
        case "-inf", "-.inf", "-infinity": return .number(-.infinity)
        default: break
        }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard text.utf8.count - digits.count <= 1, digits.contains(where: isDigit) else {
            return nil
        }
        if digits.allSatisfy(isDigit), let integer = Int64(text) { return .integer(integer) }
        // Swift reads more than decimal numbers.
        guard digits.allSatisfy({ isDigit($0) || ".eE+-".utf8.contains($0) }),
            digits.first.map({ isDigit($0) || $0 == UInt8(ascii: ".") }) == true,
            let number = Double(text.hasSuffix(".") ? text + "0" : text)
        else { return nil }
        return .number(number)
    }

    /// Whether YAML 1.1 takes it for true, false or a number, or Python for nothing.
    private static func isAmbiguous(_ text: String) -> Bool {
        switch text {
        case "None", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
            return true
        default: break
        }
        let isSigned = text.hasPrefix("+") || text.hasPrefix("-")
        let unsigned = text.dropFirst(isSigned ? 1 : 0)
        guard unsigned.utf8.first.map(isDigit) == true else { return false }
        let digits = unsigned.filter { $0 != "_" }
        if digits.count < unsigned.count, number(digits) != nil { return true }
        return [("0x", 16), ("0o", 8), ("0b", 2)].contains { prefix, radix in
            digits.hasPrefix(prefix) && UInt64(digits.dropFirst(2), radix: radix) != nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension Scale {
    init(word: String, line: Int) throws(Mistake) {
        guard let scale = Scale(rawValue: word.lowercased()) else {
            throw Mistake(
                line,
                word.isEmpty
                    ? "The scale is missing; write log or linear."
                    : "“\(word)” is not a scale; write log or linear.")
        }
        self = scale
    }
}

extension WrittenValue {
    /// A finite number of any kind.
    ///
    /// - Parameter field: what it is for a hyperparameter, for messages.
    func number(as field: String, line: Int?) throws(Mistake) -> Double {
        guard let number = value?.asNumber else {
            throw Mistake(line, "The \(field) is \(noun); write a number, such as 0.1 or 1e-4.")
        }
        guard number.isFinite else {
            throw Mistake(line, "The \(field) is \(noun); write a finite number.")
        }
        return number
    }

    /// One of a few words.
    func word(as field: String, among words: [String], line: Int?) throws(Mistake) -> String {
        let word = text.lowercased()
        if words.contains(word) { return word }
        let all = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        let near = nearest(to: word, among: words)
        throw Mistake(line, "The \(field) is \(noun); write \(near ?? all).")
    }

    func integer(as field: String, line: Int?) throws(Mistake) -> Int64 {
        guard let number = value?.asNumber else {
            throw Mistake(line, "The \(field) is \(noun); write a whole number, such as 8.")
        }
        if case .integer(let integer) = value { return integer }
        guard let integer = Int64(exactly: number) else {
            throw Mistake(line, "The \(field) is \(noun); write a whole number, or use float.")
        }
        return integer
    }
}
