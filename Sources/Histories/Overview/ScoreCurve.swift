/// How a population's scores went: in each part of the axis the best, the quartiles and the worst.
package struct ScoreCurve: Encodable, Sendable {
    package var by: String
    package var metric: String
    /// What else was reported.
    package var metrics: [String]
    package var from: Double?
    package var to: Double?
    package var bins: [Bin]
    package var exploits: [Exploit]
    package var exploitsTotal: Int
    /// One of so many reports is looked at.
    package var stride: Int

    package struct Bin: Encodable, Sendable {
        /// The mean of its reports' places.
        package var x: Double
        package var count: Int
        package var best: Double?
        package var upper: Double?
        package var median: Double?
        package var lower: Double?
        package var worst: Double?
        /// Up to its end.
        package var bestEver: Double?

        private enum CodingKeys: String, CodingKey {
            case x, count, best, upper, median, lower, worst
            case bestEver = "best_ever"
        }
    }

    package struct Exploit: Encodable, Sendable {
        package var x: Double
        package var y: Double?
        package var member: Int
        package var donor: Int
        package var sequence: UInt64
    }

    private enum CodingKeys: String, CodingKey {
        case by, metric, metrics, from, to, bins, exploits, stride
        case exploitsTotal = "exploits_total"
    }

    /// - Parameters:
    ///   - metric: `nil` for the score.
    ///   - minimize: the lowest value is best.
    /// - Returns: `nil` when nobody reported the metric.
    package init?(
        _ overview: Overview, by: Progress, metric: String?, points: Int, from: Double?,
        to: Double?,
        minimize: Bool
    ) {
        let log = overview.reports
        guard let values = log.values(of: metric) else { return nil }
        let places = log.places(by: by)
        let range = Bins(places, from: from, to: to, count: points)
        self.by = by.rawValue
        self.metric = metric ?? ReportLog.score
        metrics = log.metricNames
        self.from = range?.from
        self.to = range?.to
        stride = log.stride
        let isScore = self.metric == ReportLog.score
        bins =
            range.map {
                Self.bins(
                    places, values, in: $0, minimize: minimize,
                    records: isScore
                        ? log.records.map { (by == .step ? $0.step : $0.time, $0.score) } : [])
            } ?? []
        let marks = overview.exploits.marks(by: by, in: range, isScore: isScore)
        exploits = marks.shown
        exploitsTotal = marks.total
    }

    private static func bins(
        _ places: [Double], _ values: [Double], in range: Bins, minimize: Bool,
        records: [(place: Double, value: Double)]
    ) -> [Bin] {
        func better(_ one: Double?, _ other: Double?) -> Double? {
            guard let one, let other else { return one ?? other }
            return minimize ? min(one, other) : max(one, other)
        }
        var best: Double?
        for index in places.indices where places[index] < range.from && values[index].isFinite {
            best = better(best, values[index])
        }
        let records = records.sorted { $0.place < $1.place }
        var next = 0
        return range.groups(places).map { group in
            let inside = group.map { values[$0] }
            var bin = Bin(
                x: group.reduce(0) { $0 + places[$1] } / Double(group.count),
                count: inside.count { !$0.isNaN })
            if let quantiles = Quantiles(inside) {
                bin.best = minimize ? quantiles.least : quantiles.greatest
                bin.worst = minimize ? quantiles.greatest : quantiles.least
                bin.upper = minimize ? quantiles.lower : quantiles.upper
                bin.lower = minimize ? quantiles.upper : quantiles.lower
                bin.median = quantiles.median
            }
            best = better(best, bin.best)
            let end = group.map { places[$0] }.max() ?? range.to
            while next < records.count, records[next].place <= end {
                best = better(best, records[next].value)
                next += 1
            }
            bin.bestEver = best
            return bin
        }
    }
}
