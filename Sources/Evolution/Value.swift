/// The value of one hyperparameter.
package enum Value: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    case text(String)
    case flag(Bool)

    /// What it is as a number; `nil` for text and flags.
    package var asNumber: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        case .text, .flag: nil
        }
    }

    /// The same value, whichever way a client writes its numbers: 32 and 32.0 are one.
    func matches(_ other: Value) -> Bool {
        if self == other { return true }
        guard let number = asNumber, let other = other.asNumber else { return false }
        return number == other
    }
}

extension Value: CustomStringConvertible {
    package var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .integer(let integer): "\(integer)"
        case .text(let text): "“\(text)”"
        case .flag(let flag): "\(flag)"
        }
    }
}
