import Testing

@testable import Metrics

struct MetricsAddressTests {
    @Test(arguments: [
        ("9464", "127.0.0.1:9464", true), ("0", "127.0.0.1:0", true),
        ("localhost:65535", "127.0.0.1:65535", true), ("127.0.0.1:1", "127.0.0.1:1", true),
        ("[::1]:9464", "[::1]:9464", true), ("0.0.0.0:9464", "0.0.0.0:9464", false),
        ("[::]:9464", "[::]:9464", false), ("192.0.2.7:9464", "192.0.2.7:9464", false),
    ])
    func `A port is one of the loopback, unless an address is named`(
        text: String, address: String, isLoopback: Bool
    ) throws {
        let read = try #require(MetricsAddress(text))
        #expect("\(read)" == address)
        #expect(read.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", ":", "x", "-1", "+1", "65536", "9464 ", "0x10", ":9464", "host:9464", "::1:9464",
        "[::1]9464", "[::1]", "[127.0.0.1]:1", "0.0.0.0:", "0.0.0.0", "١٢",
    ])
    func `Anything else is no place for metrics`(text: String) {
        #expect(MetricsAddress(text) == nil)
    }
}
