/// The value of one hyperparameter.
package enum Value: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    case text(String)
    case flag(Bool)
    /// A list or null, as `JSONText` writes it.
    case json(String)

    package static let null = Value.json("null")

    /// What it is as a number; `nil` for text and flags.
    package var asNumber: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        case .text, .flag, .json: nil
        }
    }

    /// The same value, whichever way a client writes its numbers: 32 and 32.0 are one.
    func matches(_ other: Value) -> Bool {
        if self == other { return true }
        if case .json = self, case .json = other { return matched == other.matched }
        guard let number = asNumber, let other = other.asNumber else { return false }
        return number == other
    }

    /// Equal for values that match.
    var matched: Value {
        if case .json(let text) = self { return .json(JSONText.matched(text)) }
        return asNumber.map(Value.number) ?? self
    }

    package func isSameKind(as other: Value) -> Bool {
        switch (self, other) {
        case (.number, .number), (.integer, .integer), (.text, .text), (.flag, .flag),
            (.json, .json):
            true
        default: false
        }
    }
}

extension Value: CustomStringConvertible {
    package var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .integer(let integer): "\(integer)"
        case .text(let text): "“\(text)”"
        case .flag(let flag): "\(flag)"
        case .json(let text): text
        }
    }
}
