/// Whole numbers in a range.
package struct IntDomain: DomainKind {
    package static let name = "int"
    package static let keys = ["min", "max", "scale", "step"]

    /// The bounds, both of which are values.
    package let range: ClosedRange<Int64>
    private let form: NumberForm

    /// Whole numbers in a range.
    package init(
        range: ClosedRange<Int64>, scale: Scale, details: NumberDetails = NumberDetails()
    ) {
        self.range = range
        form = NumberForm(scale, details)
    }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        let scale = try fields.scale("scale")
        let step = fields.has("step") ? try fields.integer("step") : nil
        self.init(
            range: try fields.range(of: fields.integer), scale: scale,
            details: NumberDetails(step: step.map(Double.init)))
    }

    package var fields: [(key: String, value: DomainField)] {
        let bounds: [(key: String, value: DomainField)] = [
            ("min", .integer(range.lowerBound)), ("max", .integer(range.upperBound)),
            ("scale", .word(scale.rawValue)),
        ]
        return bounds + (details.step.map { [("step", .integer(Self.whole($0)))] } ?? [])
    }

    /// How it is drawn from, and how its bounds reflect.
    package var scale: Scale { form.scale }

    package var details: NumberDetails { form.details }

    /// The distance of a value from the next.
    private var step: Int64 { details.step.map(Self.whole) ?? 1 }

    /// Its values.
    private var grid: Grid { Grid(range, step: step) }

    private static func whole(_ number: Double) -> Int64 { (Int64.min...Int64.max).clamp(number) }

    package var domain: Domain { .int(self) }

    package var fault: String? {
        if range.lowerBound < -Domain.integerLimit || range.upperBound > Domain.integerLimit {
            return "Its range leaves ±\(Domain.integerLimit); write smaller bounds."
        }
        if scale == .log, range.lowerBound <= 0 { return Domain.logFault(from: range.lowerBound) }
        if let fault = Domain.orderFault(of: range.lowerBound, range.upperBound) { return fault }
        let bounds = Double(range.lowerBound)...Double(range.upperBound)
        return details.step.flatMap { Grid.fault(of: $0, in: bounds) }
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
        .integer(Int64(grid[grid.draw(scale, &draws)]))
    }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let number = value.asNumber, !number.isNaN else { return nil }
        return .integer(Int64(grid[grid.perturb(number, scale, factors: factors, &draws)]))
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        guard let from = from.asNumber, let to = to.asNumber, !from.isNaN, !to.isNaN else {
            return nil
        }
        return grid.move(
            from: from, to: to, factors: factors, bounds: range, step: Double(step))
    }
}
