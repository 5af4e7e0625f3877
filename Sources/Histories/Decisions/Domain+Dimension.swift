import Evolution
import Murmuration

extension Evolution.Domain {
    /// The domain that a coordinator describes; `nil` when there is none like that.
    package init?(_ dimension: Murmuration.Population.Dimension) {
        let scale: Scale = dimension.log ? .log : .linear
        let values = dimension.values.map(Evolution.Value.init)
        switch dimension.kind {
        case .number:
            guard let min = dimension.min, let max = dimension.max, min < max else { return nil }
            let detailed = FloatDomain(
                min: dimension.isOpenBelow ? nil : min, max: dimension.isOpenAbove ? nil : max,
                scale: scale, details: NumberDetails(dimension))
            self = detailed.flatMap(Self.valid) ?? .number(min...max, scale)
        case .integer:
            // A coordinator may say what it likes, also NaN.
            guard let min = dimension.min.flatMap({ Int64(exactly: $0) }),
                let max = dimension.max.flatMap({ Int64(exactly: $0) }), min < max
            else { return nil }
            let detailed = IntDomain(
                min: dimension.isOpenBelow ? nil : min, max: dimension.isOpenAbove ? nil : max,
                scale: scale, details: NumberDetails(dimension))
            self = detailed.flatMap(Self.valid) ?? .integer(min...max, scale)
        case .choice: self = .choice(values)
        case .ordinal: self = .ordinal(values)
        case .bool: self = .bool
        case .fixed: return nil
        }
    }

    /// Details that do not fit their range are passed over, as what is not known is.
    private static func valid(_ kind: any DomainKind) -> Self? {
        kind.fault == nil ? kind.domain : nil
    }
}

extension NumberDetails {
    fileprivate init(_ dimension: Murmuration.Population.Dimension) {
        let beginning = dimension.beginning
        let draw = Distribution(
            name: beginning?.draw ?? "", mean: beginning?.mean ?? 0, sd: beginning?.sd ?? 0)
        self.init(
            step: dimension.step, draw: draw ?? .uniform, initialMin: beginning?.min,
            initialMax: beginning?.max)
    }
}

extension Murmuration.Population.Dimension {
    fileprivate var isOpenBelow: Bool { unbounded == .below || unbounded == .both }
    fileprivate var isOpenAbove: Bool { unbounded == .above || unbounded == .both }
}

extension Evolution.Value {
    package init(_ value: HyperparameterValue) {
        self =
            switch value {
            case .number(let number): .number(number)
            case .integer(let integer): .integer(Int64(integer))
            case .text(let text): .text(text)
            case .flag(let flag): .flag(flag)
            case .list, .null:
                JSONText.canonical(value.description).map(Evolution.Value.json) ?? .null
            }
    }
}
