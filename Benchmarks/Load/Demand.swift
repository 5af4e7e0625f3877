import ArgumentParser

/// Refuses an option's value that makes no sense.
func demand(_ value: Int, _ option: String, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
        throw ValidationError(
            "\(option) is \(value), and must be from \(range.lowerBound) to \(range.upperBound).")
    }
}

/// Refuses an option's value that makes no sense.
func demand(_ value: Double, _ option: String, in range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
        throw ValidationError(
            "\(option) is \(value), and must be from \(range.lowerBound) to \(range.upperBound).")
    }
}
