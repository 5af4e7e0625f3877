#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a number is drawn: for a beginning, and when it is drawn anew.
package enum Distribution: Hashable, Sendable {
    /// Each as likely in the scale.
    case uniform
    case normal(mean: Double, sd: Double)
    /// The logarithm is normal, with this mean and deviation.
    case lognormal(mean: Double, sd: Double)

    /// As a space file has them.
    package static let names = ["uniform", "normal", "lognormal"]

    package var name: String {
        switch self {
        case .uniform: "uniform"
        case .normal: "normal"
        case .lognormal: "lognormal"
        }
    }

    /// The mean and the deviation; `nil` when it has none.
    package var parameters: (mean: Double, sd: Double)? {
        switch self {
        case .uniform: nil
        case .normal(let mean, let sd), .lognormal(let mean, let sd): (mean, sd)
        }
    }

    /// The one that is called so; `nil` when there is none.
    package init?(name: String, mean: Double, sd: Double) {
        switch name {
        case "uniform": self = .uniform
        case "normal": self = .normal(mean: mean, sd: sd)
        case "lognormal": self = .lognormal(mean: mean, sd: sd)
        default: return nil
        }
    }
}

extension Distribution {
    /// A number in the range.
    ///
    /// - Parameter scale: The range's, which matters where each number is as likely.
    func draw(_ scale: Scale, in range: ClosedRange<Double>, _ draws: inout Draws) -> Double {
        switch self {
        case .uniform:
            let bounds = scale.coordinates(of: range)
            let drawn = bounds.lowerBound + draws.uniform() * bounds.width
            return range.clamp(scale.value(at: drawn))
        case .normal(let mean, let sd):
            return draws.normal(mean, sd, in: range)
        case .lognormal(let mean, let sd):
            let drawn = draws.normal(mean, sd, in: Scale.log.coordinates(of: range))
            return range.clamp(Scale.log.value(at: drawn))
        }
    }

    /// As far as nearly all draws reach.
    var reach: ClosedRange<Double>? {
        switch self {
        case .uniform: nil
        case .normal(let mean, let sd): (mean - 3 * sd)...(mean + 3 * sd)
        case .lognormal(let mean, let sd): exp(mean - 3 * sd)...exp(mean + 3 * sd)
        }
    }

    /// What it is about, where it is centred.
    var centre: Double? {
        switch self {
        case .uniform: nil
        case .normal(let mean, _): mean
        case .lognormal(let mean, _): exp(mean)
        }
    }
}

extension Draws {
    /// A number of a normal distribution that is cut off at bounds.
    mutating func normal(_ mean: Double, _ sd: Double, in bounds: ClosedRange<Double>) -> Double {
        var drawn = mean
        for _ in 0..<Self.mostTries {
            // Box and Muller's, of which only one of two numbers is used: nothing is kept for later.
            let radius = (-2 * log(1 - uniform())).squareRoot()
            drawn = mean + sd * radius * cos(2 * .pi * uniform())
            if bounds.contains(drawn) { return drawn }
        }
        // The bounds are so narrow that what is between them is as good as even.
        return Scale.linear.reflect(drawn, into: bounds)
    }

    private static let mostTries = 64
}
