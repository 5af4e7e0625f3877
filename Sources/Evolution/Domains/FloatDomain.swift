/// Numbers in a range.
package struct FloatDomain: DomainKind {
    package static let name = "float"
    package static let keys = ["min", "max", "scale", "step"]

    /// The bounds, both of which are values.
    package let range: ClosedRange<Double>
    private let form: NumberForm

    /// Numbers in a range.
    package init(
        range: ClosedRange<Double>, scale: Scale, details: NumberDetails = NumberDetails()
    ) {
        self.range = range
        form = NumberForm(scale, details)
    }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        let scale = try fields.scale("scale")
        let step = fields.has("step") ? try fields.number("step") : nil
        self.init(
            range: try fields.range(of: fields.number), scale: scale,
            details: NumberDetails(step: step))
    }

    package var fields: [(key: String, value: DomainField)] {
        let bounds: [(key: String, value: DomainField)] = [
            ("min", .number(range.lowerBound)), ("max", .number(range.upperBound)),
            ("scale", .word(scale.rawValue)),
        ]
        return bounds + (details.step.map { [("step", .number($0))] } ?? [])
    }

    /// How it is drawn from, and how its bounds reflect.
    package var scale: Scale { form.scale }

    package var details: NumberDetails { form.details }

    /// Its values, where they go by steps.
    private var grid: Grid? { details.step.map { Grid(range, step: $0) } }

    package var domain: Domain { .float(self) }

    package var fault: String? {
        let bounds = [range.lowerBound, range.upperBound]
        if !bounds.allSatisfy({ $0.isFinite && abs($0) <= Domain.numberLimit }) {
            return "Its range has a bound that is infinite or beyond ±\(Domain.numberLimit); "
                + "write finite bounds."
        }
        if scale == .log, range.lowerBound < .leastNormalMagnitude {
            return Domain.logFault(from: range.lowerBound)
        }
        if let fault = Domain.orderFault(of: range.lowerBound, range.upperBound) { return fault }
        return details.step.flatMap { Grid.fault(of: $0, in: range) }
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
        if let grid { return .number(grid[grid.draw(scale, &draws)]) }
        let bounds = scale.coordinates(of: range)
        let drawn = bounds.lowerBound + draws.uniform() * bounds.width
        return .number(range.clamp(scale.value(at: drawn)))
    }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let number = value.asNumber, !number.isNaN else { return nil }
        if let grid {
            return .number(grid[grid.perturb(number, scale, factors: factors, &draws)])
        }
        let moves = NumberMoves(from: range.clamp(number), in: range, factors: factors)
        let target = moves[draws.below(moves.count)].target
        return .number(scale.reflect(target, into: range))
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        guard let from = from.asNumber, let to = to.asNumber, !from.isNaN, !to.isNaN else {
            return nil
        }
        if let grid, let step = details.step {
            return grid.move(from: from, to: to, factors: factors, bounds: range, step: step)
        }
        let moves = NumberMoves(from: range.clamp(from), in: range, factors: factors)
        let slack = Self.tolerance * max(abs(to), abs(moves.start))
        let direct = moves.first { range.contains($0.target) && abs($0.target - to) <= slack }
        return direct?.words ?? moves.reflection(at: range)
    }

    /// Two ways to compute the same product differ by no more, relative to it.
    private static let tolerance = 1e-9
}
