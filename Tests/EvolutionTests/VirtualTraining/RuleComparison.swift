import Testing

@testable import Evolution

/// How good a rule is on a task, against the best of three others, at the same number of reports.
///
/// All rules train under the same seeds, which decide all that luck decides but the rules' own draws;
/// so the differences are taken seed by seed. All explore alike.
struct RuleComparison: CustomStringConvertible {
    /// Under each seed, the true value of the state with the best score.
    typealias Truths = [Double]

    let shape: Shape
    let truths: Truths
    let others: [(name: String, truths: Truths)]

    /// - Parameter rule: what is compared; `nil` for that of the population.
    init(of rule: (any VirtualRule)? = nil, on shape: Shape, seeds: Range<UInt64>) throws {
        let rules: [any VirtualRule] = [OldRule(), RayRule(), PaperRule()]
        let picked = try ([rule] + rules).map { try shape.picked(seeds, $0) }
        let truths = (0..<seeds.count).map { seed in
            // Where members skip intervals, as those do that copy one ahead, the run ends earlier.
            let least = picked.map { $0[seed].count }.min()!
            return picked.map { $0[seed][least - 1] }
        }
        self.shape = shape
        self.truths = truths.map { $0[0] }
        others = rules.enumerated().map { number, rule in
            ("\(type(of: rule))", truths.map { $0[number + 1] })
        }
    }

    /// The one that is best in the mean.
    var best: (name: String, truths: Truths) {
        others.max { mean($0.truths) < mean($1.truths) }!
    }

    /// By how much the rule is better than another one, with the standard error of that.
    func difference(from other: Truths) -> (mean: Double, error: Double) {
        let differences = zip(truths, other).map { $0 - $1 }
        let mean = self.mean(differences)
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let count = Double(differences.count)
        return (mean, (squares / (count - 1) / count).squareRoot())
    }

    /// By how many standard errors the rule is better than the best other one.
    var margin: Double {
        let (mean, error) = difference(from: best.truths)
        return mean / error
    }

    var description: String {
        let (difference, error) = difference(from: best.truths)
        let figures = "\(mean(truths)), which is \(difference) ± \(error) from \(best.name)"
        return "\(shape.testDescription): \(figures)"
    }

    private func mean(_ numbers: [Double]) -> Double {
        numbers.reduce(0, +) / Double(numbers.count)
    }

    /// A task, and who trains on it.
    struct Shape: CustomTestStringConvertible, Sendable {
        var task: any VirtualTask
        var size: Int
        var workers: Int
        /// Of speeds; then each member has a worker of its own.
        var spread = 0.0

        var testDescription: String {
            let speeds = spread == 0 ? "" : " of unequal speeds"
            return "\(type(of: task)), \(size) members on \(workers) workers\(speeds)"
        }

        /// What was picked after each report, under each seed.
        func picked(_ seeds: Range<UInt64>, _ rule: (any VirtualRule)?) throws -> [[Double]] {
            try picked(on: task, seeds, rule)
        }

        private func picked(
            on task: some VirtualTask, _ seeds: Range<UInt64>, _ rule: (any VirtualRule)?
        ) throws -> [[Double]] {
            try seeds.map { seed in
                var training = try VirtualTraining(
                    task, size: size, workers: .any(workers), seed: seed, spread: spread, rule: rule
                ) {
                    $0.perturbationFactors = [0.8, 1.25]
                    $0.resampleProbability = 0.25
                }
                return training.run().picked
            }
        }
    }
}
