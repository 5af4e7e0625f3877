extension ClientMachine {
    /// How patient a client is.
    package struct Timing: Hashable, Sendable {
        /// The first wait for an answer; it doubles up to `retryLimit`.
        package var retry: Duration
        package var retryLimit: Duration
        /// Attempts without an answer after which the link is made anew.
        package var misses: Int
        /// The first pause before connecting again; it doubles up to `reconnectLimit`.
        package var reconnect: Duration
        package var reconnectLimit: Duration

        package init(
            retry: Duration, retryLimit: Duration, misses: Int, reconnect: Duration,
            reconnectLimit: Duration
        ) {
            self.retry = retry
            self.retryLimit = retryLimit
            self.misses = misses
            self.reconnect = reconnect
            self.reconnectLimit = reconnectLimit
        }

        /// How long an answer is waited for, after so many attempts before this one.
        func wait(_ attempts: Int, _ chance: Double) -> Duration {
            Self.spread(Self.doubled(retry, attempts, atMost: retryLimit), chance)
        }

        /// How long nothing is connected, after so many losses in a row before this one.
        func pause(_ losses: Int, _ chance: Double) -> Duration {
            Self.spread(Self.doubled(reconnect, losses, atMost: reconnectLimit), chance)
        }

        /// Up to a quarter more or less, so that clients that failed together do not come back
        /// together.
        ///
        /// - Parameter chance: from 0 to 1.
        package static func spread(_ time: Duration, _ chance: Double) -> Duration {
            time * (0.75 + 0.5 * chance)
        }

        package static func doubled(
            _ first: Duration, _ times: Int, atMost longest: Duration
        ) -> Duration {
            min(first * (1 << min(times, doublings)), longest)
        }

        private static let doublings = 10
    }
}
