/// What a coordinator broadcasts of a population.
public enum News: Hashable, Sendable {
    /// How the population does now.
    case leaderboard(Leaderboard)
    /// A member copied another one, or could not.
    case event(Event)
}

/// A population's leaderboards and its lineage in one subscription.
///
///     for try await news in try Monitor(url: url, population: "digits").news() {
///         switch news {
///         case .leaderboard(let board): print(board.summary.reports)
///         case .event(let event):
///             guard let exploit = event.exploit, let member = event.member else { continue }
///             print("\(member) copied \(exploit.donor)")
///         }
///     }
///
/// Of the leaderboards who is slow gets the latest, as with ``Monitor``. The events come all, in
/// the order in which they happened and each once: what was missed while the connection was broken,
/// the coordinator began again or the reader was slow is asked for. It ends with an error when
/// nothing is heard of the coordinator for longer than the monitor is patient.
public struct NewsMonitor: AsyncSequence, Sendable {
    public typealias Element = News

    let monitor: Monitor
    let sequence: UInt64?

    public func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let news: NewsMonitor
        private var subscription: Subscription?

        fileprivate init(_ news: NewsMonitor) {
            self.news = news
        }

        /// The next board or event; waits for it.
        public mutating func next() async throws -> News? {
            if let subscription { return try await subscription.next() }
            let subscription = try await Subscription.open(
                news.monitor, lineage: .after(news.sequence))
            self.subscription = subscription
            return try await subscription.next()
        }
    }
}

extension Monitor {
    /// The leaderboards together with the lineage.
    ///
    /// - Parameter sequence: events after this sequence of the journal; by default those that happen
    ///   from now on. With that of the last event that was seen, one goes on where one was.
    public func news(after sequence: UInt64? = nil) -> NewsMonitor {
        NewsMonitor(monitor: self, sequence: sequence)
    }
}
