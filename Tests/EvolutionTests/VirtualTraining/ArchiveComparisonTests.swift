import Foundation
import Testing

@testable import Evolution

/// The archive against truncation, and against no copies.
struct ArchiveComparisonTests {
    typealias Shape = StrategyComparison.Shape

    private static let isSoak = ProcessInfo.processInfo.environment["MURMURATION_SOAK"] != nil
    private static let others: [SettingValues] = [[:], ["selection": "none"]]

    /// In the order of the table's rows.
    private static var all: [Shape] {
        let tasks: [any VirtualTask] = [
            Collapse(), DriftingQuadratic(), ShortHorizon(), DeceptiveStarts(),
        ]
        return tasks.flatMap { task in
            [(4, 4), (16, 4), (16, 16)].map { Shape(task: task, size: $0, workers: $1) }
        }
    }

    private func comparison(_ shape: Shape, seeds: Range<UInt64>) throws -> StrategyComparison {
        // As it is by default, for four members too.
        func complete(_ settings: SettingValues) -> SettingValues {
            var settings = settings
            settings["min_population_size"] = .integer(UInt64(min(5, shape.size)))
            return settings
        }
        return try StrategyComparison(
            of: complete(["selection": "archive"]), with: Self.others.map(complete), on: shape,
            seeds: seeds)
    }

    /// Not even the last digit may differ: whatever changes a decision changes the table.
    @Test(
        "The table says of the archive what comes of it", .enabled(if: isSoak),
        arguments: isSoak ? Array(all.indices) : [])
    func table(_ row: Int) throws {
        let shape = Self.all[row]
        let rows = try methodTable("| task | members, workers | `archive` |")
        #expect(rows.count == Self.all.count)
        let comparison = try comparison(shape, seeds: 0..<60)
        let differences = Self.others.indices.map { other in
            let (mean, error) = comparison.difference(from: other)
            return String(format: "%+.3f ± %.3f", mean, error).replacing("-", with: "−")
        }
        let cells =
            ["\(shape.size), \(shape.workers)", String(format: "%.3f", comparison.mean)]
            + differences
        #expect(Array(rows[row].dropFirst()) == cells, "\(shape.testDescription)")
    }

    @Test("Where training collapses, members that wait for workers gain by going back")
    func collapse() throws {
        let comparison = try comparison(
            Shape(task: Collapse(), size: 16, workers: 4), seeds: 0..<20)
        let (mean, error) = comparison.difference(from: 0)
        #expect(mean > 2 * error, "\(mean) ± \(error)")
    }
}
