import Messages

/// How long a ``Connection`` waits for what.
package struct ConnectionTiming: Sendable {
    /// For an answer, before the request is sent again.
    package var answer = Duration.seconds(5)
    /// Between attempts, at most.
    package var longestWait = Duration.seconds(30)
    /// Answers in a row that stay away before a new socket is made.
    package var misses = 3
    /// After a refusal, before leases that are held make it try again.
    package var relink = Duration.seconds(5)
    /// Between libzmq's attempts to connect: the first, and at most.
    package var reconnect = Duration.milliseconds(100)...Duration.seconds(5)
    /// For the coordinator to take leases back when this process is told to end: shorter than
    /// schedulers and `murmur` wait before they kill a process.
    package var farewell = Duration.seconds(3)
    /// Until the log says for the first time that somebody waits.
    package var word = Duration.seconds(10)
    /// A turn that could not send all comes again after this.
    package var shortestWait = Duration.milliseconds(1)

    package init() {}

    /// After which an attempt is repeated: twice as long each time, a quarter more or less, so that
    /// clients that failed together do not come back together.
    func wait(attempt: Int) -> Duration {
        let doubled = answer * (1 << min(attempt, 16))
        return min(doubled, longestWait) * Double.random(in: 0.75...1.25)
    }

    /// After which a new socket is made that tries to connect.
    func reconnect(attempt: Int) -> Duration {
        let doubled = reconnect.lowerBound * (1 << min(attempt, 16))
        return min(doubled, reconnect.upperBound) * Double.random(in: 0.75...1.25)
    }

    func comeBack(within spread: Duration?) -> Duration {
        (spread ?? .zero) * Double.random(in: 0..<1)
    }
}

/// How long to go on trying to reach a coordinator.
package enum Patience {
    /// A person waits at a terminal.
    package static let command = Duration.seconds(5)
    /// A worker joins for the first time, when the address may be wrong, or leaves.
    package static let joining = Duration.seconds(30)
    /// A monitor of what a worker trains.
    package static let monitor = Duration.seconds(60)
}

extension Address {
    /// libzmq looks a name up for one family of addresses: both are tried in turn.
    var hasTwoFamilies: Bool {
        !host.contains(":") && !host.allSatisfy { $0.isNumber || $0 == "." }
    }

    func isVersion6(attempt: Int) -> Bool {
        host.contains(":") || (hasTwoFamilies && attempt % 2 == 1)
    }
}
