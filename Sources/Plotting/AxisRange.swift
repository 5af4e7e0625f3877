import Foundation

/// What part of the numbers an axis covers.
///
/// A few extreme values must not press all others into a line. The axis covers the middle nine
/// tenths of the values, and of the others those that lie within three times the width of these:
/// however far the rest is, the middle takes a seventh of the axis or more.
package enum AxisRange {
    /// This share of the values at either end counts as extreme, but one value at least.
    private static let extremes = 0.05
    private static let fewest = 5
    /// In widths of the middle.
    private static let reach = 3.0
    /// Free space beyond the values, as a share of the axis.
    private static let margin = 0.04
    /// An axis is at least this wide in comparison with its numbers, so that ticks differ.
    private static let narrowest = 1e-9
    /// Smaller differences than this are none.
    private static let smallest = 1e-290

    package static func covering(_ values: [Double]) -> ClosedRange<Double> {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return 0...1 }
        let cut =
            sorted.count < fewest ? 0 : max(1, Int(extremes * Double(sorted.count)))
        let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
        let width = high - low
        guard width > 0 else { return padded(least...most) }
        let inside = sorted.filter { $0 >= low - reach * width && $0 <= high + reach * width }
        return padded(inside[0]...inside[inside.count - 1])
    }

    /// With a margin, and never empty.
    package static func padded(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let size = max(abs(range.lowerBound), abs(range.upperBound))
        let width = range.upperBound - range.lowerBound
        guard width > max(size * narrowest, smallest) else {
            let half = size < smallest ? 1 : size / 10
            return (range.lowerBound - half)...(range.upperBound + half)
        }
        return (range.lowerBound - margin * width)...(range.upperBound + margin * width)
    }
}
