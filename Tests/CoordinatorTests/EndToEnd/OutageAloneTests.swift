import Coordinator
import Evolution
import Foundation
import Journal
import Logging
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

/// Workers that lose their coordinator, and what its journal says afterwards.
@Suite(.tags(.realTime), .alone, .timeLimit(.minutes(5)))
struct OutageAloneTests {
    private static let secret = "0123456789abcdefghijkl"

    private static func serve(
        in directory: TemporaryDirectory, port: Int = 0, lease: Duration = .seconds(60)
    ) async throws -> Coordinator {
        var configuration = Coordinator.Configuration(
            data: directory.path, secret: secret,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        configuration.port = port
        configuration.broadcastPort = 0
        configuration.lease = lease
        configuration.heartbeat = lease / 6
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        return coordinator
    }

    private static func create(at url: String) async throws {
        try await Administrator.with(Address(url)) { administrator in
            var creation = WireCreatePopulation()
            creation.name = "p"
            creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
            creation.source = "p.csv"
            creation.populationSize = 1
            _ = try await administrator.createPopulation(creation)
        }
    }

    private static func events(in directory: TemporaryDirectory) throws -> [Evolution.Event.Kind] {
        let journal = try Journal(directory: directory.path, access: .read)
        return try journal.events(of: 0, after: 0, limit: .max).map(\.event.kind)
    }

    @Test func `A report outlasts a restart, under the same lease, and is in the journal once`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let port = try Ports.free()
        var coordinator = try await Self.serve(in: directory, port: port)
        let url = try #require(coordinator.url)
        try await Self.create(at: url)
        let worker = try await Worker.join(url: url)
        let lease = worker.assignment.lease
        await coordinator.shutDown()
        let report = Task { try await worker.report(step: 1, score: 1, checkpoint: "/c/1") }
        // So that the report finds nobody, and is asked again.
        try await Task.sleep(for: .seconds(2))
        coordinator = try await Self.serve(in: directory, port: port)
        #expect(try await report.value.action == .continue)
        #expect(worker.assignment.lease == lease)
        try await worker.leave()
        await coordinator.shutDown()
        let events = try Self.events(in: directory)
        #expect(events.count { if case .reported = $0 { true } else { false } } == 1)
        #expect(events.count { if case .leased = $0 { true } else { false } } == 1)
        #expect(!events.contains(.released(.lapsed)))
    }

    @Test func `A worker that was cut off for longer than its lease is told what to load`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let coordinator = try await Self.serve(in: directory, lease: .seconds(2))
        let url = try #require(coordinator.url)
        try await Self.create(at: url)
        let line = try Line(to: Address(url).port)
        let away = Address(secret: Self.secret, host: "127.0.0.1", port: line.port)
        let worker = try await Worker.join(url: away.text)
        let first = try await worker.report(step: 1, score: 1, checkpoint: "/before")
        #expect(first.action == .continue)
        line.cut()
        let report = Task { try await worker.report(step: 2, score: 2, checkpoint: "/lost") }
        while try !Self.events(in: directory).contains(.released(.lapsed)) {
            try await moment(waitingFor: "the lease to lapse")
        }
        line.mend()
        let told = try await report.value
        #expect(told.action == .switch)
        #expect(told.checkpoint == "/before")
        #expect(told.step == 1)
        #expect(!told.recorded)
        let next = try await worker.report(step: 2, score: 3, checkpoint: "/after")
        #expect(next.action == .continue)
        try await worker.leave()
        line.close()
        await coordinator.shutDown()
        let checkpoints = try Self.events(in: directory).compactMap { kind -> String? in
            if case .reported(let reported) = kind { reported.checkpoint } else { nil }
        }
        #expect(checkpoints == ["/before", "/after"])
    }
}

/// A line to a port of this machine, which can be cut: then whoever is on it is hung up on, and so is
/// everyone who comes.
private final class Line: Sendable {
    let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let state = Mutex((isCut: false, open: Set<Int32>()))

    init(to target: UInt16) throws {
        self.target = target
        // Writing to somebody who is gone is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        listener = try tcpSocket()
        var address = loopback(0)
        let listener = listener
        let isBound = address.withSockaddr { bind(listener, $0, $1) == 0 }
        try #require(isBound && listen(listener, 64) == 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &length)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in accept() }
    }

    func cut() {
        state.withLock { state in
            state.isCut = true
            for end in state.open { shutdown(end, Int32(SHUT_RDWR)) }
        }
    }

    func mend() { state.withLock { $0.isCut = false } }

    func close() {
        cut()
        // Closing alone does not wake the thread that accepts.
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
    }

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            guard let server = try? tcpSocket() else { return }
            var address = loopback(target)
            let isThrough = state.withLock { state in
                guard !state.isCut, address.withSockaddr({ connect(server, $0, $1) == 0 })
                else { return false }
                state.open.formUnion([client, server])
                return true
            }
            guard isThrough else {
                Foundation.close(client)
                Foundation.close(server)
                continue
            }
            Thread.detachNewThread { [self] in
                let other = Thread { [self] in passOn(server, client) }
                other.start()
                passOn(client, server)
                // Descriptors are closed when both directions are over, so that none is used again.
                while !other.isFinished { usleep(1000) }
                state.withLock { state in
                    state.open.subtract([client, server])
                    Foundation.close(client)
                    Foundation.close(server)
                }
            }
        }
    }

    private func passOn(_ source: Int32, _ sink: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            var sent = 0
            while sent < count {
                let more = buffer.withUnsafeBytes {
                    write(sink, $0.baseAddress! + sent, count - sent)
                }
                guard more > 0 else { break }
                sent += more
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }
}

private func tcpSocket() throws -> Int32 {
    #if canImport(Darwin)
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #else
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    try #require(descriptor >= 0)
    return descriptor
}

private func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    address.sin_port = port.bigEndian
    return address
}

extension sockaddr_in {
    fileprivate mutating func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &self) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
