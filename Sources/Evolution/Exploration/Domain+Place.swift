extension Domain {
    /// Where a value is among those of its domain.
    enum Place: Hashable, Sendable {
        /// From 0 to 1 in the domain's scale; beyond for what a user set.
        case number(Double)
        /// One of a few, which have no order.
        case category(Int)
    }

    /// What is no value of the domain, as after a user set it, has a place of its own or is in the middle.
    func place(of value: Value) -> Place {
        switch self {
        case .float(let kind): Self.place(of: value, in: kind.details.shown(kind.range), kind.scale)
        case .int(let kind):
            Self.place(
                of: value,
                in: kind.details.shown(
                    Double(kind.range.lowerBound)...Double(kind.range.upperBound)),
                kind.scale)
        case .ordered(let kind):
            .number(
                kind.listed.place(of: value).map {
                    Double($0) / Double(max(1, kind.values.count - 1))
                } ?? 0.5)
        case .unordered(let kind): .category(kind.listed.place(of: value) ?? -1)
        case .flag:
            if case .flag(let flag) = value { .category(flag ? 1 : 0) } else { .category(-1) }
        case .constant: .number(0)
        }
    }

    private static func place(
        of value: Value, in range: ClosedRange<Double>, _ scale: Scale
    ) -> Place {
        let bounds = scale.coordinates(of: range)
        guard let number = value.asNumber, scale == .linear || number > 0, bounds.width > 0 else {
            return .number(0.5)
        }
        let part = (scale.coordinate(of: number) - bounds.lowerBound) / bounds.width
        // However far beyond, it is no further away than the whole range.
        return .number(part.isNaN ? 0.5 : (-1.0...2.0).clamp(part))
    }

    /// Where values that do not count are, all of them.
    var placeWithoutEffect: Place {
        switch self {
        case .float, .int, .ordered, .constant: .number(0.5)
        case .unordered, .flag: .category(-2)
        }
    }
}
