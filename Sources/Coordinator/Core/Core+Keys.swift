import Foundation
import Messages
import Records

// Keys: who is let in besides the holders of the secret, and what for.
extension Core {
    mutating func invite(
        _ invitation: WireInvite, at now: Moment
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard let endpoint = settings.invitations else {
            throw WireError(
                .conflict,
                "This coordinator lets nobody in by invitation; start it with --invitations.")
        }
        let record = try KeyRecord(invitation, at: now)
        guard record.publicKey != endpoint.ownerKey else {
            throw WireError(.conflict, "This key is the owner's, who is let in anyway.")
        }
        if let forgotten = try keyring.add(record, at: now) {
            self.record(.forgetKey(forgotten.publicKey))
        }
        self.record(.key(record))
        logger.notice(
            "a key is invited",
            metadata: [
                "key": "\(KeyText.id(of: record.publicKey).prefix(Keyring.shortID))",
                "role": "\(record.role)",
                "populations": "\(record.populations?.joined(separator: " ") ?? "all")",
            ])
        var invited = WireInvited()
        invited.key = describe(record, heldLeases(), at: now)
        invited.serverKey = Data(endpoint.serverKey)
        invited.port = UInt32(endpoint.port)
        invited.host = endpoint.host
        return .invited(invited)
    }

    /// Ends all that goes on under a key.
    mutating func revoke(
        _ publicKey: Data, at now: Moment
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard let record = keyring.revoke([UInt8](publicKey), at: now) else {
            throw WireError(.invalid, "There is no such key; murmur keys list shows them.")
        }
        self.record(.key(record))
        endLeases(of: KeyText.id(of: record.publicKey), at: now)
        logger.notice(
            "a key is revoked",
            metadata: ["key": "\(KeyText.id(of: record.publicKey).prefix(Keyring.shortID))"])
        return .key(describe(record, heldLeases(), at: now))
    }

    /// Ends all that goes on under keys whose time is over.
    mutating func expireKeys(at now: Moment) {
        for id in keyring.expire(at: now) {
            logger.notice("a key has expired", metadata: ["key": "\(id.prefix(Keyring.shortID))"])
            endLeases(of: id, at: now)
        }
    }

    private mutating func endLeases(of owner: String, at now: Moment) {
        let tokens = leases.filter { $0.value.isLive && $0.value.record.owner == owner }.keys
        for token in tokens.sorted() { end(token, because: .lapsed, at: now) }
    }

    mutating func takeAdmissions() -> [Keyring.Admission] { keyring.takeNews() }

    func keys(after publicKey: Data, at now: Moment) -> WireKeys {
        var page = WireKeys()
        let records = keyring.records(after: KeyText.id(of: [UInt8](publicKey)))
        var room = Page()
        let held = heldLeases()
        for record in records.prefix(Limits.keysPerPage) {
            let key = describe(record, held, at: now)
            guard room.take(key) else { break }
            page.keys.append(key)
        }
        page.more = records.count > page.keys.count
        return page
    }

    /// How many live leases each owner has. One look at all of them does for a page of keys.
    private func heldLeases() -> [String: Int] {
        leases.values.reduce(into: [:]) { held, lease in
            if lease.isLive { held[lease.record.owner, default: 0] += 1 }
        }
    }

    private func describe(
        _ record: KeyRecord, _ held: [String: Int], at now: Moment
    ) -> WireKey {
        var key = WireKey()
        key.publicKey = Data(record.publicKey)
        key.role = WireRole(record.role)
        key.populations = record.populations ?? []
        key.allPopulations = record.populations == nil
        key.label = record.label
        key.createdMilliseconds = record.created
        key.expiresMilliseconds = record.expires ?? 0
        if keyring.hasExpired(record) {
            // Also after the clock was set back, when it would seem to be good again.
            key.expiresMilliseconds = min(key.expiresMilliseconds, now.wall)
        }
        key.revokedMilliseconds = record.revoked ?? 0
        key.quota.outstanding = UInt64(record.quota.outstanding)
        key.quota.joinsPerSecond = UInt64(record.quota.joinsPerSecond)
        key.quota.populations = UInt64(record.quota.populations)
        key.quota.members = UInt64(record.quota.members)
        key.madePopulations = UInt64(record.madePopulations)
        key.madeMembers = UInt64(record.madeMembers)
        key.leases = UInt64(held[KeyText.id(of: record.publicKey)] ?? 0)
        return key
    }

    // MARK: Subscriptions

    /// - Parameter user: whose connection it is; what it may read is looked at again with each
    ///   message.
    mutating func subscribe(
        _ subscribe: WireSubscribe, from peer: Peer, as user: String, _ principal: Principal,
        at now: Moment
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard subscribe.topics.count <= Limits.topics,
            subscribe.topics.allSatisfy({ $0.utf8.count <= Limits.topicBytes })
        else {
            throw WireError(
                .limit,
                """
                A subscription has at most \(Limits.topics) topics of \(Limits.topicBytes) bytes; \
                subscribe to less, or to all with the empty one.
                """)
        }
        for topic in subscribe.topics {
            guard let end = topic.lastIndex(of: "/") else { continue }
            try principal.demand(population: String(topic[..<end]))
        }
        note(
            Subscription(
                user: user, topics: subscribe.topics, end: now.uptime + settings.lease),
            of: peer)
        var subscribed = WireSubscribed()
        subscribed.milliseconds = UInt32(settings.lease.milliseconds)
        return .subscribed(subscribed)
    }
}

extension KeyRecord {
    /// The key that an invitation is about.
    fileprivate init(_ invitation: WireInvite, at now: Moment) throws(WireError) {
        let publicKey = [UInt8](invitation.publicKey)
        guard publicKey.count == Limits.publicKeyBytes else {
            throw WireError(
                .invalid,
                "A public key has \(Limits.publicKeyBytes) bytes; this one \(publicKey.count).")
        }
        guard let role = Role(invitation.role) else {
            throw WireError(
                .invalid, "The role is none of worker, monitor and admin; choose one of them.")
        }
        let names = Set(invitation.populations)
        guard names.count <= Limits.invitedPopulations else {
            throw WireError(
                .limit,
                "An invitation names at most \(Limits.invitedPopulations) populations; make several."
            )
        }
        if let name = names.sorted().first(where: { !Limits.isName($0) }) {
            throw WireError(
                .invalid,
                """
                '\(name)' cannot name a population; use 1 to \(Limits.nameBytes) letters, digits, \
                dots, dashes and underscores.
                """)
        }
        let isForAll = invitation.allPopulations || role == .admin
        guard names.isEmpty == isForAll else {
            throw WireError(
                .invalid,
                isForAll
                    ? "An administrator, or who has all populations, is invited without names."
                    : "Whom the invitation is for needs a population; name one, or all.")
        }
        guard !invitation.label.containsZeroByte else {
            throw WireError(.invalid, "A label has no zero bytes, which the journal cannot keep.")
        }
        guard invitation.label.utf8.count <= Limits.labelBytes else {
            throw WireError(
                .limit, "A label has at most \(Limits.labelBytes) bytes; shorten it.")
        }
        var expires: Int64?
        if invitation.hasExpiresAfterSeconds {
            let seconds = invitation.expiresAfterSeconds
            guard (1...Limits.invitationSeconds).contains(seconds) else {
                throw WireError(
                    .invalid,
                    "An invitation expires after a second to ten years; leave it out for never.")
            }
            expires = now.wall + Int64(seconds) * 1000
        }
        self.init(
            publicKey: publicKey, role: role,
            populations: isForAll ? nil : names.sorted(), label: invitation.label,
            created: now.wall, expires: expires,
            quota: try Quota(invitation.quota, of: role))
    }
}

extension Quota {
    fileprivate init(_ quota: WireQuota, of role: Role) throws(WireError) {
        self = .usual(for: role)
        func checked(_ number: UInt64) throws(WireError) -> Int {
            guard number <= Limits.quota else {
                throw WireError(
                    .invalid, "A limit of a key is at most \(Limits.quota); lower it.")
            }
            return Int(number)
        }
        if quota.hasOutstanding { outstanding = max(1, try checked(quota.outstanding)) }
        if quota.hasJoinsPerSecond { joinsPerSecond = try checked(quota.joinsPerSecond) }
        if quota.hasPopulations { populations = try checked(quota.populations) }
        if quota.hasMembers { members = try checked(quota.members) }
    }
}

extension Role {
    fileprivate init?(_ role: WireRole) {
        switch role {
        case .worker: self = .worker
        case .monitor: self = .monitor
        case .admin: self = .admin
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension WireRole {
    fileprivate init(_ role: Role) {
        switch role {
        case .worker: self = .worker
        case .monitor: self = .monitor
        case .admin: self = .admin
        }
    }
}
