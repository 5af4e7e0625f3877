/// Lists and null, as the text of their JSON: the one way in which it is written here, without spaces.
package enum JSONText {
    /// Lists in lists are no deeper than this.
    package static let depthLimit = 8

    /// The text in that way; `nil` when it is not the JSON of null, or of a list of what values may be.
    package static func canonical(_ text: String) -> String? {
        var reader = Reader(text, isMatching: false)
        return reader.read()
    }

    /// A list of values.
    package static func list(_ values: [Value]) -> String {
        let texts = values.map { value in
            switch value {
            case .number(let number): "\(number)"
            case .integer(let integer): "\(integer)"
            case .text(let text): quoted(text)
            case .flag(let flag): "\(flag)"
            case .json(let text): text
            }
        }
        return "[\(texts.joined(separator: ","))]"
    }

    /// Equal for lists that differ only in how their numbers are written: 1 and 1.0.
    static func matched(_ text: String) -> String {
        var reader = Reader(text, isMatching: true)
        return reader.read() ?? text
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var place = 0
        private var result = ""
        /// Whole numbers are written alike.
        private let isMatching: Bool

        init(_ text: String, isMatching: Bool) {
            bytes = Array(text.utf8)
            self.isMatching = isMatching
        }

        mutating func read() -> String? {
            skipSpaces()
            // A text or a number has a kind of its own.
            guard let first = next, first == UInt8(ascii: "[") || first == UInt8(ascii: "n"),
                value(depth: 0)
            else { return nil }
            skipSpaces()
            return place == bytes.count ? result : nil
        }

        private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

        private mutating func skipSpaces() {
            while let next, next == 0x20 || (0x09...0x0D).contains(next) { place += 1 }
        }

        private mutating func take(_ text: StaticString) -> Bool {
            let rest = bytes[place...].prefix(text.utf8CodeUnitCount)
            let isThere = text.withUTF8Buffer { rest.elementsEqual($0) }
            if isThere { place += text.utf8CodeUnitCount }
            return isThere
        }

        private mutating func value(depth: Int) -> Bool {
            skipSpaces()
            switch next {
            case UInt8(ascii: "["): return list(depth: depth + 1)
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: "n"): return word("null")
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            default: return number()
            }
        }

        private mutating func word(_ word: StaticString) -> Bool {
            guard take(word) else { return false }
            result += "\(word)"
            return true
        }

        private mutating func list(depth: Int) -> Bool {
            guard depth <= JSONText.depthLimit, take("[") else { return false }
            result += "["
            skipSpaces()
            if take("]") {
                result += "]"
                return true
            }
            while value(depth: depth) {
                skipSpaces()
                if take("]") {
                    result += "]"
                    return true
                }
                guard take(",") else { return false }
                result += ","
            }
            return false
        }

        private mutating func number() -> Bool {
            let start = place
            while let next, "0123456789+-.eE".utf8.contains(next) { place += 1 }
            let token = String(decoding: bytes[start..<place], as: UTF8.self)
            guard token.utf8.first.map({ "-0123456789".utf8.contains($0) }) == true else {
                return false
            }
            var value = Int64(token).map(Value.integer) ?? Double(token).map(Value.number)
            if isMatching, case .number(let number) = value, let whole = Int64(exactly: number) {
                value = .integer(whole)
            }
            guard let value, value.fault == nil else { return false }
            result += value.description
            return true
        }

        private mutating func string() -> Bool {
            guard take("\"") else { return false }
            var text: [UInt8] = []
            while let byte = next {
                place += 1
                if byte == UInt8(ascii: "\"") {
                    guard let text = String(validating: text, as: UTF8.self),
                        text.unicodeScalars.allSatisfy(isPrintable)
                    else { return false }
                    result += JSONText.quoted(text)
                    return true
                }
                if byte != UInt8(ascii: "\\") {
                    text.append(byte)
                } else if take("u") {
                    guard let scalar = escaped() else { return false }
                    text += String(Character(scalar)).utf8
                } else {
                    // The others stand for control characters, which no text has.
                    guard let mark = next, "\"\\/".utf8.contains(mark) else { return false }
                    text.append(mark)
                    place += 1
                }
            }
            return false
        }

        /// What four digits stand for, and four more after a first half.
        private mutating func escaped() -> Unicode.Scalar? {
            guard let unit = digits() else { return nil }
            guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
            guard take("\\u"), let other = digits(), UTF16.isTrailSurrogate(other) else {
                return nil
            }
            return Unicode.Scalar(
                0x10000 + (UInt32(unit & 0x3FF) << 10) + UInt32(other & 0x3FF))
        }

        private mutating func digits() -> UInt16? {
            let digits = String(decoding: bytes[place...].prefix(4), as: UTF8.self)
            guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit) else { return nil }
            place += 4
            return UInt16(digits, radix: 16)
        }
    }
}
