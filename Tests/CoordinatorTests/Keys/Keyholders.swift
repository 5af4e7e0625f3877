import Foundation
import Messages
import Records

@testable import Coordinator

extension Settings {
    /// Of a coordinator that lets people in by invitation.
    static var inviting: Settings {
        var settings = Settings()
        settings.invitations = InvitationEndpoint(
            serverKey: [UInt8](repeating: 7, count: 32), port: 7779, host: "",
            ownerKey: [UInt8](repeating: 255, count: 32))
        return settings
    }
}

extension Desk {
    /// Invites a key whose bytes are all the same.
    ///
    /// - Returns: what the authenticator would call its connections.
    mutating func invite(
        _ byte: UInt8, _ role: WireRole, _ populations: String...,
        for seconds: UInt64? = nil, quota: WireQuota = WireQuota()
    ) throws -> String {
        try asShared { desk in
            var invitation = WireInvite()
            invitation.key = desk.key()
            invitation.publicKey = Data(repeating: byte, count: 32)
            invitation.role = role
            invitation.populations = populations
            invitation.allPopulations = populations.isEmpty && role != .admin
            if let seconds { invitation.expiresAfterSeconds = seconds }
            invitation.quota = quota
            switch try desk.ask(.invite(invitation)) {
            case .invited(let invited):
                guard invited.port == 7779, invited.key.role == role else {
                    throw DeskError.unexpected("\(invited)")
                }
            case .error(let error): throw error
            case let other: throw DeskError.unexpected("\(other)")
            }
            return KeyText.id(of: [UInt8](invitation.publicKey))
        }
    }

    mutating func revoke(_ byte: UInt8) throws {
        try asShared { desk in
            var revocation = WireRevokeKey()
            revocation.key = desk.key()
            revocation.publicKey = Data(repeating: byte, count: 32)
            guard case .key(let key) = try desk.ask(.revokeKey(revocation)),
                key.revokedMilliseconds > 0
            else { throw DeskError.unexpected("the key was not revoked") }
        }
    }

    /// Asks as whoever has the secret, whoever asked before.
    mutating func asShared<Result>(_ body: (inout Desk) throws -> Result) throws -> Result {
        let before = user
        user = Keyring.sharedUser
        defer { user = before }
        return try body(&self)
    }

    /// The code of what is refused, or `nil`.
    mutating func code(_ body: WireRequest.OneOf_Body) throws -> WireError.Code? {
        try refusal(body)?.code
    }
}

enum Requests {
    static func leaderboard(_ name: String) -> WireRequest.OneOf_Body {
        var page = WireGetLeaderboard()
        page.population = name
        return .getLeaderboard(page)
    }

    static func history(_ name: String) -> WireRequest.OneOf_Body {
        var page = WireGetHistory()
        page.population = name
        return .getHistory(page)
    }

    static func schedule(_ name: String) -> WireRequest.OneOf_Body {
        var page = WireGetSchedule()
        page.population = name
        return .getSchedule(page)
    }

    static func pause(_ name: String, key: Data) -> WireRequest.OneOf_Body {
        var change = WireChangePopulation()
        change.key = key
        change.population = name
        change.pause = WirePause()
        return .changePopulation(change)
    }

    static func join(_ name: String, key: Data) -> WireRequest.OneOf_Body {
        var join = WireJoin()
        join.key = key
        join.population = name
        return .join(join)
    }

    static func rejoin(_ lease: UInt64, key: Data) -> WireRequest.OneOf_Body {
        var join = WireJoin()
        join.key = key
        join.lease = lease
        return .join(join)
    }

    static func leave(_ lease: UInt64, key: Data) -> WireRequest.OneOf_Body {
        var leave = WireLeave()
        leave.key = key
        leave.lease = lease
        return .leave(leave)
    }

    static func decline(_ lease: UInt64, key: Data) -> WireRequest.OneOf_Body {
        var decline = WireDecline()
        decline.key = key
        decline.lease = lease
        return .decline(decline)
    }

    static func heartbeat(_ leases: UInt64...) -> WireRequest.OneOf_Body {
        var heartbeat = WireHeartbeat()
        heartbeat.leases = leases
        return .heartbeat(heartbeat)
    }

    static func hello() -> WireRequest.OneOf_Body {
        var hello = WireHello()
        hello.minVersion = 1
        hello.maxVersion = 1
        return .hello(hello)
    }
}
