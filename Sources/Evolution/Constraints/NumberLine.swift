/// The numbers of one hyperparameter, as constraints see them.
struct NumberLine {
    let range: ClosedRange<Double>
    private let scale: Scale
    private let grid: Grid?

    /// `nil` for a domain whose values are no numbers.
    init?(_ domain: Domain) {
        switch domain {
        case .float(let domain):
            (range, scale, grid) = (domain.range, domain.scale, domain.grid)
        case .int(let domain):
            (range, scale, grid) = (domain.grid.range, domain.scale, domain.grid)
        case .constant(let domain):
            guard let number = domain.value.asNumber else { return nil }
            (range, scale, grid) = (number...number, .linear, nil)
        case .unordered, .ordered, .flag: return nil
        }
    }

    /// The least number that is as much, or that is more.
    func least(_ bound: Double, isStrict: Bool) -> Double? {
        if bound < range.lowerBound || (bound == range.lowerBound && !isStrict) {
            return range.lowerBound
        }
        var found = isStrict ? bound.nextUp : bound
        if let grid {
            let index = grid.index(upTo: bound)
            let isThere = !isStrict && grid[index] == bound
            if !isThere, index == grid.last { return nil }
            found = grid[isThere ? index : index + 1]
        }
        return range.contains(found) ? found : nil
    }

    /// The greatest number from one on for which something holds, which holds for that one, and for no
    /// number beyond one for which it does not.
    func greatest(from least: Double, where holds: (Double) -> Bool) -> Double {
        if holds(range.upperBound) { return range.upperBound }
        if let grid {
            var (low, high) = (grid.index(near: least), grid.last)
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if holds(grid[middle]) { low = middle } else { high = middle }
            }
            return grid[low]
        }
        // Doubles are halved by their order, not by their size: those of any size are as many.
        var (low, high) = (Self.order(of: least), Self.order(of: range.upperBound))
        while high > low + 1 {
            // The sum of both would not fit.
            let middle = low / 2 + high / 2 + (low % 2 + high % 2) / 2
            if holds(Self.number(at: middle)) { low = middle } else { high = middle }
        }
        return Self.number(at: low)
    }

    /// A number brought into a part of the range as bounds bring one in: by reflection.
    func reflect(_ number: Double, into part: ClosedRange<Double>) -> Double {
        if part.lowerBound == part.upperBound { return part.lowerBound }
        let reflected = scale.reflect(number, into: part)
        guard let grid else { return reflected }
        return part.clamp(grid[grid.index(near: reflected)])
    }

    /// Where a double stands among all of them: the next has the next one.
    private static func order(of number: Double) -> Int64 {
        let bits = Int64(bitPattern: (number + 0).bitPattern)
        return bits >= 0 ? bits : .min - bits
    }

    private static func number(at order: Int64) -> Double {
        Double(bitPattern: UInt64(bitPattern: order >= 0 ? order : .min - order))
    }
}
