import Foundation

/// How the number at a tick is written.
package struct TickLabel: Hashable {
    package var text: String
    /// Stands raised behind the text.
    package var exponent: String?

    package init(_ text: String, exponent: Int? = nil) {
        self.text = text
        self.exponent = exponent.map(Self.signed)
    }

    /// For ticks at equal distances: all with the same number of decimals.
    package static func linear(_ values: [Double], step: Ticks.Step) -> [TickLabel] {
        let largest = values.map(abs).max() ?? 0
        guard largest >= longest || step.value < finest else {
            return values.map { TickLabel(number($0, decimals: max(0, -step.exponent))) }
        }
        let exponent = largest == 0 ? 0 : Int(log10(largest).rounded(.down))
        let decimals = min(max(0, exponent - step.exponent), 12)
        return values.map { value in
            guard value != 0 else { return TickLabel("0") }
            let digits = number(value / pow(10, Double(exponent)), decimals: decimals)
            return TickLabel(digits + "×10", exponent: exponent)
        }
    }

    /// For ticks on a logarithmic axis: all plain, or all as powers of ten.
    package static func logarithmic(_ values: [Double]) -> [TickLabel] {
        guard let least = values.min(), let most = values.max(), least < 0.001 || most >= 1e5 else {
            return values.map { TickLabel(number($0)) }
        }
        return values.map { value in
            let exponent = Int((log10(value) + 1e-9).rounded(.down))
            let factor = value / pow(10, Double(exponent))
            let isPower = abs(factor - 1) < 1e-9
            return TickLabel(isPower ? "10" : number(factor) + "×10", exponent: exponent)
        }
    }

    private static let longest = 1e7
    private static let finest = 1e-5

    /// With thousands grouped; without decimals that are zero, or with exactly so many.
    package static func number(_ value: Double, decimals: Int? = nil) -> String {
        let size = abs(value)
        let digits =
            decimals.map { String(format: "%.\($0)f", size) } ?? String(format: "%.6g", size)
        guard !digits.contains("e") else { return (value < 0 ? minus : "") + digits }
        let parts = digits.split(separator: ".", maxSplits: 1)
        let fraction = parts.count > 1 ? "." + parts[1] : ""
        let isZero = !digits.contains { ("1"..."9").contains($0) }
        return (value < 0 && !isZero ? minus : "") + grouped(String(parts[0])) + fraction
    }

    private static func grouped(_ digits: String) -> String {
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += narrowSpace }
            result.append(digit)
        }
        return result
    }

    private static func signed(_ exponent: Int) -> String {
        (exponent < 0 ? minus : "") + "\(exponent.magnitude)"
    }

    private static let minus = "\u{2212}"
    /// Narrow, and no line breaks at it.
    private static let narrowSpace = "\u{202F}"
}
