import Testing

@testable import HTTP

struct HTTPRequestTests {
    private func request(_ text: String) throws(HTTPRequest.Refusal) -> HTTPRequest {
        try HTTPRequest(head: text.replacing("\n", with: "\r\n").utf8)
    }

    @Test func `A request is a method, parts of a path, a query and headers`() throws {
        let request = try request(
            "GET /api/populations/a%20b/board?limit=10&x=a+b%26&limit=20 HTTP/1.1\nHost: localhost:1\nX-Y:z "
        )
        #expect(request.method == .get)
        #expect(request.path == ["api", "populations", "a b", "board"])
        #expect(request.query == ["limit": "20", "x": "a b&"])
        #expect(request["HOST"] == "localhost:1")
        #expect(request["x-y"] == "z")
        #expect(request.keepsAlive)
    }

    @Test(arguments: [
        ("GET / HTTP/1.0", false), ("GET / HTTP/1.0\nConnection: keep-alive", true),
        ("GET / HTTP/1.1\nConnection: close", false), ("HEAD / HTTP/1.1", true),
    ])
    func `A connection is used again unless somebody says otherwise`(
        _ text: String, keepsAlive: Bool
    ) throws {
        #expect(try request(text).keepsAlive == keepsAlive)
    }

    @Test(arguments: [
        ("", HTTPStatus.badRequest), ("GET /", .badRequest), ("GET  / HTTP/1.1", .badRequest),
        ("GET / HTTP/2", .badRequest), ("GET example.org HTTP/1.1", .badRequest),
        ("POST / HTTP/1.1", .methodNotAllowed), ("get / HTTP/1.1", .methodNotAllowed),
        ("GET /../a HTTP/1.1", .badRequest), ("GET /%2e%2e/a HTTP/1.1", .badRequest),
        ("GET /a%2Fb HTTP/1.1", .badRequest), ("GET /a%5Cb HTTP/1.1", .badRequest),
        ("GET /%00 HTTP/1.1", .badRequest), ("GET /%zz HTTP/1.1", .badRequest),
        ("GET /?a=%f HTTP/1.1", .badRequest), ("GET / HTTP/1.1\nHost", .badRequest),
        ("GET / HTTP/1.1\n: a", .badRequest), ("GET / HTTP/1.1\n Host: a", .badRequest),
        ("GET / HTTP/1.1\nHost: a\nHost: b", .badRequest),
        ("GET / HTTP/1.1\nCookie: a\nCookie: b", .badRequest),
        ("GET / HTTP/1.1\nContent-Length: 1", .contentTooLarge),
        ("GET / HTTP/1.1\nTransfer-Encoding: identity", .contentTooLarge),
    ])
    func `What is no plain question is refused`(_ text: String, status: HTTPStatus) throws {
        let refusal = #expect(throws: HTTPRequest.Refusal.self) { try request(text) }
        #expect(refusal?.status == status)
    }
}
