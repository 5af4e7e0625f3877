/// Numbers in a range.
package struct FloatDomain: DomainKind {
    package static let name = "float"
    package static let keys = ["min", "max", "scale"]

    /// The bounds, both of which are values.
    package let range: ClosedRange<Double>
    /// How it is drawn from, and how its bounds reflect.
    package let scale: Scale

    /// Numbers in a range.
    package init(range: ClosedRange<Double>, scale: Scale) {
        self.range = range
        self.scale = scale
    }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        let scale = try fields.scale("scale")
        self.init(range: try fields.range(of: fields.number), scale: scale)
    }

    package var fields: [(key: String, value: DomainField)] {
        [
            ("min", .number(range.lowerBound)), ("max", .number(range.upperBound)),
            ("scale", .word(scale.rawValue)),
        ]
    }

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
        return Domain.orderFault(of: range.lowerBound, range.upperBound)
    }

    package var hasFewValues: Bool { false }

    package func typed(_ value: Value) -> Value {
        guard case .integer(let integer) = value else { return value }
        return .number(Double(integer))
    }

    package func contains(_ value: Value) -> Bool {
        guard case .number(let number) = typed(value) else { return false }
        return range.contains(number)
    }

    package func draw(_ draws: inout Draws) -> Value {
        let bounds = scale.coordinates(of: range)
        let drawn = bounds.lowerBound + draws.uniform() * bounds.width
        return .number(range.clamp(scale.value(at: drawn)))
    }

    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let number = value.asNumber, !number.isNaN else { return nil }
        let moves = NumberMoves(from: range.clamp(number), in: range, factors: factors)
        let target = moves[draws.below(moves.count)].target
        return .number(scale.reflect(target, into: range))
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        guard let from = from.asNumber, let to = to.asNumber, !from.isNaN, !to.isNaN else {
            return nil
        }
        let moves = NumberMoves(from: range.clamp(from), in: range, factors: factors)
        let slack = Self.tolerance * max(abs(to), abs(moves.start))
        let direct = moves.first { range.contains($0.target) && abs($0.target - to) <= slack }
        return direct?.words ?? moves.reflection(at: range)
    }

    /// Two ways to compute the same product differ by no more, relative to it.
    private static let tolerance = 1e-9
}
