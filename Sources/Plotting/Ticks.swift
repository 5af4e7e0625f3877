import Foundation

/// The numbers at which an axis is marked.
package enum Ticks {
    /// A step between ticks: 1, 2 or 5 times a power of ten.
    package struct Step: Hashable {
        package var digit: Int
        package var exponent: Int

        package var value: Double { multiple(1) }

        /// Rounded once, so that 3 × 0.1 is 0.3.
        package func multiple(_ factor: Double) -> Double {
            let power = pow(10, Double(abs(exponent)))
            return exponent < 0
                ? factor * Double(digit) / power : factor * Double(digit) * power
        }

        /// The least such step that is not less than a width.
        package init(atLeast width: Double) {
            let exponent = Int(log10(width).rounded(.down))
            self.init(digit: 1, exponent: exponent)
            // Widths that are such a step may be off by a unit in the last place.
            while value < width * (1 - 1e-12) { self = next }
        }

        /// The next larger one.
        package var next: Step {
            switch digit {
            case 1: Step(digit: 2, exponent: exponent)
            case 2: Step(digit: 5, exponent: exponent)
            default: Step(digit: 1, exponent: exponent + 1)
            }
        }

        package init(digit: Int, exponent: Int) {
            self.digit = digit
            self.exponent = exponent
        }
    }

    /// Ticks at equal distances, and the step between them.
    ///
    /// - Parameters:
    ///   - atMost: more than this many would be crowded.
    ///   - whole: only whole numbers.
    package static func linear(
        _ range: ClosedRange<Double>, atMost count: Int, whole: Bool = false
    ) -> (values: [Double], step: Step) {
        let width = range.upperBound - range.lowerBound
        var step = Step(atLeast: width / Double(max(count, 1)))
        if whole, step.exponent < 0 { step = Step(digit: 1, exponent: 0) }
        var multiples = multiples(of: step, in: range)
        while multiples.count > max(count, 1) {
            step = step.next
            multiples = Self.multiples(of: step, in: range)
        }
        return (multiples.map(step.multiple), step)
    }

    private static func multiples(of step: Step, in range: ClosedRange<Double>) -> [Double] {
        // A unit in the last place does not decide whether the end of an axis is marked.
        let slack = 1e-9
        let first = (range.lowerBound / step.value - slack).rounded(.up)
        let last = (range.upperBound / step.value + slack).rounded(.down)
        // Adding zero makes a negative zero a positive one.
        return first <= last ? stride(from: first + 0, through: last, by: 1).map { $0 + 0 } : []
    }

    /// Ticks at powers of ten, and finer ones between them.
    package struct Logarithmic: Hashable {
        package var major: [Double]
        /// Without labels.
        package var minor: [Double]
    }

    /// - Parameter range: positive numbers.
    package static func logarithmic(_ range: ClosedRange<Double>, atMost count: Int) -> Logarithmic
    {
        let first = Int(log10(range.lowerBound).rounded(.down))
        let last = Int(log10(range.upperBound).rounded(.up))
        let exponents = Array(first...max(first, last))
        func all(_ digits: [Int], every stride: Int = 1) -> [Double] {
            exponents.filter { $0.isMultiple(of: stride) }.flatMap { exponent in
                digits.map { Step(digit: $0, exponent: exponent).value }
            }.filter(range.contains)
        }
        let decades = all([1])
        if decades.count > count {
            let stride = (decades.count + count - 1) / count
            return Logarithmic(major: all([1], every: stride), minor: decades)
        }
        let minor = all(Array(1...9))
        if decades.count > 2 { return Logarithmic(major: decades, minor: minor) }
        // Within two decades the numbers between them are worth a label too.
        for digits in [[1, 2, 5], [1, 3], [1]] {
            let labelled = all(digits)
            if labelled.count > 1, labelled.count <= count {
                return Logarithmic(major: labelled, minor: minor)
            }
        }
        return Logarithmic(major: linear(range, atMost: count).values, minor: [])
    }
}
