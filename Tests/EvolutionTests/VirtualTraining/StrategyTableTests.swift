import Foundation
import Testing

@testable import Evolution

/// The table of docs/method.md that says what each strategy does, computed again. Not even the last
/// digit may differ: whatever changes a decision changes the table.
///
/// It takes minutes, and runs with `make soak`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MURMURATION_SOAK"] != nil))
struct StrategyTableTests {
    private static let seeds: Range<UInt64> = 0..<40

    struct Strategy: CustomTestStringConvertible, Sendable {
        /// The first cell of its row.
        var name: String
        var settings: SettingValues
        var testDescription: String { name }

        static let all = [
            Strategy(name: "`truncation`", settings: [:]),
            Strategy(name: "`truncation` by `mean`", settings: ["ranking": "mean"]),
            Strategy(
                name: "`truncation` by `comparable_step`",
                settings: ["ranking": "comparable_step"]),
            Strategy(name: "`tournament`", settings: ["selection": "tournament"]),
            Strategy(
                name: "`tournament`, `min_gap: 0.5`, `min_gap_unit: iqr`",
                settings: ["selection": "tournament", "min_gap": 0.5, "min_gap_unit": "iqr"]),
            Strategy(name: "`t_test`", settings: ["selection": "t_test"]),
            Strategy(name: "`islands`", settings: ["selection": "islands"]),
            Strategy(name: "`archive`", settings: ["selection": "archive"]),
            Strategy(name: "`none`", settings: ["selection": "none"]),
        ]
    }

    @Test("The table says of a strategy what comes of it", arguments: Strategy.all)
    func row(_ strategy: Strategy) throws {
        let row = try #require(try Self.rows()[strategy.name])
        let (share, alive) = try Self.onNoise(strategy.settings)
        let figures: [(value: Double, digits: Int)] = [
            (100 * share, 1), (alive, 1),
            (try Self.truth(of: DriftingQuadratic(), strategy.settings), 3),
            (try Self.truth(of: ShortHorizon(), strategy.settings), 3),
            (try Self.truth(of: DeceptiveStarts(), strategy.settings), 3),
        ]
        let texts = figures.map { String(format: "%.\($0.digits)f", $0.value) }
        for (text, said) in zip(texts, row) {
            #expect(Double(text) == said, "the row's figures are \(texts)")
        }
    }

    @Test("The table has a row for each, and no others")
    func names() throws {
        #expect(try Set(Self.rows().keys) == Set(Strategy.all.map(\.name)))
    }

    /// The figures of each row, by its first cell.
    private static func rows() throws -> [String: [Double]] {
        try Dictionary(
            uniqueKeysWithValues: methodTable("| `selection`, `ranking` |").map { cells in
                try #require(cells.count == 7)
                let figures = try cells[2...].map { cell in
                    try #require(cell.split(separator: " ").first.flatMap { Double($0) })
                }
                return (cells[0], figures)
            })
    }

    /// The share of reports that exploit, and how many beginnings are alive at half.
    private static func onNoise(
        _ settings: SettingValues
    ) throws -> (share: Double, alive: Double) {
        var (reports, exploits, alive) = (0, 0, 0)
        for seed in seeds {
            let run = try run(Noise(), settings, seed)
            reports += run.population.reports
            exploits += run.exploits
            alive += run.ancestorsAtHalf
        }
        return (Double(exploits) / Double(reports), Double(alive) / Double(seeds.count))
    }

    private static func truth(
        of task: some VirtualTask, _ settings: SettingValues
    ) throws -> Double {
        let truths = try seeds.map { try run(task, settings, $0).truth }
        return truths.reduce(0, +) / Double(truths.count)
    }

    private static func run<Task: VirtualTask>(
        _ task: Task, _ settings: SettingValues, _ seed: UInt64
    ) throws -> VirtualTraining<Task> {
        var training = try VirtualTraining(task, size: 16, workers: .any(4), seed: seed) {
            $0.apply(settings)
        }
        return training.run()
    }
}

/// The rows of a table of docs/method.md, by their cells, of which the first and the last are no empty
/// ones.
///
/// - Parameter header: how the table begins.
func methodTable(_ header: String) throws -> [[String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/method.md"), encoding: .utf8)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let first = try #require(lines.firstIndex { $0.hasPrefix(header) })
    return lines[(first + 2)...].prefix { $0.hasPrefix("|") }.map { line in
        line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
