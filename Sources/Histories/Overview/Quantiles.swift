/// Of finite numbers: the least, the quartiles and the greatest.
package struct Quantiles: Hashable, Sendable {
    package var least: Double
    package var lower: Double
    package var median: Double
    package var upper: Double
    package var greatest: Double

    /// - Returns: `nil` when no number is finite.
    package init?(_ values: some Sequence<Double>) {
        let sorted = values.filter(\.isFinite).sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        least = first
        greatest = last
        lower = Self.value(at: 0.25, of: sorted)
        median = Self.value(at: 0.5, of: sorted)
        upper = Self.value(at: 0.75, of: sorted)
    }

    /// Between two numbers in proportion, as a board's quartiles are.
    private static func value(at part: Double, of sorted: [Double]) -> Double {
        let position = part * Double(sorted.count - 1)
        let place = Int(position)
        let weight = position - Double(place)
        if weight == 0 { return sorted[place] }
        return sorted[place] * (1 - weight) + sorted[place + 1] * weight
    }
}
