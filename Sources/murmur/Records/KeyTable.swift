import Foundation
import Histories
import Murmuration

/// Says which keys there are, for people and for scripts.
enum KeyTable {
    /// So many digits of an id are shown.
    static let idLength = 12

    static func table(_ keys: [InvitedKey], at time: Date = Date()) -> TextTable {
        var table = TextTable(
            headings: [
                "key", "role", "populations", "label", "invited", "expires", "state", "leases",
            ], rightAligned: [7])
        for key in keys.sorted(by: { $0.created < $1.created }) {
            table.rows.append([
                String(key.id.prefix(idLength)), key.role.rawValue,
                key.populations.map { $0.map(Terminal.escaped).joined(separator: ", ") } ?? "all",
                key.label.isEmpty ? "-" : Terminal.escaped(key.label), text(key.created),
                key.expires.map(text) ?? "never", state(of: key, at: time), "\(key.leases)",
            ])
        }
        return table
    }

    static func state(of key: InvitedKey, at time: Date) -> String {
        if key.revoked != nil { return "revoked" }
        return key.isGood(at: time) ? "good" : "expired"
    }

    static func json(_ keys: [InvitedKey], at time: Date = Date()) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        let data = try encoder.encode(keys.map { Row($0, at: time) })
        return String(decoding: data, as: UTF8.self)
    }

    private struct Row: Encodable {
        var key: String
        var role: String
        /// All when it is missing.
        var populations: [String]?
        var label: String
        var invited: Date
        var expires: Date?
        var revoked: Date?
        var state: String
        var leases: Int
        var madePopulations: Int
        var madeMembers: Int
        /// By the names of the options that set them.
        var maxRequests: Int?
        var maxJoins: Int?
        var maxPopulations: Int?
        var maxMembers: Int?

        init(_ key: InvitedKey, at time: Date) {
            self.key = key.id
            role = key.role.rawValue
            populations = key.populations
            label = key.label
            invited = key.created
            expires = key.expires
            revoked = key.revoked
            state = KeyTable.state(of: key, at: time)
            leases = key.leases
            madePopulations = key.madePopulations
            madeMembers = key.madeMembers
            maxRequests = key.quota.outstanding
            maxJoins = key.quota.joinsPerSecond
            maxPopulations = key.quota.populations
            maxMembers = key.quota.members
        }
    }

    static func sentence(inviting key: InvitedKey) -> String {
        let end = key.expires.map { "until \(text($0))" } ?? "until it is revoked"
        return """
            Key \(key.id.prefix(idLength)) is invited as \(described(key)), \(end). The address \
            holds its secret, which is shown this once.
            """
    }

    static func sentence(revoking key: InvitedKey) -> String {
        "Key \(key.id.prefix(idLength)), \(described(key)), is revoked; its leases and boards end."
    }

    private static func described(_ key: InvitedKey) -> String {
        guard key.role != .admin else { return "an admin" }
        let names = key.populations?.map(Terminal.escaped).joined(separator: ", ")
        return "a \(key.role.rawValue) of \(names ?? "all populations")"
    }

    private static func text(_ time: Date) -> String {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.dateFormat = "yyyy-MM-dd HH:mm"
        return form.string(from: time)
    }
}
