import Murmuration

/// The columns of reports in a CSV file, which depend on what all of the reports have.
package struct ReportColumns {
    package private(set) var hyperparameters: [String]
    package private(set) var metrics: [String] = []
    private var known: Set<String> = []

    /// A file with more columns than this is hardly one that is read as a table.
    package static let most = 4_096

    package init(hyperparameters: [String]) {
        self.hyperparameters = hyperparameters
        known = Set(hyperparameters.map { "hyperparameter.\($0)" })
    }

    /// Makes columns for what the report has.
    ///
    /// - Throws: `Failure` when there are too many.
    package mutating func include(_ report: Event.Report) throws {
        for name in report.hyperparameters.names
        where known.insert("hyperparameter.\(name)").inserted {
            hyperparameters.append(name)
        }
        for metric in report.metrics where known.insert("metric.\(metric.name)").inserted {
            metrics.append(metric.name)
        }
        guard known.count <= Self.most else {
            throw Failure(
                """
                The reports have more than \(Self.most) different metrics and hyperparameters, too \
                many for columns; use --json.
                """)
        }
    }

    package var header: String {
        CSVRow(
            Self.own + metrics.map { "metric.\($0)" }
                + hyperparameters.map { "hyperparameter.\($0)" } + Self.donor
                + hyperparameters.map { "next.\($0)" }
                + hyperparameters.map { "operation.\($0)" }
        ).line
    }

    private static let own = [
        "sequence", "time", "member", "report", "step", "score", "checkpoint", "declined", "rank",
        "ranked", "place", "placed",
    ]
    private static let donor = [
        "donor", "donor_report", "donor_step", "donor_score", "donor_checkpoint",
    ]

    package func row(_ event: Event, _ report: Event.Report) -> String {
        var row = CSVRow()
        row.add("\(event.sequence)")
        row.add(event.timeText)
        row.add(event.member)
        row.add(report.number)
        row.add(report.step)
        row.add(report.score)
        row.add(report.checkpoint ?? "")
        row.add(report.declined ? 1 : 0)
        row.add(report.standing?.rank)
        row.add(report.standing?.ranked)
        row.add(report.recent?.rank)
        row.add(report.recent?.ranked)
        let values = Dictionary(
            report.metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        for name in metrics { row.add(values[name]) }
        for name in hyperparameters { row.add(report.hyperparameters[name]) }
        let exploit = report.exploit
        row.add(exploit?.donor)
        row.add(exploit?.donorReport)
        row.add(exploit?.step)
        row.add(exploit?.score)
        row.add(exploit?.checkpoint ?? "")
        for name in hyperparameters { row.add(exploit?.hyperparameters[name]) }
        let operations = Dictionary(
            exploit?.operationsByName ?? [], uniquingKeysWith: { $1 })
        for name in hyperparameters { row.add(operations[name]?.rawValue ?? "") }
        return row.line
    }
}
