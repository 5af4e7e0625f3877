import Evolution

extension Report {
    /// What a worker reported for the member of its lease. Metrics at the end that an event has no room
    /// for are left out: the score matters more.
    ///
    /// - Parameter kept: What hyperparameters that do not count go on to have.
    package init(
        _ wire: borrowing WireReport, member: Int, space: SearchSpace,
        kept: @autoclosure () -> [Value]? = nil
    ) throws(WireError) {
        guard wire.hasScore else {
            throw WireError(.invalid, "The report has no score; send one, or NaN for a failure.")
        }
        guard let step = Int(exactly: wire.step), step <= Specification.stepLimit else {
            throw WireError(
                .invalid,
                "The report's step is \(wire.step) and may be \(Specification.stepLimit) at most.")
        }
        self.init(
            member: member, step: step, score: wire.score,
            checkpoint: try Report.checkpoint(wire.checkpoint))
        metrics = try Report.metrics(wire.metrics, room: Limits.metricsBytes(in: space))
        if !wire.hyperparameters.isEmpty {
            hyperparameters = try wire.hyperparameters.values(in: space, kept: kept())
        }
        switch wire.effect {
        case .unspecified, .applied: declined = false
        case .declined: declined = true
        case .UNRECOGNIZED(let number):
            throw WireError(
                .unsupported,
                "The report's effect is \(number), which this coordinator does not know; update it."
            )
        }
    }

    private static func checkpoint(_ address: String) throws(WireError) -> String? {
        guard !address.isEmpty else { return nil }
        guard address.utf8.count <= Limits.checkpointBytes else {
            throw WireError(
                .limit,
                """
                The checkpoint's address has \(address.utf8.count) bytes and may have \
                \(Limits.checkpointBytes); shorten it.
                """)
        }
        guard !address.containsZeroByte else {
            throw WireError(
                .invalid, "The checkpoint's address contains a zero byte; send it without.")
        }
        return address
    }

    private static func metrics(
        _ wires: [WireMetric], room: @autoclosure () -> Int
    ) throws(WireError) -> [Metric] {
        guard wires.count <= Limits.metrics else {
            throw WireError(
                .limit,
                "The report has \(wires.count) metrics; at most \(Limits.metrics) may be sent.")
        }
        var names: Set<String> = []
        var metrics: [Metric] = []
        metrics.reserveCapacity(wires.count)
        for wire in wires {
            guard Limits.isMetricName(wire.name) else {
                throw WireError(
                    .invalid,
                    """
                    "\(wire.name.prefix(Limits.nameBytes))" cannot name a metric; use 1 to \
                    \(Limits.metricNameBytes) bytes of printable text.
                    """)
            }
            guard names.insert(wire.name).inserted else {
                throw WireError(
                    .invalid, "The metric \"\(wire.name)\" was sent twice; send it once.")
            }
            metrics.append(Metric(name: wire.name, value: wire.value))
        }
        guard metrics.count > few else { return metrics }
        var rest = room()
        return Array(
            metrics.prefix { metric in
                rest -= framing + metric.name.utf8.count
                return rest >= 0
            })
    }

    /// The tags and lengths of a metric and its parts, and its value.
    private static let framing = 16
    /// So many metrics fit beside anything.
    private static let few = 32
}
