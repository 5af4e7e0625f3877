import Messages

/// What is answered to the head of an HTTP request: the page, to `GET /metrics`, and nothing else.
struct ScrapeRequest {
    /// A head that is longer is refused.
    static let mostBytes = 8192

    enum Verdict: Hashable {
        case page
        case refusal(status: String, sentence: String, allow: String? = nil)
    }

    /// Whether a head is whole: an empty line ends it.
    static func isWhole(_ head: [UInt8]) -> Bool {
        let end: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a]
        guard head.count >= end.count else { return false }
        return head.suffix(end.count).elementsEqual(end) || head.contains(sequence: end)
    }

    /// - Parameter isLoopback: whether only this machine reaches it. A page in somebody's browser there
    ///   could do so too, by a name of its own that leads here; such a name shows in the head.
    static func verdict(on head: [UInt8], isLoopback: Bool) -> Verdict {
        let lines = String(decoding: head, as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            return .refusal(
                status: "400 Bad Request", sentence: "This is not HTTP/1.1; ask with that.")
        }
        let hosts = lines.dropFirst().prefix { !$0.isEmpty }.compactMap(host)
        guard hosts.count == 1 else {
            return .refusal(
                status: "400 Bad Request", sentence: "A request has one Host; send it.")
        }
        guard !isLoopback || Address.isLoopback(withoutPort(hosts[0])) else {
            return .refusal(
                status: "403 Forbidden",
                sentence: "This is for this machine alone; ask for http://localhost.")
        }
        guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else {
            return .refusal(
                status: "404 Not Found", sentence: "There is nothing else here than /metrics.")
        }
        guard words[0] == "GET" else {
            return .refusal(
                status: "405 Method Not Allowed", sentence: "Metrics are only read, with GET.",
                allow: "GET")
        }
        return .page
    }

    private static func host(_ line: Substring) -> Substring? {
        guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "host" else {
            return nil
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return value.lastIndex { $0 != " " && $0 != "\t" }.map { value[...$0] } ?? ""
    }

    /// `localhost` of `localhost:9464`, and `::1` of `[::1]:9464`.
    private static func withoutPort(_ host: Substring) -> String {
        if host.first == "[" { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }
}

extension ScrapeRequest.Verdict {
    /// The whole answer.
    ///
    /// - Parameter page: what is told to whoever asks for the metrics.
    func answer(_ page: String) -> [UInt8] {
        switch self {
        case .page:
            Self.message(
                "200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")], page)
        case .refusal(let status, let sentence, let allow):
            Self.message(
                status,
                [("Content-Type", "text/plain; charset=utf-8")]
                    + [allow.map { ("Allow", $0) }].compactMap(\.self),
                sentence + "\n")
        }
    }

    private static func message(
        _ status: String, _ headers: [(String, String)], _ body: String
    ) -> [UInt8] {
        let body = Array(body.utf8)
        let all =
            headers + [
                ("Content-Length", "\(body.count)"), ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"), ("Connection", "close"),
            ]
        let head = all.reduce("HTTP/1.1 \(status)\r\n") { $0 + "\($1.0): \($1.1)\r\n" } + "\r\n"
        return Array(head.utf8) + body
    }
}

extension [UInt8] {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        indices.dropLast(sequence.count - 1).contains { self[$0...].starts(with: sequence) }
    }
}
