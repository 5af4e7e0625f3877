import Murmuration

/// How exploring changed one hyperparameter, in words (rule 5).
struct HyperparameterMove {
    var name: String
    /// The donor's.
    var from: HyperparameterValue?
    var to: HyperparameterValue
    var operation: Event.Operation
    /// `nil` when the search space is not known.
    var dimension: Population.Dimension?
    var factors: [Double]

    var text: String {
        let now = NumberText.hyperparameter(to)
        let before = from.map(NumberText.hyperparameter)
        let values = before.map { from == to ? $0 : "\($0) → \(now)" } ?? now
        return Terminal.escaped("\(name) \(values)") + " (\(how))"
    }

    private var how: String {
        switch operation {
        case .kept: "kept"
        case .resampled: "resampled"
        case .perturbed: move.map { "perturbed, \($0)" } ?? "perturbed"
        }
    }

    /// By how much; `nil` when it cannot be told.
    private var move: String? {
        switch dimension?.kind {
        case .choice: return "another choice"
        case .ordinal: return "a neighbour"
        case .fixed, nil: return nil
        case .number, .integer: break
        }
        guard let from = from?.number, let to = to.number, let min = dimension?.min,
            let max = dimension?.max,
            // A coordinator may say what it likes, also NaN.
            min <= max
        else { return nil }
        // What was set outside the bounds is brought to the nearer one before it moves.
        let start = Swift.min(Swift.max(from, min), max)
        let isInteger = dimension?.kind == .integer
        let targets = targets(from: start, min: min, max: max)
        let within = targets.first { target in
            guard (min...max).contains(target.value) else { return false }
            if isInteger { return target.value.rounded() == to && to != start }
            return abs(target.value - to) <= Self.tolerance * Swift.max(abs(to), abs(start))
        }
        if let within { return within.words }
        let beyond = targets.filter { !(min...max).contains($0.value) }
        let bounds = Set(beyond.map { $0.value > max ? max : min })
        if isInteger, abs(to - start) == 1, bounds.isEmpty { return to > start ? "+ 1" : "− 1" }
        guard let bound = bounds.first, bounds.count == 1 else {
            return bounds.isEmpty ? nil : "reflected at its bounds"
        }
        return "reflected at \(NumberText.hyperparameter(bound))"
    }

    /// Where exploring may lead before it is brought into bounds: to a part of the range's width
    /// where a factor could not move the value, or not to the other side of 0.
    private func targets(
        from start: Double, min: Double, max: Double
    ) -> [(value: Double, words: String)] {
        if start == 0 || (min < 0 && max > 0) {
            let shift = Self.shift * (max - min)
            let words = "\(NumberText.percent(Self.shift)) of the range"
            return [(start + shift, "+ \(words)"), (start - shift, "− \(words)")]
        }
        return factors.map { (start * $0, "× \(NumberText.hyperparameter($0))") }
    }

    /// The part of the range's width.
    private static let shift = 0.2
    /// Two ways to compute the same product differ by no more.
    private static let tolerance = 1e-9
}
