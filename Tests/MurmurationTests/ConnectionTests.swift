import Foundation
import Messages
import TestSupport
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct ConnectionTests {
    static let secret = "a secret of the tests, long enough"

    private func ask(
        _ url: String, patience: Duration = .seconds(20), timing: ConnectionTiming? = nil
    ) async throws -> Leaderboard {
        let administrator = try Administrator(
            address: Address(url), patience: patience, timing: timing ?? WorkerTests.calm)
        do {
            let board = try await administrator.leaderboard("digits")
            await administrator.close()
            return board
        } catch {
            await administrator.close()
            throw error
        }
    }

    static func restart(
        _ coordinator: ScriptedCoordinator, at port: () -> UInt16
    ) async throws -> UInt16 {
        await coordinator.closeSockets()
        while true {
            let port = port()
            if (try? await coordinator.start(port: port)) != nil { return port }
            try await moment(waitingFor: "the port \(port)")
        }
    }

    @Test func `An administrator that is dropped without being closed harms nobody`() async throws {
        try await ScriptedCoordinator.with { request, _ in
            if case .join = request.body { .lease(5) } else { .leaderboard(WireLeaderboard()) }
        } _: { coordinator in
            for _ in 0..<5 {
                let administrator = try Administrator(
                    address: Address(coordinator.url), timing: WorkerTests.calm)
                _ = try await administrator.leaderboard("digits")
            }
            // A thread that went on would look at closed sockets, and end the process, within 0.1 s.
            // Heartbeats come each 0.01 s at most.
            let worker = try await WorkerTests.join(coordinator)
            while coordinator.memory.withLock({ $0.heartbeats.count }) < 30 {
                try await moment(waitingFor: "heartbeats")
            }
            #expect(worker.member == 3)
        }
    }

    @Test func `A request without an answer is asked again under its id`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            memory.requests.count < 3 ? nil : .leaderboard(WireLeaderboard())
        } _: { coordinator in
            let board = try await ask(coordinator.url, timing: WorkerTests.quick)
            #expect(board.epoch == 1)
            #expect(board.committed == 7)
            #expect(coordinator.requests.count >= 3)
            #expect(Set(coordinator.requests).count == 1)
        }
    }

    @Test func `A coordinator that is silent on one connection is asked on another`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            memory.peers.count < 2 ? nil : .leaderboard(WireLeaderboard())
        } _: { coordinator in
            _ = try await ask(coordinator.url, timing: WorkerTests.quick)
            // A busy machine may take it for silent on the second one too.
            #expect(coordinator.memory.withLock { $0.peers.count } >= 2)
            #expect(Set(coordinator.requests.map(\.id)).count == 1)
            #expect(coordinator.requests.count > WorkerTests.quick.misses)
        }
    }

    @Test func `An unavailable coordinator is waited for`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            memory.requests.count < 3
                ? .refusal(.unavailable) : .leaderboard(WireLeaderboard())
        } _: { coordinator in
            _ = try await ask(coordinator.url, timing: WorkerTests.quick)
            #expect(coordinator.requests.count >= 3)
            #expect(Set(coordinator.requests).count == 1)
        }
    }

    @Test func `One that stays unavailable is an error with its reason`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            .refusal(.unavailable)
        } _: { coordinator in
            await #expect(throws: MurmurationError.unavailable("The script says UNAVAILABLE.")) {
                _ = try await ask(
                    coordinator.url, patience: .seconds(8), timing: WorkerTests.quick)
            }
        }
    }

    @Test func `A coordinator that comes back is told the request again`() async throws {
        try await ScriptedCoordinator.with { request, memory in
            memory.peers.count < 2 ? nil : .leaderboard(WireLeaderboard())
        } _: { coordinator in
            // Only the loss of the connection can make it ask again.
            // A port that the system gives to nobody else meanwhile.
            let port = try await Self.restart(
                coordinator, at: { UInt16.random(in: 20_000..<30_000) })
            async let board = ask(coordinator.url, patience: .seconds(3600))
            while coordinator.requests.isEmpty { try await moment(waitingFor: "the request") }
            await coordinator.closeSockets()
            _ = try await Self.restart(coordinator, at: { port })
            _ = try await board
            #expect(Set(coordinator.requests).count == 1)
        }
    }

    @Test(arguments: [
        WireError.Code.malformed, .unsupported, .limit, .unauthorized, .noPopulation,
        .spaceMismatch, .conflict, .invalid, .noMember,
    ])
    func `A refusal is an error with the coordinator's sentence`(
        code: WireError.Code
    ) async throws {
        try await ScriptedCoordinator.with { _, _ in
            .refusal(code)
        } _: { coordinator in
            let error = await #expect(throws: MurmurationError.self) {
                _ = try await ask(coordinator.url)
            }
            #expect(error?.description == "The script says \(code.name).")
            #expect(coordinator.requests.count == 1)
        }
    }

    @Test func `A coordinator of another version is an error with its versions`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            nil
        } _: { coordinator in
            await coordinator.speak(7...9)
            let error = await #expect(throws: MurmurationError.self) {
                _ = try await ask(coordinator.url)
            }
            guard case .unsupportedVersion = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `A request that is cancelled ends at once`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            nil
        } _: { coordinator in
            let task = Task { try await ask(coordinator.url, patience: .seconds(3600)) }
            while coordinator.requests.isEmpty { try await moment(waitingFor: "the request") }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    // MARK: - Who gets nowhere is told why

    @Test func `The right secret gets an answer`() async throws {
        try await ScriptedCoordinator.with(secret: Self.secret) { request, _ in
            .leaderboard(WireLeaderboard())
        } _: { coordinator in
            _ = try await ask(coordinator.url)
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `A client with another secret is told so`(host: String) async throws {
        try await ScriptedCoordinator.with(secret: Self.secret) { _, _ in
            .leaderboard(WireLeaderboard())
        } _: { coordinator in
            let port = try Address(coordinator.url).port
            let other = Address(secret: "mistaken", host: host, port: port)
            let error = await #expect(throws: MurmurationError.self) {
                _ = try await ask(other.text)
            }
            #expect(error == .secretWrong(address: other.description))
            let sentence = error?.description ?? ""
            #expect(sentence.contains("does not accept the secret"))
            #expect(!sentence.contains("mistaken"), "a secret is never shown")
            #expect(coordinator.requests.isEmpty)
        }
    }

    @Test func `A client without the secret is told so`() async throws {
        try await ScriptedCoordinator.with(secret: Self.secret) { _, _ in
            .leaderboard(WireLeaderboard())
        } _: { coordinator in
            let address = try Address(coordinator.url)
            let bare = Address(host: address.host, port: address.port)
            let error = await #expect(throws: MurmurationError.self) {
                _ = try await ask(bare.text)
            }
            #expect(
                [
                    .secretRequired(address: bare.description), .foreign(address: bare.description),
                ].contains(error))
            #expect(error?.description.contains("secret") == true)
            #expect(coordinator.requests.isEmpty)
        }
    }

    @Test func `A client with a secret that nobody wants is told so`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            .leaderboard(WireLeaderboard())
        } _: { coordinator in
            let address = try Address(coordinator.url)
            let with = Address(secret: Self.secret, host: address.host, port: address.port)
            let error = await #expect(throws: MurmurationError.self) {
                _ = try await ask(with.text)
            }
            #expect(
                [
                    .secretUnexpected(address: with.description),
                    .secretWrong(address: with.description),
                ].contains(error))
        }
    }

    @Test func `A coordinator that does not listen cannot be reached`() async throws {
        // Nobody listens at the first port.
        let url = "murmur://127.0.0.1:1/digits"
        let error = await #expect(throws: MurmurationError.self) {
            _ = try await ask(url, patience: .milliseconds(200))
        }
        #expect(error == .unreachable(address: try Address(url).description))
        #expect(error?.description.contains("cannot be reached") == true)
    }

    @Test func `A coordinator that stands still is silent, not unreachable`() async throws {
        // The system takes the connection; nobody reads from it.
        let listener = try SilentListener()
        let url = "murmur://127.0.0.1:\(listener.port)/digits"
        let error = await #expect(throws: MurmurationError.self) {
            _ = try await ask(url, patience: .milliseconds(500))
        }
        #expect(error == .silent(address: try Address(url).description))
        #expect(error?.description.contains("does not answer") == true)
    }

    @Test func `A host's name is tried in both families`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            .leaderboard(WireLeaderboard())
        } _: { coordinator in
            let port = try Address(coordinator.url).port
            _ = try await ask(Address(host: "localhost", port: port).text)
        }
    }

    @Test func `Without an address there is an error that says what to set`() throws {
        #expect(throws: MurmurationError.self) { _ = try Monitor(url: "http://x") }
        #expect(MurmurationError.noAddress.description.contains("MURMUR_URL"))
    }
}

func tcpSocket() throws -> Int32 {
    #if canImport(Darwin)
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #else
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    try #require(descriptor >= 0)
    return descriptor
}

/// A port of this machine at which connections are accepted by the system and read by nobody.
private final class SilentListener: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = try tcpSocket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(isBound)
    }

    deinit { close(descriptor) }
}
