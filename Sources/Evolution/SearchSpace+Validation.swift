/// Why a search space cannot be searched.
package struct SpaceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The hyperparameter at fault, unless it is the space as a whole.
    package var hyperparameter: String?
    /// A sentence that says what is wrong and what to do.
    package var reason: String

    package init(hyperparameter: String?, reason: String) {
        self.hyperparameter = hyperparameter
        self.reason = reason
    }

    package var description: String {
        hyperparameter.map { "Hyperparameter “\($0)”: \(reason)" } ?? reason
    }
}

extension SearchSpace {
    /// A space has at most this many hyperparameters.
    package static let hyperparameterLimit = 256
    /// A name is at most this many bytes of UTF-8.
    package static let nameByteLimit = 64

    static func validate(_ hyperparameters: [Hyperparameter]) throws(SpaceError) {
        if hyperparameters.isEmpty {
            throw SpaceError(
                hyperparameter: nil,
                reason: "The search space is empty; give it at least one hyperparameter.")
        }
        if hyperparameters.count > hyperparameterLimit {
            throw SpaceError(
                hyperparameter: nil,
                reason: "The search space has \(hyperparameters.count) hyperparameters; keep at "
                    + "most \(hyperparameterLimit).")
        }
        var names: Set<String> = []
        for hyperparameter in hyperparameters {
            let name = hyperparameter.name
            func fail(_ reason: String) -> SpaceError {
                SpaceError(hyperparameter: printable(name), reason: reason)
            }
            if let reason = faultOfName(name) { throw fail(reason) }
            if !names.insert(name).inserted {
                throw fail("The name is used twice; rename one of the two.")
            }
            if let reason = hyperparameter.domain.fault { throw fail(reason) }
        }
    }

    private static func faultOfName(_ name: String) -> String? {
        if name.allSatisfy(\.isWhitespace) { return "The name is empty; write one." }
        if name.utf8.count > nameByteLimit {
            return "The name is \(name.utf8.count) bytes long; shorten it to \(nameByteLimit)."
        }
        if !name.unicodeScalars.allSatisfy(isPrintable) {
            return "The name has a control character; take it out."
        }
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            return "The name starts or ends with a space; take it out."
        }
        return nil
    }

    /// A name as a message may show it.
    private static func printable(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(nameByteLimit))).escapingControls
    }
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
}

extension Domain {
    /// Integers stay within ± this: beyond it a client whose numbers are doubles would read
    /// another value than was sent.
    package static let integerLimit: Int64 = 1 << 53
    /// Numbers stay within ± this, so that the width of a range and its double are finite.
    package static let numberLimit = 1e300
    /// A choice or an ordinal lists at most this many values.
    package static let valueLimit = 1024
    /// A text value is at most this many bytes of UTF-8.
    package static let textByteLimit = 1024

    /// What keeps the domain from being searched, as a sentence.
    var fault: String? {
        switch self {
        case .number(let range, let scale):
            let bounds = [range.lowerBound, range.upperBound]
            if !bounds.allSatisfy({ $0.isFinite && abs($0) <= Self.numberLimit }) {
                return "Its range has a bound that is infinite or beyond ±\(Self.numberLimit); "
                    + "write finite bounds."
            }
            if scale == .log, range.lowerBound < .leastNormalMagnitude {
                return Self.logFault("\(range.lowerBound)")
            }
            return Self.orderFault(of: range.lowerBound, range.upperBound)
        case .integer(let range, let scale):
            if range.lowerBound < -Self.integerLimit || range.upperBound > Self.integerLimit {
                return "Its range leaves ±\(Self.integerLimit); write smaller bounds."
            }
            if scale == .log, range.lowerBound <= 0 { return Self.logFault("\(range.lowerBound)") }
            return Self.orderFault(of: range.lowerBound, range.upperBound)
        case .choice(let values), .ordinal(let values):
            if values.count < 2 { return "It lists fewer than two values; list two or fix one." }
            if values.count > Self.valueLimit {
                return "It lists \(values.count) values; keep at most \(Self.valueLimit)."
            }
            if let fault = values.lazy.compactMap(\.fault).first { return fault }
            // 32 and 32.0 are one.
            var seen: Set<Value> = []
            let twice = values.first { value in
                !seen.insert(value.asNumber.map(Value.number) ?? value).inserted
            }
            return twice.map { "It lists \($0) twice; keep one." }
        case .fixed(let value):
            return value.fault
        }
    }

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

    private static func logFault(_ lower: String) -> String {
        "Its scale is log but its range starts at \(lower); start above 0 or make it linear."
    }
}

extension Value {
    fileprivate var fault: String? {
        switch self {
        case .number(let number) where !number.isFinite || abs(number) > Domain.numberLimit:
            "The value \(number) is not a finite number; write one."
        case .integer(let integer) where abs(Double(integer)) > Double(Domain.integerLimit):
            "The value \(integer) is beyond ±\(Domain.integerLimit); write a smaller one."
        case .text(let text) where text.utf8.count > Domain.textByteLimit:
            "It has a text of \(text.utf8.count) bytes; shorten it to \(Domain.textByteLimit)."
        case .text(let text) where !text.unicodeScalars.allSatisfy(isPrintable):
            "It has a text with a control character; take it out."
        default: nil
        }
    }
}
