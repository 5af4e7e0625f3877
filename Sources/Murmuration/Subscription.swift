import Messages

/// A subscription to a population's broadcast, which ends when nobody holds it any more.
final class Subscription: Sendable {
    private let subscriber: Subscriber
    private let population: String
    /// Asks for what was missed of the lineage, and where the coordinator is that has moved.
    private let administrator: Administrator?

    /// Whether the lineage is wanted too.
    enum Lineage {
        case none
        /// From this sequence on, or from now.
        case after(UInt64?)

        fileprivate func buffer(committed: UInt64) -> LineageBuffer? {
            switch self {
            case .none: nil
            case .after(let sequence): LineageBuffer(after: sequence ?? committed)
            }
        }
    }

    private init(_ subscriber: Subscriber, population: String, administrator: Administrator?) {
        self.subscriber = subscriber
        self.population = population
        self.administrator = administrator
    }

    deinit {
        let (subscriber, administrator) = (subscriber, administrator)
        Task {
            await subscriber.close()
            await administrator?.close()
        }
    }

    /// Asks the coordinator where it publishes, and subscribes.
    static func open(_ monitor: Monitor, lineage: Lineage) async throws -> Subscription {
        let administrator = try Administrator(
            address: monitor.address, patience: monitor.patience, timing: monitor.timing)
        do {
            let port = try await administrator.broadcastPort()
            // Without a name it is the only one's; with one, an error says now when there is none.
            let board = try await administrator.questions.leaderboard(
                of: monitor.population ?? "", limit: 1)
            let isVersion6 = await administrator.isVersion6
            let address = await administrator.connection.currentAddress
            let buffer = lineage.buffer(committed: board.committed)
            let subscriber = try Subscriber(
                address: address, lineage: buffer, patience: monitor.patience,
                timing: monitor.timing)
            let isAskedLater = buffer != nil || address.file != nil
            if !isAskedLater { await administrator.close() }
            // Whatever happens next, its threads end with this.
            let subscription = Subscription(
                subscriber, population: board.population,
                administrator: isAskedLater ? administrator : nil)
            try await subscriber.subscribe(
                to: board.population, at: address, port: port, isVersion6: isVersion6)
            return subscription
        } catch {
            await administrator.close()
            throw error
        }
    }

    /// What comes next; waits for it, and asks for what was missed.
    func next() async throws -> News? {
        while let received = try await subscriber.next() {
            switch received {
            case .news(let news): return news
            case .missed(let sequence): try await ask(after: sequence)
            case .moved: try await follow()
            }
        }
        return nil
    }

    /// Subscribes where the coordinator is now.
    private func follow() async throws {
        guard let administrator else {
            preconditionFailure("only the coordinator of an address in a file can move")
        }
        // It looks into the file when nobody answers where it asked before.
        _ = try await administrator.ask(.heartbeat(WireHeartbeat()))
        try await subscriber.subscribe(
            to: population, at: await administrator.connection.currentAddress,
            port: try await administrator.broadcastPort(),
            isVersion6: await administrator.isVersion6)
    }

    private func ask(after sequence: UInt64) async throws {
        guard let administrator else {
            preconditionFailure("only who follows the lineage can miss some of it")
        }
        let page = try await administrator.questions.history(of: population, after: sequence)
        await subscriber.fill(page.events, after: sequence, upTo: page.last, more: page.more)
    }
}
