import Foundation
import Logging
import Messages
import Records
import Synchronization
import ZeroMQ

/// A coordinator of populations: it hands members to workers, records their reports, decides who
/// copies whom, and broadcasts the leaderboards.
///
///     let coordinator = Coordinator(.init(data: "data", secret: nil))
///     try await coordinator.start()
///     print(coordinator.url)
///     try await coordinator.run()     // until shutDown()
///
/// One thread owns its sockets and its state, and has another one commit large batches.
public actor Coordinator {
    public struct Configuration: Sendable {
        /// Where to listen: an address of this machine, a name of it, or a network interface;
        /// `0.0.0.0` and `::` are all of it. Others than its loopback need a secret or invitations.
        public var host = "127.0.0.1"
        /// The host by which others reach it. Where it listens to all of this machine, that is by
        /// default the machine's name, if that is known, or else its first address.
        public var advertisedHost: String?
        /// The port for workers; 0 takes a free one.
        public var port = 7777
        /// The port of the broadcast; `nil` is the next after `port`.
        public var broadcastPort: Int?
        /// Gives both sides' keys. All who have it are one, and may do everything; without it, and
        /// without invitations, everybody who reaches the coordinator may, and nothing is encrypted.
        public var secret: String?
        /// Lets in who is invited, each with a key and rights of its own. A data directory that once
        /// did goes on doing so.
        public var invitations = false
        /// The port for who is invited; `nil` is the second after `port`.
        public var invitationsPort: Int?
        /// Serves beyond this machine although nothing is encrypted and everybody is let in.
        public var isInsecure = false
        /// The directory of the journal. It is made when it is missing. It may be on a file system that
        /// hosts share, if that has locks and symbolic links; then the coordinators of other hosts are kept
        /// out, and this one ends when one of them took over while it stood still.
        public var data: String
        /// How often workers are told to send a heartbeat.
        public var heartbeat: Duration = .seconds(10)
        /// How long a member stays with a worker of which nothing is heard.
        public var lease: Duration = .seconds(60)
        /// A population that the first worker who joins brings along.
        public var open: OpenPopulation?
        /// Where the workers' checkpoints are when all workers are on this machine.
        package var localCheckpoints: LocalCheckpoints?
        public var logger: Logger

        public init(
            data: String, secret: String?, logger: Logger = Logger(label: "murmur.coordinator")
        ) {
            self.data = data
            self.secret = secret
            self.logger = logger
        }
    }

    /// The file in the data directory that holds the coordinator's own address, for the command
    /// line on the same machine.
    public static let urlFileName = "url"

    private let configuration: Configuration
    private let thread: SocketThread
    private let address = Mutex<String?>(nil)
    private var loop: Loop?
    private var ending: [CheckedContinuation<Void, any Error>] = []
    private var outcome: Result<Void, any Error>?

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    public init(_ configuration: Configuration) throws(CoordinatorError) {
        self.configuration = configuration
        do throws(ZeroMQError) {
            thread = try SocketThread(name: "coordinator")
        } catch {
            throw .socket(error)
        }
    }

    /// `murmur://[SECRET@]HOST:PORT`, once it has started. It contains the secret.
    public nonisolated var url: String? { address.withLock { $0 } }

    /// Opens the journal, goes on from what it holds, and listens.
    public func start() throws(CoordinatorError) {
        precondition(loop == nil && outcome == nil, "a coordinator starts once")
        let loop = try Loop(configuration)
        loop.watch(on: thread)
        let url = loop.address.text
        address.withLock { $0 = url }
        do {
            try writeURL(url)
        } catch {
            loop.close(on: thread)
            throw .journal(
                .noDirectory(configuration.data, reason: "its url file cannot be written"))
        }
        self.loop = loop
        // The thread keeps the coordinator alive until it is shut down: its sockets must not close
        // while they are polled.
        thread.onTurn { self.assumeIsolated { $0.turn() } }
    }

    /// Returns after `shutDown()`.
    ///
    /// - Throws: what made it end by itself.
    public func run() async throws {
        if let outcome { return try outcome.get() }
        try await withCheckedThrowingContinuation { ending.append($0) }
    }

    /// Ends it: nothing more is accepted, and all that was is in the journal.
    public func shutDown() async {
        end(.success(()))
        await thread.stop()
    }

    /// What it has done in this epoch, and its present state; `nil` unless it runs.
    package var statistics: Statistics? { loop?.statistics }

    private func turn() -> Duration {
        guard let loop else { return SocketThread.longestWait }
        do {
            return try loop.turn()
        } catch {
            configuration.logger.critical("\(error)")
            end(.failure(error))
            return SocketThread.longestWait
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        guard outcome == nil else { return }
        outcome = result
        if let loop {
            loop.close(on: thread)
            // A file that cannot be removed says an address where nobody answers, and no more.
            // One that never started has none: what is there belongs to another coordinator. So it does
            // where another one has taken over the directory.
            if loop.loss == nil { try? FileManager.default.removeItem(atPath: urlPath) }
            if case .success = result { configuration.logger.info("the coordinator has ended") }
        }
        loop = nil
        for continuation in ending { continuation.resume(with: result) }
        ending = []
    }

    private nonisolated var urlPath: String {
        configuration.data + "/" + Self.urlFileName
    }

    private func writeURL(_ url: String) throws { try PrivateFile.store(url, at: urlPath) }
}

/// Printed without the secret.
extension Coordinator.Configuration: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(host):\(port), \(data)" }

    public var customMirror: Mirror { Mirror(self, children: ["configuration": description]) }
}
