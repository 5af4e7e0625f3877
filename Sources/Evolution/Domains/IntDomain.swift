/// Whole numbers in a range.
package struct IntDomain: DomainKind {
    package static let name = "int"
    package static let keys = ["min", "max", "scale"]

    /// The bounds, both of which are values.
    package let range: ClosedRange<Int64>
    /// How it is drawn from, and how its bounds reflect.
    package let scale: Scale

    /// Whole numbers in a range.
    package init(range: ClosedRange<Int64>, scale: Scale) {
        self.range = range
        self.scale = scale
    }

    package init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure) {
        let scale = try fields.scale("scale")
        self.init(range: try fields.range(of: fields.integer), scale: scale)
    }

    package var fields: [(key: String, value: DomainField)] {
        [
            ("min", .integer(range.lowerBound)), ("max", .integer(range.upperBound)),
            ("scale", .word(scale.rawValue)),
        ]
    }

    package var domain: Domain { .int(self) }

    package var fault: String? {
        if range.lowerBound < -Domain.integerLimit || range.upperBound > Domain.integerLimit {
            return "Its range leaves ±\(Domain.integerLimit); write smaller bounds."
        }
        if scale == .log, range.lowerBound <= 0 { return Domain.logFault(from: range.lowerBound) }
        return Domain.orderFault(of: range.lowerBound, range.upperBound)
    }

    package var hasFewValues: Bool { range.width < 9 }

    package func typed(_ value: Value) -> Value {
        guard case .number(let number) = value else { return value }
        return Int64(exactly: number).map(Value.integer) ?? value
    }

    package func contains(_ value: Value) -> Bool {
        guard case .integer(let integer) = typed(value) else { return false }
        return range.contains(integer)
    }

    package func draw(_ draws: inout Draws) -> Value {
        guard scale == .log else {
            return .integer(range.lowerBound + Int64(draws.below(Int(range.width + 1))))
        }
        // An integer's share is the part of the log scale up to the next integer.
        let cells = Double(range.lowerBound)...Double(range.upperBound + 1)
        let bounds = scale.coordinates(of: cells)
        let drawn = scale.value(at: bounds.lowerBound + draws.uniform() * bounds.width)
        return .integer(range.clamp(drawn.rounded(.down)))
    }

    /// Another integer near `value`: rounding alone would freeze the small ones, so that it moves
    /// by at least 1.
    package func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value? {
        guard let number = value.asNumber, !number.isNaN else { return nil }
        let start = range.clamp(number.rounded())
        let moves = moves(from: start, factors: factors)
        let target = moves[draws.below(moves.count)].target
        let moved = range.clamp(scale.reflect(target, into: moves.range).rounded())
        if moved != start { return .integer(moved) }
        let rises = target == moves.start ? draws.flag() : target > moves.start
        let next = start + (rises ? 1 : -1)
        return .integer(range.contains(next) ? next : start - (rises ? 1 : -1))
    }

    package func move(from: Value, to: Value, factors: [Double]) -> String? {
        guard let from = from.asNumber, let to = to.asNumber, !from.isNaN, !to.isNaN else {
            return nil
        }
        let moves = moves(from: range.clamp(from.rounded()), factors: factors)
        let direct = moves.first { move in
            moves.range.contains(move.target) && move.target.rounded() == to && to != moves.start
        }
        if let words = direct?.words ?? moves.reflection(at: range) { return words }
        guard abs(to - moves.start) == 1 else { return nil }
        return to > moves.start ? "+ 1" : "− 1"
    }

    private func moves(from start: Int64, factors: [Double]) -> NumberMoves {
        let bounds = Double(range.lowerBound)...Double(range.upperBound)
        return NumberMoves(from: Double(start), in: bounds, factors: factors)
    }
}
