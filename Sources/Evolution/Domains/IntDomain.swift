/// Whole numbers in a range.
package struct IntDomain: DomainKind {
    package static let name = "int"
    package static let keys = ["min", "max", "scale"] + NumberDetails.keys

    /// The bounds, both of which are values; where there is none, as far as integers go.
    package let range: ClosedRange<Int64>
    private let form: NumberForm

    /// Whole numbers in a range.
    package init(
        range: ClosedRange<Int64>, scale: Scale, details: NumberDetails = NumberDetails()
    ) {
        self.range = range
        form = NumberForm(scale, details)
    }

    /// Whole numbers between bounds, of which one that is `nil` leaves the range open; `nil` when no
    /// number is between them.
    package init?(min: Int64?, max: Int64?, scale: Scale, details: NumberDetails) {
        let (lower, upper) = Self.ends(min, max, scale, details.step)
        guard lower < upper else { return nil }
        let (below, above) = (min.map(Double.init), max.map(Double.init))
        self.init(
            range: lower...upper, scale: scale, details: details.opened(below: below, above: above))
    }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        let scale = try fields.scale("scale")
        let details = try NumberDetails(fields) { key throws(Fields.Failure) in
            Double(try fields.integer(key))
        }
        let min = try details.bound("min", fields, of: fields.integer)
        let max = try details.bound("max", fields, of: fields.integer)
        let (lower, upper) = Self.ends(min, max, scale, details.step)
        if let fault = Domain.orderFault(of: lower, upper) { throw fields.fail(fault) }
        let (below, above) = (min.map(Double.init), max.map(Double.init))
        self.init(
            range: lower...upper, scale: scale, details: details.opened(below: below, above: above))
    }

    private static func ends(
        _ min: Int64?, _ max: Int64?, _ scale: Scale, _ step: Double?
    ) -> (Int64, Int64) {
        let limit = Domain.integerLimit
        if let step, min == nil || max == nil {
            let ends = Grid.ends(min.map(Double.init), max.map(Double.init), step: step)
            return (min ?? whole(ends.0), max ?? whole(ends.1))
        }
        return (min ?? (scale == .log ? 1 : -limit), max ?? limit)
    }

    package var fields: [(key: String, value: DomainField)] {
        var fields: [(key: String, value: DomainField)] = []
        if !details.isOpenBelow { fields.append(("min", .integer(range.lowerBound))) }
        if !details.isOpenAbove { fields.append(("max", .integer(range.upperBound))) }
        return fields + [("scale", .word(scale.rawValue))]
            + details.fields { .integer(Self.whole($0)) }
    }

    /// How it is drawn from, and how its bounds reflect.
    package var scale: Scale { form.scale }

    package var details: NumberDetails { form.details }

    /// The distance of a value from the next.
    private var step: Int64 { details.step.map(Self.whole) ?? 1 }

    /// Its values.
    var grid: Grid { Grid(range, step: step) }

    private static func whole(_ number: Double) -> Int64 { (Int64.min...Int64.max).clamp(number) }

    package var domain: Domain { .int(self) }

    package var fault: String? {
        if range.lowerBound < -Domain.integerLimit || range.upperBound > Domain.integerLimit {
            return "Its range leaves ±\(Domain.integerLimit); write smaller bounds."
        }
        if let fault = details.openLogFault(scale) { return fault }
        if scale == .log, range.lowerBound <= 0 { return Domain.logFault(from: range.lowerBound) }
        if let fault = Domain.orderFault(of: range.lowerBound, range.upperBound) { return fault }
        return details.fault(in: Double(range.lowerBound)...Double(range.upperBound), scale)
    }

    package var hasFewValues: Bool { grid.last < 9 }

    package func typed(_ value: Value) -> Value {
        guard case .number(let number) = value else { return value }
        return Int64(exactly: number).map(Value.integer) ?? value
    }

    package func contains(_ value: Value) -> Bool {
        guard case .integer(let integer) = typed(value), range.contains(integer) else {
            return false
        }
        let distance = integer.subtractingReportingOverflow(range.lowerBound)
        return step == 1 || (!distance.overflow && distance.partialValue.isMultiple(of: step))
    }

    package func draw(_ draws: inout Draws) -> Value {
        let (grid, details) = (grid, details)
        let initial = details.initial(in: grid.range)
        return .integer(Int64(grid[grid.draw(details.draw, scale, in: initial, &draws)]))
    }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let number = value.asNumber, !number.isNaN else { return nil }
        let grid = grid
        let moves = moves(from: number, on: grid, factors)
        return .integer(Int64(grid[grid.perturb(moves, scale, &draws)]))
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        guard let from = from.asNumber, let to = to.asNumber, !from.isNaN, !to.isNaN else {
            return nil
        }
        let grid = grid
        let moves = moves(from: from, on: grid, factors)
        return grid.words(of: moves, to: to, bounds: range, step: Double(step))
    }

    private func moves(
        from number: Double, on grid: Grid, _ factors: [Double]
    ) -> NumberMoves {
        NumberMoves(
            from: grid[grid.index(near: number)], in: grid.range, details, factors: factors)
    }
}
