import Messages
import Records

/// Who sent a request, as the connection proved that it came by. What the request says of itself
/// counts for nothing here.
struct Principal: Hashable, Sendable {
    /// Owns leases and answers. Of a key it is ``KeyText/id(of:)``.
    let id: String
    let role: Role
    /// `nil` for all.
    let populations: Set<String>?

    /// Whoever has the shared secret, and everybody where nothing is encrypted: they are one.
    static let shared = Principal(id: "", role: .admin, populations: nil)

    /// Whether it may learn that there is such a population, and all else about it.
    func mayRead(_ population: String) -> Bool {
        populations?.contains(population) ?? true
    }

    /// Refuses what its role does not include.
    func demand(_ permission: Permission) throws(WireError) {
        guard role.includes(permission) else {
            throw .unauthorized(
                "\(described) may not \(permission.verb); ask for an invitation that may.")
        }
    }

    /// Refuses a population that it may not know of, whether there is one or not.
    func demand(population: String) throws(WireError) {
        guard mayRead(population) else {
            throw .unauthorized(
                "\(described) has nothing to do with '\(population)'; ask for an invitation to it.")
        }
    }

    /// For sentences.
    var described: String {
        guard self != .shared else { return "The shared secret" }
        let names = populations.map { names in
            let sorted = names.sorted()
            return "of " + sorted.prefix(3).joined(separator: ", ")
                + (sorted.count > 3 ? ", …" : "")
        }
        return "This key (\(id.prefix(Keyring.shortID)), \(role.noun) \(names ?? "of everything"))"
    }
}

/// What a request needs to be allowed.
enum Permission {
    case greet
    /// Look at a population.
    case read
    /// Have members, and report for them.
    case train
    /// Make and steer populations, invite and revoke.
    case administer

    fileprivate var verb: String {
        switch self {
        case .greet: "connect"
        case .read: "look at populations"
        case .train: "train members"
        case .administer: "make or change populations and keys"
        }
    }
}

extension Role {
    fileprivate func includes(_ permission: Permission) -> Bool {
        switch (self, permission) {
        case (_, .greet), (_, .read), (.worker, .train), (.admin, _): true
        case (.worker, .administer), (.monitor, .train), (.monitor, .administer): false
        }
    }

    var noun: String {
        switch self {
        case .worker: "a worker"
        case .monitor: "a monitor"
        case .admin: "an administrator"
        }
    }
}

extension WireRequest.OneOf_Body {
    var permission: Permission {
        switch self {
        // A heartbeat renews only leases that one has.
        case .hello, .heartbeat: .greet
        case .join, .report, .decline, .leave: .train
        case .listPopulations, .getLeaderboard, .getHistory, .getSchedule, .subscribe: .read
        case .createPopulation, .changePopulation, .invite, .listKeys, .revokeKey: .administer
        }
    }
}
