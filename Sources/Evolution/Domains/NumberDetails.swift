/// What few ranges of numbers have.
package struct NumberDetails: Hashable, Sendable {
    /// The distance of a value from the next, counted from a bound; `nil` for any values.
    package var step: Double?
    /// How beginnings are drawn.
    package var draw: Distribution
    /// Where beginnings lie, where that is not the whole range.
    package var initialMin: Double?
    package var initialMax: Double?
    /// There is no bound on that side: the range ends where numbers do.
    package var isOpenBelow = false
    package var isOpenAbove = false

    package init(
        step: Double? = nil, draw: Distribution = .uniform, initialMin: Double? = nil,
        initialMax: Double? = nil
    ) {
        self.step = step
        self.draw = draw
        self.initialMin = initialMin
        self.initialMax = initialMax
    }
}

// MARK: - Open ranges

extension NumberDetails {
    /// The same with the sides open that have no bound.
    func opened(below min: Double?, above max: Double?) -> NumberDetails {
        var details = self
        details.isOpenBelow = min == nil
        details.isOpenAbove = max == nil
        return details
    }

    /// What keeps a logarithm from being without a lower bound, as a sentence.
    func openLogFault(_ scale: Scale) -> String? {
        guard scale == .log, isOpenBelow, step != nil else { return nil }
        return "It goes by steps on a log scale and has no min; write one, from which they count."
    }

    private var openFault: String? {
        let isWithoutLower = isOpenBelow && initialMin == nil
        guard isWithoutLower || (isOpenAbove && initialMax == nil) else { return nil }
        let missing = isWithoutLower ? "min" : "max"
        return
            "It has no \(missing) and is drawn evenly; write one, or initial_\(missing), or draw: "
            + "normal."
    }
}

// MARK: - Where members begin

extension NumberDetails {
    /// Where beginnings lie, within the range.
    func initial(in range: ClosedRange<Double>) -> ClosedRange<Double> {
        guard initialMin != nil || initialMax != nil else { return range }
        let lower = range.clamp(initialMin ?? range.lowerBound)
        return lower...max(range.clamp(initialMax ?? range.upperBound), lower)
    }

    /// The width that a part of is a move, where a factor leads nowhere.
    func width(of range: ClosedRange<Double>) -> Double {
        guard isOpenBelow || isOpenAbove else { return range.width }
        if !isOpenBelow || initialMin != nil, !isOpenAbove || initialMax != nil {
            return initial(in: range).width
        }
        // A fifth of it is one deviation.
        return draw.parameters.map { 5 * $0.sd } ?? range.width
    }

    /// The range as a picture shows it: up to the bounds, and as far as beginnings reach where there
    /// are none.
    package func shown(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let initial = initial(in: range)
        let reach = draw.reach ?? initial
        let lower = isOpenBelow ? initialMin ?? initial.clamp(reach.lowerBound) : range.lowerBound
        let upper = isOpenAbove ? initialMax ?? initial.clamp(reach.upperBound) : range.upperBound
        return lower...max(lower, upper)
    }

    /// What keeps beginnings from being drawn, as a sentence.
    func fault(in range: ClosedRange<Double>, _ scale: Scale) -> String? {
        if let fault = step.flatMap({ Grid.fault(of: $0, in: range) }) { return fault }
        for (key, bound) in [("initial_min", initialMin), ("initial_max", initialMax)] {
            guard let bound, !range.contains(bound) else { continue }
            return "Its \(key) \(plain(bound)) is outside of its range; widen one of the two."
        }
        if let initialMin, let initialMax, let fault = Domain.orderFault(of: initialMin, initialMax)
        {
            return "Where it begins is no range. " + fault
        }
        let begins = initial(in: range)
        if begins.lowerBound == begins.upperBound {
            return "Where it begins is one value, \(plain(begins.lowerBound)); widen it."
        }
        if let step {
            let grid = Grid(range, step: step)
            if !begins.contains(grid[grid.indices(in: begins).lowerBound]) {
                return "No step is where it begins; widen that."
            }
        }
        guard let (mean, sd) = draw.parameters, let centre = draw.centre else {
            return openFault
        }
        if !(sd > 0 && sd.isFinite) { return "Its sd is \(plain(sd)); write one above 0." }
        if case .lognormal = draw, scale != .log {
            return "It is drawn as lognormal on a linear scale; write scale: log, or draw: normal."
        }
        if begins.contains(centre) { return nil }
        let word = centre == mean ? "" : ", which is \(plain(centre)),"
        return "Its mean \(plain(mean))\(word) is outside of where it begins, from "
            + "\(plain(begins.lowerBound)) to \(plain(begins.upperBound)); change one of the two."
    }
}
