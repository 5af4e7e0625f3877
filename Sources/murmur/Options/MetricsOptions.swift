import ArgumentParser
import Logging
import Metrics

/// Whether a command serves metrics, and where.
struct MetricsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Serve metrics for Prometheus at this port of the loopback, or at HOST:PORT; 0 takes a free one.",
            valueName: "port"),
        transform: { text in
            guard let address = MetricsAddress(text) else {
                throw ValidationError(
                    """
                    '\(text)' is no place for metrics; use a port from 0 to 65535, or a number of this \
                    machine and a port, like 0.0.0.0:9464.
                    """)
            }
            return address
        })
    var metrics: MetricsAddress?

    /// Listens, if it is to be served.
    func endpoint(logger: Logger) throws -> MetricsEndpoint? {
        try metrics.map { try MetricsEndpoint(at: $0, logger: logger) }
    }
}
