import HTTP

/// Who may look: whoever has the token, and comes from the page itself.
struct Gate: Sendable {
    let token: String
    let port: Int
    /// The names by which browsers reach it. Another one is of somebody who has a browser ask here.
    let names: Set<String>

    /// Ports are not told apart by cookies.
    var cookie: String { "murmur-web-\(port)" }

    enum Decision: Equatable {
        case enter
        /// The token is right: put it into a cookie, and out of the address.
        case welcome
        case refuse(HTTPStatus, String)
    }

    init(token: String, port: Int, names: [String]) {
        self.token = token
        self.port = port
        self.names = Set(names.map { $0.lowercased() })
    }

    static let loopbackNames = ["127.0.0.1", "localhost", "::1"]

    func decide(_ request: HTTPRequest) -> Decision {
        guard let host = request["host"], isOurs(host) else {
            return .refuse(
                .misdirected,
                """
                This page is not served under that name; open the address that murmur web printed, \
                or name the host with --name.
                """)
        }
        if let origin = request["origin"], !isOurs(origin: origin, host: host) {
            return .refuse(.forbidden, "Another page may not read this one.")
        }
        if let site = request["sec-fetch-site"], !["same-origin", "none"].contains(site),
            request.path.first == "api"
        {
            return .refuse(.forbidden, "Another page may not read this one.")
        }
        if hasToken(request) { return .enter }
        if request.path.isEmpty, let token = request.query["token"], isRight(token) {
            return .welcome
        }
        return .refuse(
            .unauthorized, "Open the address that murmur web printed: it has the token.")
    }

    private func hasToken(_ request: HTTPRequest) -> Bool {
        if let bearer = request["authorization"], bearer.hasPrefix("Bearer ") {
            return isRight(String(bearer.dropFirst("Bearer ".count)))
        }
        let pairs = (request["cookie"] ?? "").split(separator: ";")
        return pairs.contains { pair in
            let parts = pair.trimmingPrefix { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == cookie && isRight(String(parts[1]))
        }
    }

    /// Takes as long for each wrong one.
    private func isRight(_ text: String) -> Bool {
        let (one, other) = (Array(text.utf8), Array(token.utf8))
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func isOurs(_ host: String) -> Bool {
        let (name, port) = Self.parts(of: host.lowercased())
        guard names.contains(name) else { return false }
        // Before a proxy there is another port.
        return port == nil || port == self.port || !Self.loopbackNames.contains(name)
    }

    private func isOurs(origin: String, host: String) -> Bool {
        ["http://", "https://"].contains { origin.lowercased() == $0 + host.lowercased() }
    }

    static func parts(of host: String) -> (name: String, port: Int?) {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let name = String(host[host.index(after: host.startIndex)..<end])
            let rest = host[host.index(after: end)...]
            return (name, rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil)
        }
        let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? Int(parts[1]) ?? -1 : nil)
    }
}
