import Foundation
import Logging
import Messages
import Records
import ZeroMQ

/// Serves one population to the `PBTClient`s of one training run.
///
///     let server = try await PBTServer(port: 7777, authKey: key, maximizeMetric: true)
///     …
///     await server.shutDown()
///
/// The first client's search space makes the population, and each client is a new member of it.
/// Live leaderboards are broadcast on the next port, so that `murmur watch` shows the training.
public final class PBTServer: Sendable {
    private let coordinator: Coordinator
    /// The directory of the run's journal.
    public let data: String
    private let isTemporary: Bool

    /// Starts serving, until ``shutDown()``.
    ///
    /// - Parameters:
    ///   - port: the port for clients; 0 takes a free one. The leaderboards are on the next one.
    ///   - authKey: what clients must have too; `murmur keys generate` makes a good one.
    ///   - maximizeMetric: the highest metric is best; otherwise the lowest.
    ///   - host: the address to listen at. By default it is every one of this machine's for an
    ///     `authKey` of 22 characters or more; for a shorter one it is 127.0.0.1 only, with a
    ///     warning in the log.
    ///   - data: a directory that keeps the run; started there again, the server goes on where it
    ///     was. By default there is a temporary one, until ``shutDown()``.
    ///   - logger: is told what the server does.
    /// - Throws: ``CoordinatorError``.
    public init(
        port: Int, authKey: String, maximizeMetric: Bool, host: String? = nil, data: String? = nil,
        logger: Logger = Logger(label: "murmur.server")
    ) async throws(CoordinatorError) {
        let directory = if let data { data } else { try Self.makeTemporaryDirectory() }
        var configuration = Coordinator.Configuration(
            data: directory, secret: authKey, logger: logger)
        configuration.host = host ?? Self.host(for: authKey)
        configuration.port = port
        configuration.open = OpenPopulation(
            name: PBTCompatibility.population, minimize: !maximizeMetric)
        let coordinator = try Coordinator(configuration)
        self.coordinator = coordinator
        self.data = directory
        isTemporary = data == nil
        do throws(CoordinatorError) {
            try await coordinator.start()
        } catch {
            await shutDown()
            throw error
        }
    }

    /// The port for clients, also when 0 was given and a free one taken.
    public var port: Int {
        guard let address = try? Address(url) else {
            preconditionFailure("A server has an address from when it is made.")
        }
        return Int(address.port)
    }

    /// `murmur://SECRET@HOST:PORT`, as this machine reaches it. It contains the `authKey`.
    public var url: String { coordinator.url ?? "" }

    /// Returns after ``shutDown()``.
    ///
    /// - Throws: what made it end by itself.
    public func run() async throws {
        try await coordinator.run()
    }

    /// Ends it, and removes its directory when that is a temporary one. It may be called again.
    public func shutDown() async {
        await coordinator.shutDown()
        // What cannot be removed is in the system's directory for such things.
        if isTemporary { try? FileManager.default.removeItem(atPath: data) }
    }
}

extension PBTServer {
    /// Where others may reach the server, if its key keeps it from being guessed.
    static func host(for authKey: String) -> String {
        SharedSecret(authKey).isWeak ? "127.0.0.1" : "0.0.0.0"
    }

    /// A directory that only this user may look into.
    private static func makeTemporaryDirectory() throws(CoordinatorError) -> String {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "murmuration-\(UUID().uuidString)", directoryHint: .isDirectory)
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw .journal(.noDirectory(url.path, reason: error.localizedDescription))
        }
        return url.path
    }
}
