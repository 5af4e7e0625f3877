import ClientMachine
import Messages

/// How long a ``Connection`` waits for what.
package struct ConnectionTiming: Sendable {
    /// For an answer, before the request is sent again.
    package var answer = Duration.seconds(5)
    /// Between attempts, at most.
    package var longestWait = Duration.seconds(30)
    /// Attempts without an answer before a new socket is made.
    package var misses = 3
    /// After a refusal, before leases that are held make it try again.
    package var relink = Duration.seconds(5)
    /// Between libzmq's attempts to connect: the first, and at most. A new socket is made after such
    /// a pause too, which grows up to `longestWait`.
    package var reconnect = Duration.milliseconds(100)...Duration.seconds(5)
    /// For the coordinator to take leases back when this process is told to end: shorter than
    /// schedulers and `murmur` wait before they kill a process.
    package var farewell = Duration.seconds(3)
    /// Until the log says for the first time that somebody waits.
    package var word = Duration.seconds(10)
    /// A turn that could not send all comes again after this.
    package var shortestWait = Duration.milliseconds(1)

    package init() {}

    /// What a connection's machine keeps to.
    var machine: ClientMachine.Timing {
        ClientMachine.Timing(
            retry: answer, retryLimit: longestWait, misses: misses,
            reconnect: reconnect.lowerBound, reconnectLimit: longestWait)
    }

    /// After which a new socket is made that tries to connect to another address of the host.
    func reconnect(attempt: Int) -> Duration {
        ClientMachine.Timing.spread(
            ClientMachine.Timing.doubled(
                reconnect.lowerBound, attempt, atMost: reconnect.upperBound),
            Double.random(in: 0..<1))
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
