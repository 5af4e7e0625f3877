import Messages
import Testing

struct AddressTests {
    @Test(
        "An address is read and printed",
        arguments: [
            ("murmur://localhost:7000", Address(host: "localhost", port: 7000)),
            ("murmur://localhost", Address(host: "localhost", port: 7777)),
            (
                "murmur://10.0.0.1:1/digits",
                Address(host: "10.0.0.1", port: 1, population: "digits")
            ),
            ("murmur://s3cret@host:65535", Address(secret: "s3cret", host: "host", port: 65535)),
            ("murmur://a%40b%2Fc%25%C3%A9@host", Address(secret: "a@b/c%é", host: "host")),
            ("murmur://a@b:c@host", Address(secret: "a@b:c", host: "host")),
            ("murmur://[::1]:7000/p", Address(host: "::1", port: 7000, population: "p")),
            ("murmur://[fe80::1%eth0]", Address(host: "fe80::1%eth0")),
            ("MURMUR://host/", Address(host: "host")),
        ])
    func reads(text: String, address: Address) throws {
        #expect(try Address(text) == address)
        #expect(try Address(address.text) == address)
    }

    @Test(
        "What is not an address is refused with one sentence",
        arguments: [
            "", "localhost:7777", "http://localhost", "murmur://", "murmur://:7777",
            "murmur://@host", "murmur://host:", "murmur://host:0", "murmur://host:65536",
            "murmur://host:+7", "murmur://host:7777x", "murmur://::1:7777", "murmur://[::1",
            "murmur://[host]", "murmur://[::1]7777", "murmur://ho st", "murmur://a%4@host",
            "murmur://a%FF@host", "murmur://host/a/b", "murmur://host/a b", "murmur://host?x",
            "murmur://host#x", "murmur://hôst",
        ])
    func refuses(text: String) throws {
        let error = try #require(throws: AddressError.self) { try Address(text) }
        #expect(error.description.hasSuffix("."))
        #expect(!error.description.dropLast().contains(". "))
    }

    @Test("A secret is never printed, not even of an address that is wrong")
    func redacts() throws {
        let address = try Address("murmur://hunter2@host:7000/p")
        #expect("\(address)" == "murmur://host:7000/p")
        #expect(String(reflecting: address) == "murmur://host:7000/p")
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        for text in [
            "murmur://hunter2@host:x", "murmur://hunter2@", "murmur://a/hunter2@host",
            "murmur://hunter2%@host", "murmur://hunter2?@host", "hunter2@host",
        ] {
            let error = #expect(throws: AddressError.self) { try Address(text) }
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test("libzmq is given a version 6 address in brackets")
    func endpoint() throws {
        #expect(try Address("murmur://[::1]:70").endpoint == "tcp://[::1]:70")
        #expect(try Address("murmur://s@host:70/p").endpoint == "tcp://host:70")
    }

    @Test("Only this machine is loopback")
    func loopback() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1"] {
            #expect(Address(host: host).isLoopback)
        }
        for host in [
            "0.0.0.0", "::", "127.0.0.1.example.org", "127.example.org.x", "128.0.0.1", "*",
            "127.0.0.999",
        ] {
            #expect(!Address(host: host).isLoopback)
        }
    }
}
