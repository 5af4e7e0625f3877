extension Collection<Double> {
    /// NaN of none.
    ///
    /// Numbers that are all the same have exactly that mean, for else what rounding leaves looks like
    /// a difference between two that score the same.
    var mean: Double {
        guard let first else { return .nan }
        if allSatisfy({ $0 == first }) { return first }
        let count = Double(count)
        let sum = reduce(0, +)
        // Whole numbers are added up exactly, in whichever order. Numbers whose sum is too large for
        // a double are divided first.
        return sum.isFinite ? sum / count : reduce(0) { $0 + $1 / count }
    }
}
