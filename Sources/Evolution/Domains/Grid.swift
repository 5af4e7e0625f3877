/// Numbers at equal distances, each told by its index from 0 on.
///
/// Where the first one and the step are decimals, so are all: the third of 0.1, 0.2 … is 0.3, and not
/// what adding up makes of it.
struct Grid {
    /// The index of the last number.
    let last: Int64
    private let numbers: Numbers

    private enum Numbers {
        /// In parts of which `unit` make 1.
        case decimal(first: Int64, step: Int64, unit: Double)
        case real(first: Double, step: Double, last: Double)
    }

    /// Whole numbers, as many as fit into the range.
    init(_ range: ClosedRange<Int64>, step: Int64) {
        let limits = -Domain.integerLimit...Domain.integerLimit
        let first = limits.clamp(Double(range.lowerBound))
        let width = limits.clamp(Double(range.upperBound)) - first
        let step = min(max(step, 1), 2 * Domain.integerLimit)
        last = max(width, 0) / step
        numbers = .decimal(first: first, step: step, unit: 1)
    }

    /// Numbers, as many as fit into the range. `fault(of:in:)` says whether they fill it; one alone is
    /// there where they do not.
    init(_ range: ClosedRange<Double>, step: Double) {
        if step > 0, let decimal = Self.decimal(range, step: step) {
            last = decimal.last
            numbers = decimal.numbers
        } else {
            // What division rounds is not to cost the last one.
            let steps = step > 0 ? (range.width / step + Self.tolerance).rounded(.down) : 0
            last = Int64(min(steps, Double(Domain.integerLimit)))
            let reached = range.lowerBound + Double(last) * step
            let isBound = abs(range.upperBound - reached) <= step * Self.tolerance
            numbers = .real(
                first: range.lowerBound, step: step, last: isBound ? range.upperBound : reached)
        }
    }

    subscript(index: Int64) -> Double {
        switch numbers {
        case .decimal(let first, let step, let unit): Double(first + index * step) / unit
        case .real(let first, let step, let end):
            index == last ? end : first + Double(index) * step
        }
    }

    var range: ClosedRange<Double> { self[0]...self[last] }

    /// The index of the nearest number, of the outermost one for what lies outside.
    func index(near number: Double) -> Int64 {
        let held = range.clamp(number)
        switch numbers {
        case .decimal(let first, let step, let unit):
            let parts = Int64((held * unit).rounded()) - first
            return min((2 * parts + step) / (2 * step), last)
        case .real(let first, let step, _):
            if last == 0 { return 0 }
            return Int64(min(((held - first) / step).rounded(), Double(last)))
        }
    }

    /// The index of the number up to which `number` reaches.
    func index(upTo number: Double) -> Int64 {
        let held = range.clamp(number)
        let nearest = index(near: held)
        return self[nearest] > held ? nearest - 1 : nearest
    }

    /// The indices of the numbers in a part of the range; where there is none, of the one below.
    func indices(in part: ClosedRange<Double>) -> ClosedRange<Int64> {
        let upper = index(upTo: part.upperBound)
        let lower = index(near: part.lowerBound)
        let isInside = self[lower] >= part.lowerBound
        return min(isInside ? lower : lower + 1, upper)...upper
    }

    /// The distance of a number from the next.
    var step: Double {
        switch numbers {
        case .decimal(_, let step, let unit): Double(step) / unit
        case .real(_, let step, _): step
        }
    }

    /// The number that is meant, where a client computed it and rounded otherwise; else `nil`.
    func number(meant number: Double) -> Double? {
        let nearest = self[index(near: number)]
        return abs(nearest - number) <= step * Self.tolerance ? nearest : nil
    }

    private static let tolerance = 1e-9

    /// The range in parts of which the fewest make all bounds and the step whole.
    private static func decimal(
        _ range: ClosedRange<Double>, step: Double
    ) -> (last: Int64, numbers: Numbers)? {
        let limit = Double(Domain.integerLimit)
        var unit = 1.0
        while unit <= 1e15 {
            let parts = [range.lowerBound, range.upperBound, step].map { ($0 * unit).rounded() }
            if parts.contains(where: { abs($0) > limit }) { return nil }
            // Division rounds to the number that is written so.
            if parts.map({ $0 / unit }) == [range.lowerBound, range.upperBound, step] {
                let (first, step) = (Int64(parts[0]), Int64(parts[2]))
                let last = (Int64(parts[1]) - first) / step
                return (last, .decimal(first: first, step: step, unit: unit))
            }
            unit *= 10
        }
        return nil
    }
}

// MARK: - Without bounds

extension Grid {
    /// The outermost numbers of a range that has no bound below or above: so many steps away that
    /// nobody gets there.
    static func ends(_ min: Double?, _ max: Double?, step: Double) -> (Double, Double) {
        let anchor = min ?? max ?? 0
        let limit = Double(Domain.integerLimit)
        var unit = 1.0
        while unit <= 1e15 {
            let parts = [anchor, step].map { ($0 * unit).rounded() }
            if parts.contains(where: { abs($0) > limit }) { break }
            if step > 0, parts.map({ $0 / unit }) == [anchor, step] {
                let room = ((limit - abs(parts[0])) / parts[1]).rounded(.down)
                // So fine a decimal leaves too little room.
                if room < mostRoundedSteps { break }
                let way = Swift.min(room, mostSteps) * parts[1]
                return (min ?? (parts[0] - way) / unit, max ?? (parts[0] + way) / unit)
            }
            unit *= 10
        }
        let way = mostRoundedSteps * step
        return (min ?? anchor - way, max ?? anchor + way)
    }

    private static let mostSteps = 0x1p32
    /// So many that what adding them up rounds stays within the tolerance.
    private static let mostRoundedSteps = 0x1p20
}

// MARK: - Whether there is one

extension Grid {
    /// What keeps a step from dividing a range, as a sentence.
    static func fault(of step: Double, in range: ClosedRange<Double>) -> String? {
        if !step.isFinite || step <= 0 {
            return "Its step is \(plain(step)); write one above 0."
        }
        let steps = range.width / step
        if steps > Double(Domain.integerLimit) {
            return "Its step \(plain(step)) is too small for its range; write a larger one, or "
                + "leave it out."
        }
        let grid = Grid(range, step: step)
        if grid.last > 0, abs(steps - Double(grid.last)) <= tolerance * max(steps, 1) {
            return nil
        }
        let below = plain(grid[grid.last])
        let words =
            grid.last > 0
            ? "write \(below), or a step that leads there"
            : "write a smaller step, or fix the value"
        return "Its step \(plain(step)) does not lead from \(plain(range.lowerBound)) to "
            + "\(plain(range.upperBound)); \(words)."
    }
}
