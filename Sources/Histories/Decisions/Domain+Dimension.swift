import Evolution
import Murmuration

extension Evolution.Domain {
    /// The domain that a coordinator describes; `nil` when there is none like that.
    package init?(_ dimension: Murmuration.Population.Dimension) {
        let scale: Scale = dimension.log ? .log : .linear
        let values = dimension.values.map(Evolution.Value.init)
        // Details that do not fit their range are passed over, as what is not known is.
        let details = NumberDetails(step: dimension.step)
        switch dimension.kind {
        case .number:
            guard let min = dimension.min, let max = dimension.max, min < max else { return nil }
            let detailed = FloatDomain(range: min...max, scale: scale, details: details)
            self = detailed.fault == nil ? detailed.domain : .number(min...max, scale)
        case .integer:
            // A coordinator may say what it likes, also NaN.
            guard let min = dimension.min.flatMap({ Int64(exactly: $0) }),
                let max = dimension.max.flatMap({ Int64(exactly: $0) }), min < max
            else { return nil }
            let detailed = IntDomain(range: min...max, scale: scale, details: details)
            self = detailed.fault == nil ? detailed.domain : .integer(min...max, scale)
        case .choice: self = .choice(values)
        case .ordinal: self = .ordinal(values)
        case .bool: self = .bool
        case .fixed: return nil
        }
    }
}

extension Evolution.Value {
    package init(_ value: HyperparameterValue) {
        self =
            switch value {
            case .number(let number): .number(number)
            case .integer(let integer): .integer(Int64(integer))
            case .text(let text): .text(text)
            case .flag(let flag): .flag(flag)
            }
    }
}
