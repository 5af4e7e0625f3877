import Messages

/// The leaderboards of a population, as they change, and at least once a second.
///
///     for try await board in try Monitor(url: url, population: "digits") {
///         print(board.entries.first?.score ?? .nan)
///     }
///
/// Who is slow misses boards and gets the latest; ``news(after:)`` adds who copied whom. It ends with an error when nothing is heard of
/// the coordinator for longer than one is patient.
public struct Monitor: AsyncSequence, Sendable {
    public typealias Element = Leaderboard

    let address: Address
    let population: String?
    let patience: Duration
    let timing: ConnectionTiming

    /// Follows a population.
    ///
    /// - Parameters:
    ///   - url: `murmur://[SECRET@]HOST:PORT[/POPULATION]`; by default `MURMUR_URL`.
    ///   - population: by default the URL's, then `MURMUR_POPULATION`, then the only one there is.
    ///   - patience: how long nothing may be heard of the coordinator before an error says so.
    public init(
        url: String? = nil, population: String? = nil, patience: Duration = .seconds(60)
    ) throws(MurmurationError) {
        let address = try Environment.address(url)
        self.init(
            address: address, population: Environment.population(population, in: address),
            patience: patience, timing: ConnectionTiming())
    }

    init(address: Address, population: String?, patience: Duration, timing: ConnectionTiming) {
        self.address = address
        self.population = population
        self.patience = patience
        self.timing = timing
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let monitor: Monitor
        private var subscription: Subscription?

        fileprivate init(_ monitor: Monitor) {
            self.monitor = monitor
        }

        /// The next board; waits for it.
        public mutating func next() async throws -> Leaderboard? {
            if subscription == nil {
                subscription = try await Subscription.open(monitor, lineage: .none)
            }
            while let news = try await subscription?.next() {
                if case .leaderboard(let board) = news { return board }
            }
            return nil
        }
    }
}
