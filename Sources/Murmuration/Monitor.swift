import Messages

/// The leaderboards of a population, as they change, and at least once a second.
///
///     for try await board in try Monitor(url: url, population: "digits") {
///         print(board.entries.first?.score ?? .nan)
///     }
///
/// Who is slow misses boards and gets the latest. It ends with an error when nothing is heard of
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
            if subscription == nil { subscription = try await monitor.subscribe() }
            return try await subscription?.next()
        }
    }

    /// Asks the coordinator where the boards are published, and subscribes.
    private func subscribe() async throws -> Subscription {
        let administrator = try Administrator(
            address: address, patience: patience, timing: timing)
        do {
            let port = try await administrator.broadcastPort()
            // Without a name it is the only one's; with one, an error says now when there is none.
            let name = try await administrator.questions.leaderboard(
                of: population ?? "", limit: 1
            )
            .population
            let isVersion6 = await administrator.isVersion6
            await administrator.close()
            return try await Subscription.open(
                address: address, port: port, isVersion6: isVersion6,
                topic: "\(name)/leaderboard", patience: patience, timing: timing)
        } catch {
            await administrator.close()
            throw error
        }
    }
}

/// A subscription that ends when nobody holds it any more.
private final class Subscription: Sendable {
    private let subscriber: Subscriber

    private init(_ subscriber: Subscriber) {
        self.subscriber = subscriber
    }

    deinit {
        let subscriber = subscriber
        Task { await subscriber.close() }
    }

    static func open(
        address: Address, port: UInt16, isVersion6: Bool, topic: String, patience: Duration,
        timing: ConnectionTiming
    ) async throws -> Subscription {
        let subscriber = try Subscriber(address: address, patience: patience, timing: timing)
        // Whatever happens next, its thread ends with this.
        let subscription = Subscription(subscriber)
        try await subscriber.subscribe(to: topic, port: port, isVersion6: isVersion6)
        return subscription
    }

    func next() async throws -> Leaderboard? {
        try await subscriber.next()
    }
}
