import Foundation
import Messages
import ZeroMQ

// Keys: who is let in besides the holders of the secret.
extension Administrator {
    /// Lets somebody in, with a new key.
    ///
    /// The key is made here, and the coordinator is told its public half only. Whoever has the URL
    /// may do what the invitation says: pass it on as a secret.
    ///
    /// - Parameters:
    ///   - role: what it may do.
    ///   - populations: of a worker or a monitor; `nil` for all. They need not be there yet.
    ///   - lifetime: whole seconds until it is refused; `nil` for never.
    ///   - label: for people: who has it.
    ///   - quota: how much it may do at once.
    ///   - host: by which the coordinator is reached; by default where it listens, or, when that is
    ///     everywhere, as this administrator reached it, or this machine's name.
    /// - Returns: `murmur://invited:…@HOST:PORT[/POPULATION]`, and the key as it is listed.
    /// - Throws: ``MurmurationError/conflict(_:)`` when the coordinator lets nobody in by invitation.
    public func invite(
        _ role: Role, to populations: [String]?, for lifetime: Duration? = nil,
        label: String = "", quota: KeyQuota = KeyQuota(), host: String? = nil
    ) async throws -> (url: String, key: InvitedKey) {
        let pair = KeyPair.random()
        var request = WireInvite()
        request.key = Limits.newKey()
        request.publicKey = Data(pair.publicKey.bytes)
        request.role = role.wire
        request.populations = populations ?? []
        request.allPopulations = populations == nil && role != .admin
        if let lifetime {
            request.expiresAfterSeconds = UInt64(clamping: lifetime.components.seconds)
        }
        request.label = label
        request.quota = quota.wire
        guard case .invited(let invited) = try await ask(.invite(request)).body,
            let key = InvitedKey(invited.key), let port = UInt16(exactly: invited.port),
            invited.serverKey.count == Limits.publicKeyBytes
        else { throw MurmurationError.unexpectedAnswer }
        let invitation = Invitation(
            clientSecretKey: pair.secretKey.bytes, serverPublicKey: [UInt8](invited.serverKey))
        let population = populations.flatMap { $0.count == 1 ? $0[0] : nil }
        let found = self.host(of: invited, at: await connection.currentAddress)
        let url = Address(
            credential: .invitation(invitation), host: host ?? found, port: port,
            population: population)
        return (url.text, key)
    }

    private func host(of invited: WireInvited, at address: Address) -> String {
        if !invited.host.isEmpty { return invited.host }
        return address.isLoopback ? ProcessInfo.processInfo.hostName : address.host
    }

    /// All keys that were invited, by id, with those that were revoked.
    public func keys() async throws -> [InvitedKey] { try await questions.keys() }

    /// Refuses a key from now on, and ends its leases and subscriptions.
    ///
    /// - Parameter id: of the key, or enough of its beginning.
    /// - Throws: ``MurmurationError/invalid(_:)`` when that is no key, or several.
    @discardableResult
    public func revokeKey(_ id: String) async throws -> InvitedKey {
        let beginning = id.lowercased()
        let found = try await keys().filter { $0.id.hasPrefix(beginning) }
        guard !beginning.isEmpty, let key = found.first else {
            throw MurmurationError.invalid(
                "There is no key that begins with '\(id)'; murmur keys list shows them.")
        }
        guard found.count == 1 else {
            throw MurmurationError.invalid(
                "\(found.count) keys begin with '\(id)'; write more of the one that is meant.")
        }
        var request = WireRevokeKey()
        request.key = Limits.newKey()
        request.publicKey = key.publicKey
        guard case .key(let revoked) = try await ask(.revokeKey(request)).body,
            let key = InvitedKey(revoked)
        else { throw MurmurationError.unexpectedAnswer }
        return key
    }
}

extension Questions {
    /// All keys, by id, in as many pages as it takes.
    package func keys() async throws -> [InvitedKey] {
        var all: [InvitedKey] = []
        var list = WireListKeys()
        while true {
            guard case .keys(let page) = try await ask(.listKeys(list)).body else {
                throw MurmurationError.unexpectedAnswer
            }
            all += page.keys.compactMap(InvitedKey.init)
            guard page.more, let last = page.keys.last else { return all }
            list.after = last.publicKey
        }
    }
}
