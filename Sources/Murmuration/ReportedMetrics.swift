import Messages

/// What a report takes of a worker's metrics: the score must not be lost for the sake of the rest.
struct ReportedMetrics: Hashable {
    /// By name.
    private(set) var taken: [WireMetric] = []
    /// Those that cannot be named so.
    private(set) var misnamed: [String] = []
    /// Those for which there is no room.
    private(set) var surplus: [String] = []

    /// - Parameter room: bytes that they may have in the report.
    init(_ metrics: [String: Double], room: Int) {
        var room = room
        for (name, value) in metrics.sorted(by: { $0.key < $1.key }) {
            guard Limits.isMetricName(name) else {
                misnamed.append(name)
                continue
            }
            let size = name.utf8.count + Self.framing
            guard surplus.isEmpty, taken.count < Limits.metrics, size <= room else {
                surplus.append(name)
                continue
            }
            room -= size
            var metric = WireMetric()
            metric.name = name
            metric.value = value
            taken.append(metric)
        }
    }

    /// The tags and lengths of a metric and its parts, and its value.
    private static let framing = 16
}

extension Worker {
    /// Adds the metrics that the report can take, and says in the log which it cannot.
    func add(_ metrics: [String: Double], to report: inout WireReport) {
        let metrics = ReportedMetrics(metrics, room: Limits.pageBytes - report.bytes.count)
        report.metrics = metrics.taken
        if let example = metrics.misnamed.first {
            warnOnce(
                .misnamedMetrics,
                """
                \(metrics.misnamed.count) metrics such as “\(example.prefix(64))” are left out of \
                the reports: the name of a metric is 1 to \(Limits.metricNameBytes) bytes of \
                printable text.
                """)
        }
        if let first = metrics.surplus.first {
            warnOnce(
                .surplusMetrics,
                """
                \(metrics.surplus.count) metrics, from “\(first.prefix(64))” on, are left out of \
                the reports: one holds \(Limits.metrics) at most, fewer when their names are long.
                """)
        }
    }

    /// What is worth a warning, and not one with each report.
    enum Warning: Hashable, Sendable {
        case misnamedMetrics
        case surplusMetrics
        case stepBack
    }

    func warnOnce(_ warning: Warning, _ sentence: String) {
        guard state.withLock({ $0.warnings.insert(warning).inserted }) else { return }
        joining.logger.warning("\(sentence.escapingControls)")
    }
}
