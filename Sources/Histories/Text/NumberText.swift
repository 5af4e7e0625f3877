import Foundation

/// Numbers as boards and results write them.
package enum NumberText {
    package static func score(_ value: Double) -> String { text(value, digits: 6) }

    package static func hyperparameter(_ value: Double) -> String { text(value, digits: 4) }

    /// A share between 0 and 1, never rounded up to the whole.
    package static func percent(_ share: Double) -> String {
        "\(Int((min(max(share, 0), 1) * 100).rounded(.down))) %"
    }

    /// `1234567` as `1 234 567`.
    package static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
            text.append(digit)
        }
        return text
    }

    /// So many of something: `1 report`, `1 204 reports`.
    package static func count(_ value: Int, _ noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// `1234567` as `1.23M`, never rounded up.
    package static func shortCount(_ value: Int) -> String {
        var rest = Double(value)
        var units = ["", "k", "M", "G", "T", "P", "E"][...]
        while abs(rest) >= 1000, units.count > 1 {
            rest /= 1000
            units.removeFirst()
        }
        guard let unit = units.first, !unit.isEmpty else { return "\(value)" }
        let digits = abs(rest) >= 100 ? 1.0 : abs(rest) >= 10 ? 10.0 : 100.0
        return text((rest * digits).rounded(.towardZero) / digits, digits: 3) + unit
    }

    /// So many a second, or a minute when they are few.
    package static func rate(_ perSecond: Double) -> String {
        switch perSecond {
        case ...0: "0/s"
        case ..<1: "\(text(perSecond * 60, digits: 2))/min"
        case ..<9.95: "\(text(perSecond, digits: 2))/s"
        default: "\(count(Int(min(perSecond, 1e15).rounded())))/s"
        }
    }

    /// By how much a number became higher, or lower.
    package static func change(_ value: Double) -> String {
        (value > 0 ? "+" : "") + text(value, digits: 2)
    }

    /// What something was multiplied by.
    package static func factor(_ value: Double) -> String { text(value, digits: 3) }

    /// Two scores, as short as shows that they differ.
    package static func scores(_ one: Double, _ other: Double) -> (String, String) {
        let short = (text(one, digits: 4), text(other, digits: 4))
        return short.0 != short.1 ? short : (score(one), score(other))
    }

    private static func text(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "inf" : "-inf" }
        return String(format: "%.\(digits)g", value)
    }
}
