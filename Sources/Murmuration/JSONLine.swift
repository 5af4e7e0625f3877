import Evolution
import Foundation

/// Values as one line of JSON each: keys sorted, numbers that read back exactly, those that are
/// none as "nan", "inf" and "-inf". Equal values give equal lines.
///
/// Whatever in a text could steer a terminal is written by its code, which reads back the same.
package enum JSONLine {
    package static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: nan)
        do {
            return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            preconditionFailure("Nothing that is written is beyond JSON: \(error)")
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: nan)
        return try decoder.decode(type, from: Data(text.utf8))
    }

    private static let infinity = "inf"
    private static let negativeInfinity = "-inf"
    private static let nan = "nan"

    /// JSON has such characters within strings only, where a code stands for each.
    private static func escaped(_ json: String) -> String {
        guard json.utf8.contains(where: { $0 >= delete }) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if scalar.value >= UInt32(delete), scalar.isControlling {
                for unit in String(scalar).utf16 { result += String(format: "\\u%04x", Int(unit)) }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The first character that the encoder leaves as it is though it is none to show.
    private static let delete: UInt8 = 0x7F
}
