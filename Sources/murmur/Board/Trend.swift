/// A number over all the time that it was watched, in a bounded number of values: they stand for
/// longer and longer stretches.
struct Trend: Equatable, Sendable {
    static let capacity = 120

    /// The last value of each stretch, oldest first.
    private(set) var values: [Double] = []
    private var stretch = Duration.milliseconds(500)
    private var beginning: Duration?

    /// - Parameter value: what is not finite is left out.
    mutating func add(_ value: Double, at now: Duration) {
        guard value.isFinite else { return }
        let beginning = beginning ?? now
        self.beginning = beginning
        while now - beginning >= stretch * Self.capacity { halve() }
        let index = Int((now - beginning) / stretch)
        // Nothing changed in a stretch of which nothing was heard.
        while values.count <= index { values.append(values.last ?? value) }
        values[values.count - 1] = value
    }

    private mutating func halve() {
        let last = values.count - 1
        values = stride(from: 0, through: last, by: 2).map { values[min($0 + 1, last)] }
        stretch *= 2
    }

    /// At most so many values that stand for equally long stretches.
    func cells(_ count: Int) -> [Double] {
        guard values.count > count else { return values }
        return (1...max(count, 1)).map { values[$0 * values.count / max(count, 1) - 1] }
    }
}

/// Numbers as a line of blocks.
enum Sparkline {
    static func text(_ values: [Double], glyphs: Glyphs) -> String {
        guard let least = values.min(), let most = values.max() else { return "" }
        let levels = glyphs.levels
        // Halves, since the distance of two numbers may be beyond all numbers.
        let height = most / 2 - least / 2
        return String(
            values.map { value in
                // A line that is level lies in the middle.
                guard height > 0 else { return levels[levels.count / 2 - 1] }
                let share = (value / 2 - least / 2) / height
                return levels[min(Int(share * Double(levels.count)), levels.count - 1)]
            })
    }
}
