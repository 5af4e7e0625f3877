import Records

/// A worker's right to report for a member, while the coordinator runs.
package struct Lease: Sendable {
    package internal(set) var record: LeaseRecord
    /// When it lapses, unless its holder is heard of; in uptime.
    var deadline: Duration
    /// The lease that a directive ended to make this one. It answers retries of its last report
    /// until this one's holder shows that the directive arrived.
    var predecessor: UInt64?
    /// The newest connection that it was used over in this run. Whoever holds it comes back over a
    /// newer one, and leaves the older ones behind.
    var connection: ConnectionNumber?
    /// It is written with the batch.
    var isTouched = false

    package var isLive: Bool { record.state == .live }

    /// - Returns: false when a newer connection has it.
    mutating func takeUp(over connection: ConnectionNumber?) -> Bool {
        guard let connection else { return true }
        if let known = self.connection, connection.isBefore(known) { return false }
        self.connection = connection
        return true
    }
}

/// Who has a lease, or is given one.
struct Holder: Hashable, Sendable {
    /// What the worker calls itself, for people.
    var worker: String
    /// The principal that it belongs to.
    var owner: String
    /// What stays the same when it is started again; empty for nothing.
    var place: String

    init(worker: String, owner: String, place: String) {
        self.worker = worker
        self.owner = owner
        self.place = place
    }

    init(_ record: LeaseRecord) {
        self.init(worker: record.worker, owner: record.owner, place: record.place)
    }
}

/// The place of a worker, among those of all principals. It has one live lease at most.
package struct PlaceKey: Hashable, Sendable {
    let owner: String
    let name: String

    /// - Returns: `nil` for who has no place.
    init?(_ name: String, of owner: String) {
        guard !name.isEmpty else { return nil }
        self.owner = owner
        self.name = name
    }
}

/// When a lease may lapse. Renewing does not move it: it is put back when its time comes.
struct Deadline: Comparable, Sendable {
    var time: Duration
    var token: UInt64

    static func < (left: Deadline, right: Deadline) -> Bool {
        (left.time, left.token) < (right.time, right.token)
    }
}

/// A member that no worker has. The one that has trained least is next, then the one that has
/// waited longest.
struct WaitingMember: Comparable, Sendable {
    var step: Int
    var turn: Int
    var member: Int

    static func < (left: WaitingMember, right: WaitingMember) -> Bool {
        (left.step, left.turn, left.member) < (right.step, right.turn, right.member)
    }
}
