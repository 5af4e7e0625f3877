import DequeModule
import ZeroMQ

/// Where replies go, by the numbers of their peers, which are given in turn.
struct Peers {
    private var ids: Deque<RoutingID> = []
    /// The number of the first that is remembered.
    private var first = 0

    /// The number that comes next.
    var end: Int { first + ids.count }

    mutating func add(_ id: RoutingID) -> Peer {
        defer { ids.append(id) }
        return Peer(number: end, connection: id.number.map(ConnectionNumber.init))
    }

    subscript(peer: Peer) -> RoutingID { ids[peer.number - first] }

    mutating func forget(before number: Int) {
        ids.removeFirst(number - first)
        first = number
    }

    mutating func forget(from number: Int) { ids.removeLast(end - number) }
}
