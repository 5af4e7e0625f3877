/// A point in time, as it is handed to the core.
package struct Moment: Hashable, Sendable {
    /// Since any fixed point; never goes back. Deadlines are in it.
    package var uptime: Duration
    /// Milliseconds since 1970 UTC. Records are in it.
    package var wall: Int64

    package init(uptime: Duration, wall: Int64) {
        self.uptime = uptime
        self.wall = wall
    }
}

/// Where a request came from and its reply goes. The core never keeps one: replies come out with
/// the batch that the requests went into.
struct Peer: Hashable, Sendable {
    var number: Int
    /// `nil` when the connection cannot be told from earlier ones.
    var connection: ConnectionNumber?
}

/// Which connection it is of those that a run of the coordinator took, in their order. The numbers
/// begin again after the last one, so that it says nothing of connections far apart.
package struct ConnectionNumber: Hashable, Sendable {
    package var number: UInt32

    package init(number: UInt32) { self.number = number }

    func isBefore(_ other: ConnectionNumber) -> Bool {
        Int32(bitPattern: other.number &- number) > 0
    }
}
