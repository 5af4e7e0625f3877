import Foundation
import Histories

/// The vertical axis of a panel.
package enum Axis: Hashable {
    case linear(ClosedRange<Double>, whole: Bool = false)
    /// The range is one of decimal logarithms, and so are the values of curves on this axis.
    case logarithmic(ClosedRange<Double>)
    /// Named rows, from the lowest. A value is the number of its row.
    case rows([String])

    package struct Tick: Hashable {
        /// As a share of the axis, from its low end.
        package var place: Double
        package var label: TickLabel
    }

    /// Where a value is, as a share of the axis from its low end; outside of 0...1 beyond the axis.
    package func place(of value: Double) -> Double {
        let range = range
        return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    package func covers(_ value: Double) -> Bool { range.contains(value) }

    /// The marks with labels, and those without.
    package func ticks(atMost count: Int) -> (major: [Tick], minor: [Double]) {
        switch self {
        case .linear(let range, let whole):
            let (values, step) = Ticks.linear(range, atMost: count, whole: whole)
            let labels = TickLabel.linear(values, step: step)
            return (zip(values, labels).map { Tick(place: place(of: $0), label: $1) }, [])
        case .logarithmic(let range):
            let powers = range.clamped(to: -Self.largestPower...Self.largestPower)
            let ticks = Ticks.logarithmic(
                pow(10, powers.lowerBound)...pow(10, powers.upperBound), atMost: count)
            let labels = TickLabel.logarithmic(ticks.major)
            return (
                zip(ticks.major, labels).map { Tick(place: place(of: log10($0)), label: $1) },
                ticks.minor.map { place(of: log10($0)) }
            )
        case .rows(let names):
            // Of more rows than there is space for, every second or third one has its name.
            let stride = max(1, (names.count + count - 1) / max(count, 1))
            return (
                names.enumerated().filter { $0.offset.isMultiple(of: stride) }.map { row, name in
                    Tick(place: place(of: Double(row)), label: TickLabel(Self.rowName(name)))
                }, []
            )
        }
    }

    private var range: ClosedRange<Double> {
        switch self {
        case .linear(let range, _), .logarithmic(let range): range
        case .rows(let names): -0.5...(Double(max(names.count, 1)) - 0.5)
        }
    }

    private static func rowName(_ name: String) -> String {
        name.isEmpty ? "\u{201C}\u{201D}" : Terminal.cut(Terminal.escaped(name), longestName)
    }

    private static let longestName = 16
    /// Beyond it powers of ten are no numbers any more.
    private static let largestPower = 300.0
}
