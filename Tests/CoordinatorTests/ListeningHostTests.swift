import Testing
import ZeroMQ

@testable import Coordinator

/// Where a coordinator listens and is found, on a machine as the tests say it is.
struct ListeningHostTests {
    private static let interfaces = [
        LocalNetwork.Interface(name: "lo", address: "127.0.0.1"),
        LocalNetwork.Interface(name: "eth0", address: "fe80::7%eth0"),
        LocalNetwork.Interface(name: "eth0", address: "10.0.0.7"),
        LocalNetwork.Interface(name: "lo", address: "::1"),
        LocalNetwork.Interface(name: "eth0", address: "fd00::7"),
    ]
    private static let names = [
        "localhost": ["::1", "127.0.0.1"], "node7": ["10.0.0.7"], "node8": ["10.0.0.8"],
        "seven": ["fd00::7", "10.0.0.7"], "debian": ["127.0.1.1"], "six": ["fd00::7"],
    ]

    private func network(
        called hostName: String = "node7", _ interfaces: [LocalNetwork.Interface] = Self.interfaces
    ) -> LocalNetwork {
        LocalNetwork(interfaces: interfaces, hostName: hostName) { Self.names[$0] ?? [] }
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", true),
        ("127.1", "127.0.0.1", "127.0.0.1", true),
        ("localhost", "127.0.0.1", "127.0.0.1", true),
        ("::1", "::1", "::1", true),
        ("[::1]", "::1", "::1", true),
        ("lo", "127.0.0.1", "127.0.0.1", true),
        ("debian", "127.0.1.1", "127.0.1.1", true),
        ("10.0.0.7", "10.0.0.7", "10.0.0.7", false),
        ("eth0", "10.0.0.7", "10.0.0.7", false),
        ("node7", "10.0.0.7", "node7", false),
        ("seven", "10.0.0.7", "seven", false),
        // Clients ask for addresses of version 4.
        ("six", "fd00::7", "fd00::7", false),
        ("0.0.0.0", "0.0.0.0", "node7", false),
        ("*", "*", "node7", false),
        ("::", "::", "node7", false),
        ("[::]", "::", "node7", false),
    ])
    func `It listens at a number, and is found where its address is read`(
        host: String, number: String, reached: String, isLoopback: Bool
    ) throws {
        let place = try ListeningHost(host, in: network())
        #expect(place.number == number)
        #expect(place.reached == reached)
        #expect(place.isLoopback == isLoopback)
        #expect(place.name == host)
    }

    @Test(arguments: ["nobody", "node8", "debian", "six", "", "a name"])
    func `A name that leads elsewhere, or only here, gives way to the first address`(
        name: String
    ) throws {
        #expect(try ListeningHost("0.0.0.0", in: network(called: name)).reached == "10.0.0.7")
    }

    @Test func `Without a network it is found on its own machine`() throws {
        let alone = network(called: "", [LocalNetwork.Interface(name: "lo", address: "127.0.0.1")])
        #expect(try ListeningHost("0.0.0.0", in: alone).reached == "127.0.0.1")
        #expect(try ListeningHost("::", in: alone).reached == "::1")
    }

    @Test func `Who is invited dials what their host has dialled, or what is said`() throws {
        #expect(try ListeningHost("0.0.0.0", in: network()).invited == "")
        #expect(try ListeningHost("10.0.0.7", in: network()).invited == "10.0.0.7")
        let said = try ListeningHost("0.0.0.0", advertised: "node8", in: network())
        #expect(said.invited == "node8")
    }

    @Test(arguments: [
        ("node8", "node8"), ("192.0.2.1", "192.0.2.1"), ("[fd00::9]", "fd00::9"),
        ("fd00::9", "fd00::9"), ("localhost", "localhost"),
    ])
    func `What is advertised is what others dial`(advertised: String, reached: String) throws {
        for host in ["0.0.0.0", "127.0.0.1"] {
            let place = try ListeningHost(host, advertised: advertised, in: network())
            #expect(place.reached == reached)
        }
    }

    @Test(arguments: [
        ("node9", "no host has this name here"), ("node8:7777", "without a port"),
        ("", "without a port"), ("a b", "without a port"), ("secret@node8", "without a port"),
        ("0.0.0.0", "stands for all addresses"), ("::", "stands for all addresses"),
        ("*", "without a port"),
    ])
    func `What cannot be dialled is not advertised`(advertised: String, reason: String) throws {
        let error = try #require(throws: CoordinatorError.self) {
            try ListeningHost("0.0.0.0", advertised: advertised, in: network())
        }
        #expect("\(error)".contains(reason))
        #expect("\(error)".hasSuffix("name a host that leads to this machine with --advertise."))
    }

    @Test(arguments: [
        ("nobody", "no host or network interface has this name here"),
        ("", "no host or network interface has this name here"),
        ("node8", "it is 10.0.0.8, which is not an address of this machine"),
    ])
    func `It does not listen at what is not this machine's`(host: String, reason: String) throws {
        let error = try #require(throws: CoordinatorError.self) {
            try ListeningHost(host, in: network())
        }
        let sentence = "The coordinator cannot listen at '\(host)' (\(reason));"
        #expect("\(error)" == "\(sentence) name an address of this machine.")
    }

    @Test func `This machine has a loopback, and numbers are numbers`() {
        let network = LocalNetwork()
        #expect(network.interfaces.contains { $0.address == "127.0.0.1" })
        #expect(!network.hostName.isEmpty)
        #expect(network.numbers(of: "localhost").first == "127.0.0.1")
        #expect(network.numbers(of: "nowhere.invalid") == [])
        #expect(LocalNetwork.number("127.1") == "127.0.0.1")
        #expect(LocalNetwork.number("0:0:0:0:0:0:0:1") == "::1")
        #expect(LocalNetwork.number("localhost") == nil)
    }
}
