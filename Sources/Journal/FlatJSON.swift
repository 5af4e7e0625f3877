import Evolution

/// The journal's JSON: one object of scalars and lists, by name, in order.
///
/// Numbers keep their kind, so that what is read equals what was written: an integer has neither
/// point nor exponent. NaN is `null`, and infinities are `±9e999`, which readers of JSON take for
/// infinite.
enum FlatJSON {
    static func write(_ pairs: [(name: String, value: Value)]) -> String {
        var bytes: [UInt8] = []
        write(pairs.map(\.value), keys: JSONKeys(pairs.map(\.name)), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter keys: one for each of the values.
    static func write(_ values: [Value], keys: JSONKeys, to bytes: inout [UInt8]) {
        precondition(values.count == keys.count, "Each value has a name.")
        bytes.append(UInt8(ascii: "{"))
        for (index, value) in values.enumerated() {
            bytes.append(contentsOf: keys.written[index])
            switch value {
            case .number(let number): write(number, to: &bytes)
            case .integer(let integer): bytes.append(contentsOf: String(integer).utf8)
            case .text(let string): write(string, to: &bytes)
            case .flag(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
            case .json(let text): bytes.append(contentsOf: text.utf8)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// `nil` when the text is not what `write` makes.
    static func read(_ text: String) -> [(name: String, value: Value)]? {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = Scanner(bytes: bytes)
            return scanner.object()
        }
    }

    private static func write(_ number: Double, to bytes: inout [UInt8]) {
        if number.isNaN {
            bytes.append(contentsOf: "null".utf8)
        } else if number.isInfinite {
            bytes.append(contentsOf: (number < 0 ? "-9e999" : "9e999").utf8)
        } else {
            bytes.append(contentsOf: number.description.utf8)
        }
    }

    fileprivate static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case ..<0x20:
                let digits = String(byte, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                bytes.append(contentsOf: "\\u\(zeros)\(digits)".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
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
            if bytes[index] == UInt8(ascii: "[") {
                guard skipList() else { return nil }
                return .json(String(decoding: bytes[start..<index], as: UTF8.self))
            }
            var isInteger = true
            while index < bytes.count, bytes[index] != UInt8(ascii: ","),
                bytes[index] != UInt8(ascii: "}")
            {
                if bytes[index] == UInt8(ascii: ".") { isInteger = false }
                index += 1
            }
            let token = String(decoding: bytes[start..<index], as: UTF8.self)
            switch token {
            case "null": return .number(.nan)
            case "true": return .flag(true)
            case "false": return .flag(false)
            case "9e999": return .number(.infinity)
            case "-9e999": return .number(-.infinity)
            default:
                if isInteger, let integer = Int64(token) { return .integer(integer) }
                return Double(token).map(Value.number)
            }
        }

        /// Goes behind a list, whatever is in it.
        private mutating func skipList() -> Bool {
            var depth = 0
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return false }
                    continue
                case UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "]"): depth -= 1
                default: break
                }
                index += 1
                if depth == 0 { return true }
            }
            return false
        }

        private mutating func string() -> String? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            // Most have nothing escaped.
            var end = index
            while end < bytes.count, bytes[end] != UInt8(ascii: "\""),
                bytes[end] != UInt8(ascii: "\\")
            {
                end += 1
            }
            var scalars = Array(bytes[index..<end])
            index = end
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

/// The names of values, as they stand before them in the journal's JSON. They are the same for all of a
/// population's members, and written once.
final class JSONKeys: Sendable {
    let names: [String]
    fileprivate let written: [[UInt8]]

    var count: Int { names.count }

    init(_ names: [String]) {
        self.names = names
        written = names.enumerated().map { index, name in
            var bytes: [UInt8] = index == 0 ? [] : [UInt8(ascii: ",")]
            FlatJSON.write(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            return bytes
        }
    }
}
