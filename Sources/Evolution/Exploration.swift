#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Specification {
    /// What a member starts with: the point that is to be evaluated, if there is one for it, and
    /// a draw for what the point leaves open.
    func initialHyperparameters(of member: Int) -> [Value] {
        var draws = Draws(seed: seed, member: member, report: 0)
        let point = pointsToEvaluate.indices.contains(member) ? pointsToEvaluate[member] : []
        return space.hyperparameters.indices.map { index in
            let domain = space.hyperparameters[index].domain
            let drawn = domain.draw(&draws)
            guard index < point.count, let given = point[index] else { return drawn }
            return domain.typed(given)
        }
    }

    /// Moves each value to a new one nearby, or draws it anew (rule 5).
    func explore(_ values: [Value], _ draws: inout Draws) -> ([Value], [Operation]) {
        var explored: [Value] = []
        var operations: [Operation] = []
        for (hyperparameter, value) in zip(space.hyperparameters, values) {
            let (moved, operation) = explore(hyperparameter.domain, from: value, &draws)
            explored.append(moved)
            operations.append(operation)
        }
        return (explored, operations)
    }

    private func explore(
        _ domain: Domain, from value: Value, _ draws: inout Draws
    ) -> (Value, Operation) {
        if case .fixed(let fixed) = domain { return (fixed, .kept) }
        if draws.uniform() < resampleProbability { return (domain.draw(&draws), .resampled) }
        // A copy that always changed a choice would pass none on.
        if domain.hasFewValues, domain.contains(value), draws.uniform() >= mutationProbability {
            return (value, .kept)
        }
        if let moved = domain.perturb(value, factors: perturbationFactors, &draws) {
            return (moved, .perturbed)
        }
        return (domain.draw(&draws), .resampled)
    }
}

extension Domain {
    /// Values so few that a change is a jump: it then happens with `mutationProbability`.
    var hasFewValues: Bool {
        switch self {
        case .number, .fixed: false
        case .integer(let range, _): range.width < 9
        case .choice, .ordinal: true
        }
    }

    /// A value of the domain, each as likely in its scale.
    func draw(_ draws: inout Draws) -> Value {
        switch self {
        case .number(let range, let scale):
            let bounds = scale.coordinates(of: range)
            let drawn = bounds.lowerBound + draws.uniform() * bounds.width
            return .number(range.clamp(scale.value(at: drawn)))
        case .integer(let range, .linear):
            return .integer(range.lowerBound + Int64(draws.below(Int(range.width + 1))))
        case .integer(let range, .log):
            // An integer's share is the part of the log scale up to the next integer.
            let cells = Double(range.lowerBound)...Double(range.upperBound + 1)
            let bounds = Scale.log.coordinates(of: cells)
            let drawn = Scale.log.value(at: bounds.lowerBound + draws.uniform() * bounds.width)
            return .integer(range.clamp(drawn.rounded(.down)))
        case .choice(let values), .ordinal(let values):
            return values[draws.below(values.count)]
        case .fixed(let value):
            return value
        }
    }

    /// Another value near `value`, or `nil` when `value` has no place in the domain from which
    /// to move.
    ///
    /// A value that was set outside the bounds is first brought to the nearer one.
    func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        switch self {
        case .number(let range, let scale):
            guard let number = value.asNumber, !number.isNaN else { return nil }
            let start = range.clamp(number)
            let target = Self.target(from: start, range, factors: factors, &draws)
            return .number(scale.reflect(target, into: range))
        case .integer(let range, let scale):
            guard let number = value.asNumber, !number.isNaN else { return nil }
            return .integer(
                Self.perturb(range.clamp(number.rounded()), range, scale, factors, &draws))
        case .choice(let values):
            guard let index = values.firstIndex(where: value.matches) else { return nil }
            let other = draws.below(values.count - 1)
            return values[other < index ? other : other + 1]
        case .ordinal(let values):
            guard let index = values.firstIndex(where: value.matches) else { return nil }
            if index == 0 { return values[1] }
            if index == values.count - 1 { return values[index - 1] }
            return values[draws.flag() ? index + 1 : index - 1]
        case .fixed:
            return nil
        }
    }

    /// The part of a range's width by which a value moves where a factor could not move it, or
    /// could not take it to the other side of 0.
    private static let shift = 0.2

    /// Where perturbing leads before it is brought into bounds.
    private static func target(
        from start: Double, _ range: ClosedRange<Double>, factors: [Double], _ draws: inout Draws
    ) -> Double {
        if start == 0 || (range.lowerBound < 0 && range.upperBound > 0) {
            return start + (draws.flag() ? shift : -shift) * range.width
        }
        return start * factors[draws.below(factors.count)]
    }

    /// Moves an integer by at least 1; rounding alone would freeze the small ones.
    private static func perturb(
        _ start: Int64, _ range: ClosedRange<Int64>, _ scale: Scale, _ factors: [Double],
        _ draws: inout Draws
    ) -> Int64 {
        let bounds = Double(range.lowerBound)...Double(range.upperBound)
        let target = target(from: Double(start), bounds, factors: factors, &draws)
        let moved = range.clamp(scale.reflect(target, into: bounds).rounded())
        if moved != start { return moved }
        let rises = target == Double(start) ? draws.flag() : target > Double(start)
        let next = start + (rises ? 1 : -1)
        return range.contains(next) ? next : start - (rises ? 1 : -1)
    }
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
