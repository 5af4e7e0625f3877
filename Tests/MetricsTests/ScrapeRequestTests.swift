import Testing

@testable import Metrics

struct ScrapeRequestTests {
    /// The status that a request gets, by its first word.
    private func status(_ lines: String..., isLoopback: Bool = true) -> String {
        let head = Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
        #expect(ScrapeRequest.isWhole(head))
        switch ScrapeRequest.verdict(on: head, isLoopback: isLoopback) {
        case .page: return "200"
        case .refusal(let status, _, _): return String(status.prefix(3))
        }
    }

    @Test(arguments: [
        "localhost", "localhost:9464", "LocalHost:1", "127.0.0.1", "127.0.0.1:9464", "127.1.2.3:80",
        "[::1]", "[::1]:9464",
    ])
    func `Whoever asks this machine for the metrics gets them`(host: String) {
        #expect(status("GET /metrics HTTP/1.1", "Host: \(host)") == "200")
        #expect(status("GET /metrics?x=y HTTP/1.1", "accept: */*", "HOST:\(host) ") == "200")
    }

    @Test(arguments: [
        "evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
        "192.0.2.1", "[2001:db8::1]:9464", "", "localhost@evil.example",
    ])
    func `By another name the loopback is not asked`(host: String) {
        #expect(status("GET /metrics HTTP/1.1", "Host: \(host)") == "403")
        #expect(status("GET /metrics HTTP/1.1", "Host: \(host)", isLoopback: false) == "200")
    }

    @Test(arguments: [
        "/", "/metrics/", "/metrics/..", "/../metrics", "//metrics", "/%6detrics", "/METRICS",
        "http://localhost/metrics", "*", "", "/metrics%00",
    ])
    func `There is no other path`(path: String) {
        #expect(status("GET \(path) HTTP/1.1", "Host: localhost") == "404")
    }

    @Test(arguments: ["POST", "HEAD", "PUT", "DELETE", "OPTIONS", "get", ""])
    func `Metrics are only read`(method: String) {
        #expect(status("\(method) /metrics HTTP/1.1", "Host: localhost") == "405")
    }

    @Test func `What is not HTTP, or names no host or two, is refused`() {
        #expect(status("GET /metrics") == "400")
        #expect(status("GET  /metrics HTTP/1.1", "Host: localhost") == "400")
        #expect(status("GET /metrics HTTP/2", "Host: localhost") == "400")
        #expect(status("GET /metrics HTTP/1.1") == "400")
        #expect(
            status("GET /metrics HTTP/1.1", "Host: localhost", "Host: evil.example") == "400")
        #expect(status("\u{0}\u{ff}\u{fffd}") == "400")
    }

    @Test func `A head ends with an empty line`() {
        #expect(!ScrapeRequest.isWhole([]))
        #expect(!ScrapeRequest.isWhole(Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\n".utf8)))
        #expect(ScrapeRequest.isWhole(Array("GET / HTTP/1.1\r\n\r\nmore".utf8)))
    }

    @Test func `An answer has the length of its body, and says that the connection ends`() {
        let answer = String(
            decoding: ScrapeRequest.Verdict.page.answer("é 1\n"), as: UTF8.self)
        #expect(
            answer == """
                HTTP/1.1 200 OK\r
                Content-Type: text/plain; version=0.0.4; charset=utf-8\r
                Content-Length: 5\r
                Cache-Control: no-store\r
                X-Content-Type-Options: nosniff\r
                Connection: close\r
                \r
                é 1

                """)
    }
}
