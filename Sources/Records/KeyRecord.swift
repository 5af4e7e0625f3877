/// A key that was invited: what whoever has the secret to it may do.
package struct KeyRecord: Hashable, Sendable {
    /// 32 bytes of Curve25519. The secret that belongs to it is nowhere here.
    package var publicKey: [UInt8]
    package var role: Role
    /// The populations of a worker or a monitor; `nil` for all, also those to come.
    package var populations: [String]?
    /// For people: who has it.
    package var label: String
    /// Milliseconds since 1970 UTC.
    package var created: Int64
    /// When it is refused from; `nil` for never.
    package var expires: Int64?
    package var revoked: Int64?
    package var quota: Quota
    /// What it has made so far.
    package var madePopulations = 0
    package var madeMembers = 0

    package init(
        publicKey: [UInt8], role: Role, populations: [String]?, label: String, created: Int64,
        expires: Int64?, quota: Quota
    ) {
        self.publicKey = publicKey
        self.role = role
        self.populations = populations
        self.label = label
        self.created = created
        self.expires = expires
        self.quota = quota
    }
}

package enum Role: String, Sendable {
    /// Joins and reports in its populations, and reads them.
    case worker
    /// Reads its populations.
    case monitor
    case admin
}

/// What a key may use up.
package struct Quota: Hashable, Sendable {
    /// Requests that wait for their answers at one time.
    package var outstanding: Int
    /// Joins and declines in a second.
    package var joinsPerSecond: Int
    package var populations: Int
    /// In all populations.
    package var members: Int

    package init(outstanding: Int, joinsPerSecond: Int, populations: Int, members: Int) {
        self.outstanding = outstanding
        self.joinsPerSecond = joinsPerSecond
        self.populations = populations
        self.members = members
    }
}
