import Testing

@testable import HTTP
@testable import Web

struct GateTests {
    private let gate = Gate(
        token: "abc", port: 8787, names: Gate.loopbackNames + ["Board.example.org"])

    private func decide(
        _ path: String = "/api/state", host: String? = "localhost:8787", _ headers: [String] = []
    ) throws -> Gate.Decision {
        let lines = ["GET \(path) HTTP/1.1"] + (host.map { ["Host: \($0)"] } ?? []) + headers
        return gate.decide(try HTTPRequest(head: lines.joined(separator: "\r\n").utf8))
    }

    private func status(_ decision: Gate.Decision) -> HTTPStatus? {
        if case .refuse(let status, _) = decision { status } else { nil }
    }

    private let cookie = "Cookie: x=y; murmur-web-8787=abc"

    @Test func `Who has the token may look, and gets it as a cookie`() throws {
        #expect(try decide("/?token=abc") == .welcome)
        #expect(try decide(host: "localhost:8787", [cookie]) == .enter)
        #expect(try decide(host: "127.0.0.1:8787", ["Authorization: Bearer abc"]) == .enter)
        #expect(try decide(host: "[::1]:8787", [cookie]) == .enter)
        #expect(try decide(host: "board.example.org", [cookie]) == .enter)
        #expect(try decide(host: "BOARD.example.org:443", [cookie]) == .enter)
    }

    @Test(arguments: [
        "/?token=abd", "/?token=ab", "/?token=", "/", "/api/state?token=abc", "/x?token=abc",
    ])
    func `Who has another token, or none, may not`(_ path: String) throws {
        #expect(status(try decide(path)) == .unauthorized)
    }

    @Test(arguments: [
        "evil.example", "localhost:1", "localhost:8787:8787", "localhost.evil.example:8787",
        "127.0.0.1@evil.example", "", "[::1", "board.example.org.evil.example",
    ])
    func `Another name is not answered`(_ host: String) throws {
        #expect(status(try decide(host: host, [cookie])) == .misdirected)
    }

    @Test func `A request without a name is not answered`() throws {
        #expect(status(try decide(host: nil, [cookie])) == .misdirected)
    }

    @Test(arguments: [
        ("Origin: http://localhost:8787", true), ("Origin: https://localhost:8787", true),
        ("Origin: http://localhost:8788", false), ("Origin: http://127.0.0.1:8787", false),
        ("Origin: null", false), ("Origin: https://evil.example", false),
        ("Sec-Fetch-Site: cross-site", false), ("Sec-Fetch-Site: same-origin", true),
    ])
    func `Another page may not ask`(_ header: String, isOurs: Bool) throws {
        #expect((try decide(host: "localhost:8787", [cookie, header]) == .enter) == isOurs)
    }

    @Test func `Tokens differ, and are long`() {
        let (one, other) = (Token.random(), Token.random())
        #expect(one != other)
        #expect(one.utf8.count == 32)
    }
}
