import Evolution

/// The journal's JSON: one flat object of scalars, by name, in order.
///
/// Numbers keep their kind, so that what is read equals what was written: an integer has neither
/// point nor exponent. NaN is `null`, and infinities are `±9e999`, which readers of JSON take for
/// infinite.
enum FlatJSON {
    static func write(_ values: some Sequence<(name: String, value: Value)>) -> String {
        var text = "{"
        for (name, value) in values {
            if text.utf8.count > 1 { text += "," }
            write(name, to: &text)
            text += ":"
            switch value {
            case .number(let number): write(number, to: &text)
            case .integer(let integer): text += String(integer)
            case .text(let string): write(string, to: &text)
            case .flag(let flag): text += flag ? "true" : "false"
            }
        }
        return text + "}"
    }

    /// `nil` when the text is not what `write` makes.
    static func read(_ text: String) -> [(name: String, value: Value)]? {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = Scanner(bytes: bytes)
            return scanner.object()
        }
    }

    private static func write(_ number: Double, to text: inout String) {
        if number.isNaN {
            text += "null"
        } else if number.isInfinite {
            text += number < 0 ? "-9e999" : "9e999"
        } else {
            text += number.description
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private struct Scanner {
        let bytes: UnsafeBufferPointer<UInt8>
        var index = 0

        mutating func object() -> [(name: String, value: Value)]? {
            var values: [(name: String, value: Value)] = []
            guard take(UInt8(ascii: "{")) else { return nil }
            if take(UInt8(ascii: "}")) { return index == bytes.count ? values : nil }
            repeat {
                guard let name = string(), take(UInt8(ascii: ":")), let value = value() else {
                    return nil
                }
                values.append((name, value))
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")), index == bytes.count else { return nil }
            return values
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }

        private mutating func value() -> Value? {
            guard index < bytes.count else { return nil }
            if bytes[index] == UInt8(ascii: "\"") { return string().map(Value.text) }
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: ","),
                bytes[index] != UInt8(ascii: "}")
            {
                index += 1
            }
            let token = String(decoding: bytes[start..<index], as: UTF8.self)
            switch token {
            case "null": return .number(.nan)
            case "true": return .flag(true)
            case "false": return .flag(false)
            case "9e999": return .number(.infinity)
            case "-9e999": return .number(-.infinity)
            default: return Int64(token).map(Value.integer) ?? Double(token).map(Value.number)
            }
        }

        private mutating func string() -> String? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            var scalars: [UInt8] = []
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: scalars, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    scalars.append(byte)
                    continue
                }
                guard index < bytes.count else { return nil }
                let escaped = bytes[index]
                index += 1
                guard escaped == UInt8(ascii: "u") else {
                    scalars.append(escaped)
                    continue
                }
                // Only control characters are written this way.
                guard index + 4 <= bytes.count,
                    let code = UInt8(
                        String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
                else { return nil }
                scalars.append(code)
                index += 4
            }
            return nil
        }
    }
}
