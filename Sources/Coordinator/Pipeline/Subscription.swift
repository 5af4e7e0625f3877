/// What a connection wants of the broadcast that may not read all of it, and so has no part in the
/// one socket that publishes everything.
struct Subscription: Sendable {
    /// Whose connection it is, as the authenticator calls it.
    var user: String
    /// Beginnings of topics; the empty one stands for all.
    var topics: [String]
    /// In uptime.
    var end: Duration

    func wants(_ topic: String) -> Bool { topics.contains { topic.hasPrefix($0) } }
}

/// The subscriptions of connections, each of which is looked at with every message: so one ends
/// with the key that it was made with, and reads nothing that the key may not.
struct Subscriptions<Connection: Hashable> {
    private var all: [Connection: Subscription] = [:]

    var isEmpty: Bool { all.isEmpty }
    var count: Int { all.count }

    /// Takes the place of what the connection asked for before.
    mutating func put(_ subscription: Subscription, of connection: Connection) {
        all[connection] = subscription.topics.isEmpty ? nil : subscription
    }

    mutating func remove(_ connection: Connection) { all[connection] = nil }

    /// Forgets those that were not asked for again.
    mutating func expire(at uptime: Duration) {
        all = all.filter { $0.value.end > uptime }
    }

    /// Whether anybody subscribed to a topic, who may read it or not.
    func want(_ topic: String) -> Bool { all.values.contains { $0.wants(topic) } }

    /// Whom a message of a topic goes to.
    ///
    /// - Parameter mayRead: whether a user may read the population that it is about, now.
    func receivers(of topic: String, mayRead: (_ user: String) -> Bool) -> [Connection] {
        all.filter { subscription in
            subscription.value.wants(topic) && mayRead(subscription.value.user)
        }.map(\.key)
    }
}
