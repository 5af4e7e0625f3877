import Testing

@testable import Evolution

/// How good settings are on a task against others, under the same seeds and at the same number of
/// reports.
struct StrategyComparison {
    /// Each begins with what is compared.
    struct Shape: CustomTestStringConvertible, Sendable {
        var task: any VirtualTask
        var size: Int
        var workers: Int

        var testDescription: String {
            "\(type(of: task)), \(task.rounds) intervals, \(size) members on \(workers) workers"
        }
    }

    /// Under each seed, the true value of the state with the best score.
    let truths: [Double]
    let others: [[Double]]

    init(
        of settings: SettingValues, with others: [SettingValues], on shape: Shape,
        seeds: Range<UInt64>
    ) throws {
        let picked = try ([settings] + others).map { settings in
            try seeds.map { try Self.picked(shape.task, settings, shape, seed: $0) }
        }
        let truths = picked.map { runs in
            runs.indices.map { seed in runs[seed][picked.map { $0[seed].count }.min()! - 1] }
        }
        self.truths = truths[0]
        self.others = Array(truths.dropFirst())
    }

    private static func picked(
        _ task: some VirtualTask, _ settings: SettingValues, _ shape: Shape, seed: UInt64
    ) throws -> [Double] {
        var training = try VirtualTraining(
            task, size: shape.size, workers: .any(shape.workers), seed: seed
        ) { $0.apply(settings) }
        return training.run().picked
    }

    var mean: Double { truths.reduce(0, +) / Double(truths.count) }

    /// By how much they are better than the others of this number, with the standard error of that.
    func difference(from number: Int) -> (mean: Double, error: Double) {
        let differences = zip(truths, others[number]).map { $0 - $1 }
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / (count - 1) / count).squareRoot())
    }
}
