import Foundation
import Testing

@testable import Evolution

/// Islands against truncation, against truncation that draws everything anew, and against no copies.
struct IslandsComparisonTests {
    typealias Shape = StrategyComparison.Shape

    private static let isSoak = ProcessInfo.processInfo.environment["MURMURATION_SOAK"] != nil
    private static let others: [SettingValues] = [
        [:], ["resample_probability": 1.0], ["selection": "none"],
    ]

    private static func shapes(_ task: some VirtualTask) -> [Shape] {
        [Shape(task: task, size: 16, workers: 4), Shape(task: task, size: 32, workers: 8)]
    }

    /// In the order of the table's rows.
    private static var all: [Shape] {
        var (quadratic, horizon, starts) = (DriftingQuadratic(), ShortHorizon(), DeceptiveStarts())
        let short = [shapes(quadratic), shapes(horizon), shapes(starts)]
        (quadratic.rounds, horizon.rounds, starts.rounds) = (200, 200, 200)
        let long = [shapes(quadratic)[0], shapes(horizon)[0], shapes(starts)[0]]
        return zip(short, long).flatMap { $0 + [$1] }
    }

    private func comparison(_ shape: Shape, seeds: Range<UInt64>) throws -> StrategyComparison {
        try StrategyComparison(
            of: ["selection": "islands"], with: Self.others, on: shape, seeds: seeds)
    }

    /// Not even the last digit may differ: whatever changes a decision changes the table.
    @Test(
        "The table says of islands what comes of them", .enabled(if: isSoak),
        arguments: isSoak ? Array(all.indices) : [])
    func table(_ row: Int) throws {
        let shape = Self.all[row]
        let rows = try methodTable("| task | intervals | members, workers |")
        #expect(rows.count == Self.all.count)
        let comparison = try comparison(shape, seeds: 0..<30)
        let differences = Self.others.indices.map { other in
            let (mean, error) = comparison.difference(from: other)
            return String(format: "%+.3f ± %.3f", mean, error).replacing("-", with: "−")
        }
        let cells =
            ["\(shape.task.rounds)", "\(shape.size), \(shape.workers)"]
            + [String(format: "%.3f", comparison.mean)] + differences
        #expect(Array(rows[row].dropFirst()) == cells, "\(shape.testDescription)")
    }

    @Test("Where the quick end lower, islands are better than whoever copies the best at once")
    func deceptive() throws {
        let comparison = try comparison(
            Shape(task: DeceptiveStarts(), size: 16, workers: 4), seeds: 0..<10)
        for other in 0..<2 {
            let (mean, error) = comparison.difference(from: other)
            #expect(mean > 2 * error, "\(mean) ± \(error)")
        }
    }
}
