import Foundation

@testable import Evolution

/// What a member learns from its hyperparameters, with a true value that no score shows: a score is
/// that and noise.
protocol VirtualTask: Sendable {
    associatedtype Weights: Sendable
    var space: SearchSpace { get }
    /// Intervals until a member has finished.
    var rounds: Int { get }
    /// The deviation of scores from the true value.
    var noise: Double { get }
    func beginning(_ random: inout Scatter) -> Weights
    /// Trains for one interval from a step on, and gives the true value then.
    func train(_ weights: inout Weights, with values: [Value], from step: Int) -> Double
}

/// Scores are chance: nothing can be gained, and each copy is one of luck.
struct Noise: VirtualTask {
    var rounds = 20
    let noise = 1.0
    var space: SearchSpace { try! oneNumber() }

    func beginning(_ random: inout Scatter) {}

    func train(_ weights: inout Void, with values: [Value], from step: Int) -> Double { 0 }
}

/// All learn alike, whatever they do: the score is the number of intervals, without noise or with.
struct Rise: VirtualTask {
    var rounds = 20
    var noise = 0.0
    var space: SearchSpace { try! oneNumber() }

    func beginning(_ random: inout Scatter) -> Double { 0 }

    func train(_ weights: inout Double, with values: [Value], from step: Int) -> Double {
        weights += 1
        return weights
    }
}

/// A noisy quadratic whose best hyperparameters move while it trains. The value nears 1, the faster
/// the better the hyperparameters are.
struct DriftingQuadratic: VirtualTask {
    var rounds = 40
    let noise = 0.03
    /// With these choices more, of which one learns and the others do at a third of the rate.
    var choices = 0
    private var numbers: Int { choices == 0 ? 3 : 1 }

    init(choices: Int = 0) { self.choices = choices }

    var space: SearchSpace {
        let rates = (0..<numbers).map {
            Hyperparameter(name: "h\($0)", domain: .number(1e-4...1e-1, .log))
        }
        let choice = Hyperparameter(
            name: "choice", domain: .choice((0..<Int64(choices)).map(Value.integer)))
        return try! SearchSpace(choices == 0 ? rates : rates + [choice])
    }

    func beginning(_ random: inout Scatter) -> Double { 0 }

    func train(_ value: inout Double, with values: [Value], from step: Int) -> Double {
        let part = Double(step) / Double(rounds)
        var distance = 0.0
        for (index, rate) in values.prefix(numbers).enumerated() {
            let place = log((rate.asNumber ?? 0) / 1e-4) / log(1e3)
            let best = index.isMultiple(of: 2) ? 0.2 + 0.6 * part : 0.8 - 0.6 * part
            distance += (place - best) * (place - best)
        }
        let isRight = choices == 0 || values.last == .integer(0)
        let gain = 0.12 * exp(-distance / (2 * 0.15 * 0.15) / Double(numbers))
        value += (1 - value) * gain * (isRight ? 1 : 1 / 3)
        return value
    }
}

/// The noisy quadratic model of Zhang et al. (arXiv 1907.04164): a large learning rate gains at first,
/// and costs later. Nobody sees that who looks at the next score alone.
struct ShortHorizon: VirtualTask {
    var rounds = 40
    let noise = 0.05
    private let curvatures = [1, 0.1, 0.01]

    var space: SearchSpace {
        try! SearchSpace([Hyperparameter(name: "rate", domain: .number(1e-4...1, .log))])
    }

    func beginning(_ random: inout Scatter) -> [Double] { [10, 10, 10] }

    func train(_ moments: inout [Double], with values: [Value], from step: Int) -> Double {
        let rate = values[0].asNumber ?? 0
        for _ in 0..<10 {
            for (index, curvature) in curvatures.enumerated() {
                let kept = (1 - rate * curvature) * (1 - rate * curvature)
                moments[index] = kept * moments[index] + rate * rate * curvature * curvature
            }
        }
        let loss = zip(curvatures, moments).reduce(0) { $0 + 0.5 * $1.0 * $1.1 }
        return -log10(loss)
    }
}

/// Beginnings differ: who starts quickly ends lower.
struct DeceptiveStarts: VirtualTask {
    var rounds = 40
    let noise = 0.02

    var space: SearchSpace { try! oneNumber() }

    func beginning(_ random: inout Scatter) -> (value: Double, limit: Double, rate: Double) {
        let limit = Double.random(in: 0.5...1, using: &random)
        return (0, limit, 0.02 * exp(6 * (1 - limit)) * exp(0.2 * random.normal()))
    }

    func train(
        _ weights: inout (value: Double, limit: Double, rate: Double), with values: [Value],
        from step: Int
    ) -> Double {
        let speed = weights.rate * (0.5 + (values[0].asNumber ?? 0))
        weights.value += (weights.limit - weights.value) * (1 - exp(-speed))
        return weights.value
    }
}

/// The larger the rate, the sooner it learns, and the likelier all of it is lost in an interval.
struct Collapse: VirtualTask {
    var rounds = 40
    let noise = 0.02

    var space: SearchSpace {
        try! SearchSpace([Hyperparameter(name: "rate", domain: .number(1e-3...1, .log))])
    }

    func beginning(_ random: inout Scatter) -> (value: Double, luck: UInt64) {
        (0, random.next())
    }

    func train(
        _ weights: inout (value: Double, luck: UInt64), with values: [Value], from step: Int
    ) -> Double {
        let rate = values[0].asNumber ?? 0
        // Who goes on from the same state with another rate has other luck.
        var luck = Scatter(weights.luck ^ rate.bitPattern ^ UInt64(step) << 20)
        weights.luck = luck.next()
        if Double.random(in: 0..<1, using: &luck) < 0.4 * rate {
            weights.value *= 0.1
        } else {
            weights.value += (1 - weights.value) * 0.15 * rate.squareRoot()
        }
        return weights.value
    }
}

extension Scatter {
    /// Of mean 0 and deviation 1.
    mutating func normal() -> Double {
        let one = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self)
        let other = Double.random(in: 0..<1, using: &self)
        return (-2 * log(one)).squareRoot() * cos(2 * .pi * other)
    }
}
