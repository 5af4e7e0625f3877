extension ClosedRange<Double> {
    var width: Double { upperBound - lowerBound }

    func clamp(_ value: Double) -> Double { Swift.min(Swift.max(value, lowerBound), upperBound) }
}

extension ClosedRange<Int64> {
    var width: Int64 { upperBound - lowerBound }

    /// The integer `value`, or the nearer bound when it is outside, however far.
    func clamp(_ value: Double) -> Int64 {
        if value <= Double(lowerBound) { return lowerBound }
        if value >= Double(upperBound) { return upperBound }
        return Int64(value)
    }
}
