/// Numbers in a range.
package struct FloatDomain: DomainKind {
    package static let name = "float"
    package static let keys = ["min", "max", "scale"] + NumberDetails.keys

    /// The bounds, both of which are values; where there is none, as far as numbers go.
    package let range: ClosedRange<Double>
    private let form: NumberForm

    /// Numbers in a range.
    package init(
        range: ClosedRange<Double>, scale: Scale, details: NumberDetails = NumberDetails()
    ) {
        self.range = range
        form = NumberForm(scale, details)
    }

    /// Numbers between bounds, of which one that is `nil` leaves the range open; `nil` when no number
    /// is between them.
    package init?(min: Double?, max: Double?, scale: Scale, details: NumberDetails) {
        let (lower, upper) = Self.ends(min, max, scale, details.step)
        guard lower < upper else { return nil }
        self.init(
            range: lower...upper, scale: scale, details: details.opened(below: min, above: max))
    }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        let scale = try fields.scale("scale")
        let details = try NumberDetails(fields, number: fields.number)
        let min = try details.bound("min", fields, of: fields.number)
        let max = try details.bound("max", fields, of: fields.number)
        let (lower, upper) = Self.ends(min, max, scale, details.step)
        if let fault = Domain.orderFault(of: lower, upper) { throw fields.fail(fault) }
        self.init(
            range: lower...upper, scale: scale, details: details.opened(below: min, above: max))
    }

    private static func ends(
        _ min: Double?, _ max: Double?, _ scale: Scale, _ step: Double?
    ) -> (Double, Double) {
        if let step, min == nil || max == nil { return Grid.ends(min, max, step: step) }
        let least = scale == .log ? Double.leastNormalMagnitude : -Domain.numberLimit
        return (min ?? least, max ?? Domain.numberLimit)
    }

    package var fields: [(key: String, value: DomainField)] {
        var fields: [(key: String, value: DomainField)] = []
        if !details.isOpenBelow { fields.append(("min", .number(range.lowerBound))) }
        if !details.isOpenAbove { fields.append(("max", .number(range.upperBound))) }
        return fields + [("scale", .word(scale.rawValue))] + details.fields { .number($0) }
    }

    /// How it is drawn from, and how its bounds reflect.
    package var scale: Scale { form.scale }

    package var details: NumberDetails { form.details }

    /// Its values, where they go by steps.
    var grid: Grid? { details.step.map { Grid(range, step: $0) } }

    package var domain: Domain { .float(self) }

    package var fault: String? {
        let bounds = [range.lowerBound, range.upperBound]
        if !bounds.allSatisfy({ $0.isFinite && abs($0) <= Domain.numberLimit }) {
            return "Its range has a bound that is infinite or beyond ±\(Domain.numberLimit); "
                + "write finite bounds."
        }
        if let fault = details.openLogFault(scale) { return fault }
        if scale == .log, range.lowerBound < .leastNormalMagnitude {
            return Domain.logFault(from: range.lowerBound)
        }
        if let fault = Domain.orderFault(of: range.lowerBound, range.upperBound) { return fault }
        return details.fault(in: range, scale)
    }

    package var hasFewValues: Bool { grid.map { $0.last < 9 } ?? false }

    package func typed(_ value: Value) -> Value {
        guard case .integer(let integer) = value else { return onStep(value) }
        return onStep(.number(Double(integer)))
    }

    private func onStep(_ value: Value) -> Value {
        guard let grid, case .number(let number) = value, range.contains(number) else {
            return value
        }
        return grid.number(meant: number).map(Value.number) ?? value
    }

    package func contains(_ value: Value) -> Bool {
        guard case .number(let number) = typed(value), range.contains(number) else { return false }
        return grid.map { $0[$0.index(near: number)] == number } ?? true
    }

    package func draw(_ draws: inout Draws) -> Value {
        let (details, scale) = (details, scale)
        let initial = details.initial(in: range)
        if let grid { return .number(grid[grid.draw(details.draw, scale, in: initial, &draws)]) }
        return .number(details.draw.draw(scale, in: initial, &draws))
    }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let number = value.asNumber, !number.isNaN else { return nil }
        if let grid {
            let moves = moves(from: grid[grid.index(near: number)], factors)
            return .number(grid[grid.perturb(moves, scale, &draws)])
        }
        let moves = moves(from: range.clamp(number), factors)
        let target = moves[draws.below(moves.count)].target
        return .number(scale.reflect(target, into: range))
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        guard let from = from.asNumber, let to = to.asNumber, !from.isNaN, !to.isNaN else {
            return nil
        }
        if let grid, let step = details.step {
            let moves = moves(from: grid[grid.index(near: from)], factors)
            return grid.words(of: moves, to: to, bounds: range, step: step)
        }
        let moves = moves(from: range.clamp(from), factors)
        let slack = Self.tolerance * max(abs(to), abs(moves.start))
        let direct = moves.first { range.contains($0.target) && abs($0.target - to) <= slack }
        return direct?.words ?? moves.reflection(at: range)
    }

    private func moves(from start: Double, _ factors: [Double]) -> NumberMoves {
        NumberMoves(from: start, in: range, details, factors: factors)
    }

    /// Two ways to compute the same product differ by no more, relative to it.
    private static let tolerance = 1e-9
}
