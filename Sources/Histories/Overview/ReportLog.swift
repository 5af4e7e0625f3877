import Foundation
import Murmuration

/// The reports of a population in columns: all of them while they are few, and then every second,
/// every fourth and so on, so that any number of them takes the same room.
package struct ReportLog {
    /// So many are kept.
    package static let most = 131_072
    /// Metrics beside the score that are kept; a hostile worker may report any number of names.
    package static let mostMetrics = 24

    /// One of so many is kept.
    package private(set) var stride = 1
    /// How many there were.
    package private(set) var count = 0
    package private(set) var steps: [Double] = []
    /// In seconds since the population's first event.
    package private(set) var times: [Double] = []
    package private(set) var members: [Int32] = []
    package private(set) var scores: [Double] = []
    package private(set) var sequences: [UInt64] = []
    /// By name; NaN where a report has none.
    package private(set) var metrics: [String: [Double]] = [:]
    /// In the order in which they came.
    package private(set) var metricNames: [String] = []
    /// By dimension, as ``PlottedSpace`` encodes them.
    package private(set) var hyperparameters: [[Double]]
    /// Reports that were better than all before, which are kept in any case.
    package private(set) var records: [Record] = []

    package struct Record: Hashable, Sendable {
        package var step: Double
        package var time: Double
        package var score: Double
    }

    private let most: Int
    private static let mostRecords = 4096

    package init(dimensions: Int, most: Int = most) {
        self.most = most
        hyperparameters = Array(repeating: [], count: dimensions)
    }

    /// - Parameters:
    ///   - time: in seconds since the population's first event.
    ///   - values: its hyperparameters, as ``PlottedSpace`` encodes them.
    package mutating func add(
        _ report: Event.Report, of member: Int, sequence: UInt64, time: Double, values: [Double],
        minimize: Bool
    ) {
        defer { count += 1 }
        note(report, time: time, minimize: minimize)
        guard count.isMultiple(of: stride) else { return }
        if steps.count == most { thin() }
        guard count.isMultiple(of: stride) else { return }
        steps.append(Double(report.step))
        times.append(time)
        members.append(Int32(clamping: member))
        scores.append(report.score)
        sequences.append(sequence)
        for (index, value) in values.enumerated() { hyperparameters[index].append(value) }
        add(report.metrics)
    }

    /// Where the so-manyth report of all is, counted from 0; `nil` when it is not kept.
    package func column(ofReport number: Int) -> Int? {
        guard number.isMultiple(of: stride), number / stride < steps.count else { return nil }
        return number / stride
    }

    private mutating func add(_ reported: [Event.Metric]) {
        for metric in reported where metrics[metric.name] == nil {
            guard metrics.count < Self.mostMetrics else { continue }
            metrics[metric.name] = Array(repeating: .nan, count: steps.count - 1)
            metricNames.append(metric.name)
        }
        for name in metricNames { metrics[name]?.append(.nan) }
        for metric in reported { metrics[metric.name]?[steps.count - 1] = metric.value }
    }

    private mutating func note(_ report: Event.Report, time: Double, minimize: Bool) {
        guard report.score.isFinite else { return }
        if let best = records.last?.score {
            guard minimize ? report.score < best : report.score > best else { return }
        }
        if records.count == Self.mostRecords { records = Self.everySecond(records) }
        records.append(Record(step: Double(report.step), time: time, score: report.score))
    }

    private mutating func thin() {
        stride *= 2
        steps = Self.everySecond(steps)
        times = Self.everySecond(times)
        members = Self.everySecond(members)
        scores = Self.everySecond(scores)
        sequences = Self.everySecond(sequences)
        hyperparameters = hyperparameters.map(Self.everySecond)
        metrics = metrics.mapValues(Self.everySecond)
    }

    static func everySecond<Value>(_ values: [Value]) -> [Value] {
        Swift.stride(from: 0, to: values.count, by: 2).map { values[$0] }
    }

    /// What is drawn of each report: its score, or a metric. `nil` for one that nobody reported.
    package func values(of metric: String?) -> [Double]? {
        guard let metric, metric != Self.score else { return scores }
        return metrics[metric]
    }

    /// What the score is called where a metric is named.
    package static let score = "score"

    package func places(by: Progress) -> [Double] {
        switch by {
        case .step: steps
        case .time: times
        }
    }
}

/// What a horizontal axis shows.
package enum Progress: String, Sendable {
    case step, time
}
