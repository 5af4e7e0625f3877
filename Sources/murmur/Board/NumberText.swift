import Foundation

/// Numbers as boards and results write them.
enum NumberText {
    static func score(_ value: Double) -> String { text(value, digits: 6) }

    static func hyperparameter(_ value: Double) -> String { text(value, digits: 4) }

    /// A share between 0 and 1, never rounded up to the whole.
    static func percent(_ share: Double) -> String {
        "\(Int((min(max(share, 0), 1) * 100).rounded(.down))) %"
    }

    /// `1234567` as `1 234 567`.
    static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
            text.append(digit)
        }
        return text
    }

    private static func text(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "inf" : "-inf" }
        return String(format: "%.\(digits)g", value)
    }
}
