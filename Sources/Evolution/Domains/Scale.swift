#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a range is drawn from and moved in.
package enum Scale: String, Hashable, Sendable {
    case linear
    case log
}

extension Scale {
    /// Brings a value into the range by reflection at its bounds, as often as it takes: values
    /// that were cut off at a bound instead would gather there.
    func reflect(_ value: Double, into range: ClosedRange<Double>) -> Double {
        if range.contains(value) { return value }
        // A factor may have carried the value beyond what a double holds.
        let smallest = self == .log ? Double.leastNonzeroMagnitude : -Double.greatestFiniteMagnitude
        let held = min(max(value, smallest), .greatestFiniteMagnitude)
        let bounds = coordinates(of: range)
        let period = 2 * bounds.width
        var offset = (coordinate(of: held) - bounds.lowerBound).truncatingRemainder(
            dividingBy: period)
        if offset < 0 { offset += period }
        if offset > bounds.width { offset = period - offset }
        return range.clamp(self.value(at: bounds.lowerBound + offset))
    }

    /// Where values that are equally far apart in this scale lie at equal distances.
    func coordinate(of value: Double) -> Double { self == .log ? logarithm(value) : value }

    func value(at coordinate: Double) -> Double { self == .log ? exp(coordinate) : coordinate }

    func coordinates(of range: ClosedRange<Double>) -> ClosedRange<Double> {
        coordinate(of: range.lowerBound)...coordinate(of: range.upperBound)
    }
}

/// libm's `log`, out of reach of the case of `Scale` that has its name.
private func logarithm(_ value: Double) -> Double { log(value) }
