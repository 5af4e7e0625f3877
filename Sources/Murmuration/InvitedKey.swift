import Foundation
import Messages

/// What whoever has a key may do.
public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Joins and reports in its populations, and reads them.
    case worker
    /// Reads its populations, and subscribes to them.
    case monitor
    /// Everything: makes and steers populations, and invites.
    case admin
}

/// A key that was invited, as the coordinator has it: the secret that belongs to it is with whoever
/// was invited, and nowhere else.
public struct InvitedKey: Hashable, Sendable {
    /// Its 32 bytes as 64 digits; some of the first are enough to name it.
    public let id: String
    let publicKey: Data
    public let role: Role
    /// By name; `nil` for all, also those to come.
    public let populations: [String]?
    /// For people: who has it.
    public let label: String
    public let created: Date
    /// When it is refused from; `nil` for never.
    public let expires: Date?
    public let revoked: Date?
    /// Leases that it holds now.
    public let leases: Int
    /// Populations and members that it has made.
    public let madePopulations: Int
    public let madeMembers: Int
    public let quota: KeyQuota

    /// Whether it is let in at a time.
    public func isGood(at time: Date = Date()) -> Bool {
        revoked == nil && expires.map { $0 > time } ?? true
    }
}

/// What a key may use up. What is `nil` in an invitation is as the coordinator has it.
public struct KeyQuota: Hashable, Sendable {
    /// Requests that wait for their answers at one time, over all connections.
    public var outstanding: Int?
    /// Joins and declines in a second, after a first rush of a hundred times as many.
    public var joinsPerSecond: Int?
    /// Populations that it makes.
    public var populations: Int?
    /// Members that it makes, in all populations.
    public var members: Int?

    public init(
        outstanding: Int? = nil, joinsPerSecond: Int? = nil, populations: Int? = nil,
        members: Int? = nil
    ) {
        self.outstanding = outstanding
        self.joinsPerSecond = joinsPerSecond
        self.populations = populations
        self.members = members
    }

    init(_ wire: WireQuota) {
        outstanding = Int(clamping: wire.outstanding)
        joinsPerSecond = Int(clamping: wire.joinsPerSecond)
        populations = Int(clamping: wire.populations)
        members = Int(clamping: wire.members)
    }

    var wire: WireQuota {
        var wire = WireQuota()
        if let outstanding { wire.outstanding = UInt64(clamping: outstanding) }
        if let joinsPerSecond { wire.joinsPerSecond = UInt64(clamping: joinsPerSecond) }
        if let populations { wire.populations = UInt64(clamping: populations) }
        if let members { wire.members = UInt64(clamping: members) }
        return wire
    }
}

extension InvitedKey {
    /// - Returns: `nil` for a role that this version does not know.
    init?(_ wire: WireKey) {
        guard let role = Role(wire.role) else { return nil }
        publicKey = wire.publicKey
        id = KeyText.id(of: wire.publicKey)
        self.role = role
        populations = wire.allPopulations ? nil : wire.populations
        label = wire.label
        created = Date(milliseconds: wire.createdMilliseconds)
        expires = wire.expiresMilliseconds == 0 ? nil : Date(milliseconds: wire.expiresMilliseconds)
        revoked = wire.revokedMilliseconds == 0 ? nil : Date(milliseconds: wire.revokedMilliseconds)
        leases = Int(clamping: wire.leases)
        madePopulations = Int(clamping: wire.madePopulations)
        madeMembers = Int(clamping: wire.madeMembers)
        quota = KeyQuota(wire.quota)
    }
}

extension Role {
    init?(_ wire: WireRole) {
        switch wire {
        case .worker: self = .worker
        case .monitor: self = .monitor
        case .admin: self = .admin
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }

    var wire: WireRole {
        switch self {
        case .worker: .worker
        case .monitor: .monitor
        case .admin: .admin
        }
    }
}

extension Date {
    fileprivate init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
