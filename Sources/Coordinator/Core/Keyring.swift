import Messages
import Records

/// The keys that were invited, who they make of a connection, and what each has used up.
package struct Keyring: Sendable {
    /// What libzmq calls a connection whose principal is the shared one.
    package static let sharedUser = "shared"
    /// So many characters of an id are enough for people.
    static let shortID = 12

    /// By id.
    private var keys: [String: Key] = [:]
    /// The first moment at which one expires, in wall time; `nil` for never.
    private var nextExpiry: Int64?
    /// Those with requests in this turn.
    private var busy: [String] = []
    /// What the authenticator has to be told: whom to let in from now on, and whom no more.
    private var admissions: [Admission] = []

    private struct Key: Sendable {
        var record: KeyRecord
        var principal: Principal
        /// Its leases were ended, and the authenticator refuses it.
        var isOver: Bool
        /// Requests in this turn.
        var outstanding = 0
        /// Leases that it may be given at once, at the time of the last one.
        var allowance: Double
        var allowed = Duration.zero

        init(_ record: KeyRecord) {
            self.record = record
            isOver = record.revoked != nil
            allowance = Double(record.quota.rush)
            principal = Principal(
                id: KeyText.id(of: record.publicKey), role: record.role,
                populations: record.populations.map(Set.init))
        }
    }

    /// Something for the authenticator.
    package struct Admission: Hashable, Sendable {
        var publicKey: [UInt8]
        /// `nil` to refuse it.
        var user: String?
    }

    // MARK: Who is who

    /// Whose connection it is, by what the authenticator called it.
    func principal(of user: String, at now: Moment) throws(WireError) -> Principal {
        if user == Self.sharedUser { return .shared }
        guard let key = keys[user] else { throw .unknownKey }
        if key.record.revoked != nil { throw .revokedKey }
        if key.isOver || key.record.isExpired(at: now) { throw .expiredKey }
        return key.principal
    }

    /// Whether a connection may still be told of a population.
    func mayRead(_ population: String, _ user: String, at now: Moment) -> Bool {
        guard let principal = try? principal(of: user, at: now) else { return false }
        return principal.mayRead(population)
    }

    // MARK: Inviting and revoking

    /// Takes over a key of the journal.
    mutating func restore(_ record: KeyRecord) { put(Key(record)) }

    /// - Returns: the key that had to go to make room; one that was of no use any more.
    mutating func add(_ record: KeyRecord, at now: Moment) throws(WireError) -> KeyRecord? {
        let id = KeyText.id(of: record.publicKey)
        guard keys[id] == nil else {
            throw WireError(.conflict, "This key was invited already; invite a new one.")
        }
        var oldest: KeyRecord?
        if keys.count >= Limits.keys {
            oldest = keys.values.map(\.record).filter { $0.end(at: now) != nil }
                .min { ($0.end(at: now) ?? 0) < ($1.end(at: now) ?? 0) }
            guard let oldest else {
                throw WireError(
                    .limit, "There are \(Limits.keys) keys, and may be no more; revoke some first.")
            }
            keys[KeyText.id(of: oldest.publicKey)] = nil
        }
        put(Key(record))
        return oldest
    }

    private mutating func put(_ key: Key) {
        keys[key.principal.id] = key
        guard !key.isOver else { return }
        admissions.append(Admission(publicKey: key.record.publicKey, user: key.principal.id))
        if let expires = key.record.expires { nextExpiry = min(nextExpiry ?? expires, expires) }
    }

    /// - Returns: `nil` when there is no such key.
    mutating func revoke(_ publicKey: [UInt8], at now: Moment) -> KeyRecord? {
        let id = KeyText.id(of: publicKey)
        guard let key = keys[id] else { return nil }
        if key.record.revoked == nil {
            keys[id]?.record.revoked = now.wall
            close(id)
        }
        return keys[id]?.record
    }

    private mutating func close(_ id: String) {
        guard let key = keys[id], !key.isOver else { return }
        keys[id]?.isOver = true
        admissions.append(Admission(publicKey: key.record.publicKey, user: nil))
    }

    /// Refuses the keys from now on whose time is over.
    ///
    /// - Returns: their ids, in order.
    mutating func expire(at now: Moment) -> [String] {
        guard let nextExpiry, nextExpiry <= now.wall else { return [] }
        let live = keys.values.filter { !$0.isOver }
        let expired = live.filter { $0.record.isExpired(at: now) }.map(\.principal.id).sorted()
        for id in expired { close(id) }
        self.nextExpiry = live.compactMap(\.record.expires).filter { $0 > now.wall }.min()
        return expired
    }

    /// Whether a key is refused because its time is over, whatever the clock says by now.
    func hasExpired(_ record: KeyRecord) -> Bool {
        record.revoked == nil && keys[KeyText.id(of: record.publicKey)]?.isOver == true
    }

    /// What the authenticator has to be told since the last time.
    mutating func takeNews() -> [Admission] {
        defer { admissions = [] }
        return admissions
    }

    /// All keys, by id, those after one.
    func records(after id: String) -> [KeyRecord] {
        keys.keys.filter { $0 > id }.sorted().compactMap { keys[$0]?.record }
    }

    // MARK: Limits

    /// Counts a request of this turn.
    mutating func count(_ principal: Principal) throws(WireError) {
        guard let key = keys[principal.id] else { return }
        guard key.outstanding < key.record.quota.outstanding else {
            throw WireError(
                .unavailable,
                """
                \(principal.described) has \(key.record.quota.outstanding) requests under way, as \
                many as it may; ask again later.
                """)
        }
        if key.outstanding == 0 { busy.append(principal.id) }
        keys[principal.id]?.outstanding += 1
    }

    /// All requests so far are answered with this turn.
    mutating func endTurn() {
        for id in busy { keys[id]?.outstanding = 0 }
        busy.removeAll(keepingCapacity: true)
    }

    /// Whether a lease may be given to it now, or given back for what it says.
    mutating func checkJoin(_ principal: Principal, at now: Moment) throws(WireError) {
        guard var key = keys[principal.id] else { return }
        let quota = key.record.quota
        let earned = (now.uptime - key.allowed) / .seconds(1) * Double(quota.joinsPerSecond)
        key.allowance = min(Double(quota.rush), key.allowance + max(0, earned))
        key.allowed = now.uptime
        keys[principal.id] = key
        guard key.allowance >= 1 else {
            throw WireError(
                .unavailable,
                """
                \(principal.described) joins and declines more often than \
                \(quota.joinsPerSecond) times a second, as it may; ask again later.
                """)
        }
    }

    mutating func countJoin(_ principal: Principal) {
        keys[principal.id]?.allowance -= 1
    }

    /// Counts what a key is about to make, unless that is more than it may.
    ///
    /// - Returns: what to write down; `nil` for who is not limited.
    mutating func countMade(
        populations: Int = 0, members: Int, by principal: Principal
    ) throws(WireError) -> KeyRecord? {
        guard var record = keys[principal.id]?.record else { return nil }
        record.madePopulations += populations
        record.madeMembers += members
        guard record.madePopulations <= record.quota.populations else {
            throw WireError(
                .limit,
                """
                \(principal.described) may make \(record.quota.populations) populations, and has \
                made them; ask for a new invitation.
                """)
        }
        guard record.madeMembers <= record.quota.members else {
            throw WireError(
                .limit,
                """
                \(principal.described) may make \(record.quota.members) members, of which \
                \(record.quota.members - record.madeMembers + members) are left; ask for a new \
                invitation.
                """)
        }
        keys[principal.id]?.record = record
        return record
    }
}

extension KeyRecord {
    func isExpired(at now: Moment) -> Bool { expires.map { $0 <= now.wall } ?? false }

    /// Since when it has been refused; `nil` while it is good.
    fileprivate func end(at now: Moment) -> Int64? {
        revoked ?? (isExpired(at: now) ? expires : nil)
    }
}

extension Quota {
    /// What a key may use up unless its invitation says something else.
    static func usual(for role: Role) -> Quota {
        switch role {
        case .worker:
            Quota(outstanding: 256, joinsPerSecond: 50, populations: 1, members: 10_000)
        case .monitor:
            Quota(outstanding: 64, joinsPerSecond: 0, populations: 0, members: 0)
        case .admin:
            Quota(outstanding: 256, joinsPerSecond: 50, populations: 1000, members: 1_000_000)
        }
    }

    /// The most leases at once: a cluster's workers come together.
    var rush: Int { 100 * min(joinsPerSecond, Int(Limits.quota)) }
}
