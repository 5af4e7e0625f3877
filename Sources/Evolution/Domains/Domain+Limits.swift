extension Domain {
    /// Integers stay within ± this: beyond it a client whose numbers are doubles would read
    /// another value than was sent.
    package static let integerLimit: Int64 = 1 << 53
    /// Numbers stay within ± this, so that the width of a range and its double are finite.
    package static let numberLimit = 1e300
    /// A choice or an ordinal lists at most this many values.
    package static let valueLimit = 1 << 14
    /// A text value is at most this many bytes of UTF-8.
    package static let textByteLimit = 1024

    /// What is wrong with the order of a range's bounds. Ask before making a `ClosedRange` of
    /// them, which a reversed range cannot be.
    package static func orderFault<Bound: Comparable>(of lower: Bound, _ upper: Bound) -> String? {
        if lower < upper { return nil }
        // A NaN equals nothing, not even itself.
        if lower != lower || upper != upper {
            return "Its range has a bound that is not a number; write finite bounds."
        }
        if lower > upper { return "Its range is reversed, from \(lower) to \(upper); swap them." }
        return "Its range is empty, from \(lower) to \(upper); widen it, or fix the value."
    }

    /// What a log scale says to a range that starts too low for it.
    static func logFault<Bound>(from lower: Bound) -> String {
        "Its scale is log but its range starts at \(lower); start above 0 or make it linear."
    }
}

extension Value {
    /// What keeps it from being a value of a list, or a fixed one, as a sentence.
    var fault: String? {
        switch self {
        case .number(let number) where !number.isFinite || abs(number) > Domain.numberLimit:
            "The value \(number) is not a finite number; write one."
        case .integer(let integer) where abs(Double(integer)) > Double(Domain.integerLimit):
            "The value \(integer) is beyond ±\(Domain.integerLimit); write a smaller one."
        case .text(let text) where text.utf8.count > Domain.textByteLimit:
            "It has a text of \(text.utf8.count) bytes; shorten it to \(Domain.textByteLimit)."
        case .json(let text) where text.utf8.count > Domain.textByteLimit:
            "It has a list of \(text.utf8.count) bytes; shorten it to \(Domain.textByteLimit)."
        case .text(let text) where !text.unicodeScalars.allSatisfy(isPrintable):
            "It has a text with a control character; take it out."
        default: nil
        }
    }
}
