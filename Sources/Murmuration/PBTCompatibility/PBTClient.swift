import Foundation
import Logging
import Messages
import Synchronization
import ZeroMQ

/// A member of the population that a `PBTServer` evolves: it saves what it trained, and now and
/// then takes over what a better one saved.
///
///     let client = try await PBTClient(
///         serverURL: "localhost", port: 7777, authKey: key, configPath: "space.csv")
///     var model = Model()
///     for epoch in 1...100 {
///         model.train(with: client.hyperparameters)
///         let path = "checkpoints/\(client.member)-\(epoch).pt"
///         try model.write(to: path)
///         try await client.save(path, metricValue: model.accuracy())
///         if client.shouldExploit() {
///             // The donor's parameters, and the hyperparameters that they were trained with …
///             try client.exploit()
///             model = try Model(loading: client.parametersPath)
///             // … which are now changed a little.
///             try client.explore()
///         }
///     }
///     try await client.close()
///
/// Each client is a member of its own, from when it is made until it is closed. A thread of the
/// library's own tells the server that it lives; a server that is away is waited for.
public final class PBTClient: Sendable {
    private let worker: Worker
    private let state: Mutex<PBTMember>

    /// Joins the server's population as a new member, and waits until the server is there.
    ///
    /// - Parameters:
    ///   - serverURL: the server's host, a name or a number, or its address as
    ///     `murmur://HOST:PORT`.
    ///   - port: the server's port.
    ///   - authKey: the server's. It encrypts all that travels; beyond this machine it must have
    ///     22 characters or more.
    ///   - configPath: the file of the search space, CSV or YAML. The first client's makes the
    ///     population; who comes with another one is refused.
    ///   - place: a text that stays the same when the client is started again: it then gets its member
    ///     at once; see ``Worker``.
    ///   - leavesOnTermination: when this process is told to end (SIGTERM), the client is closed
    ///     before it does; see ``Worker``.
    ///   - ranks: whether this process may join when it is a rank above 0 of a `torch.distributed`
    ///     job; see ``Worker``.
    ///   - patience: how long the server may be away, now and later, before an error says so. By
    ///     default joining takes the address for wrong after 30 seconds, and saves wait as long as
    ///     it takes.
    ///   - logger: is told when the client waits for long.
    /// - Throws: ``MurmurationError``.
    public convenience init(
        serverURL: String, port: Int, authKey: String, configPath: String, place: String? = nil,
        leavesOnTermination: Bool = false, ranks: Ranks = .first, patience: Duration? = nil,
        logger: Logger = Logger(label: "murmuration")
    ) async throws {
        try ranks.admit(Environment.variables)
        try await self.init(
            at: Address(serverURL: serverURL, port: port, authKey: authKey),
            configPath: configPath, place: try .choose(place, ranks: ranks),
            leavesOnTermination: leavesOnTermination, patience: patience, logger: logger)
    }

    init(
        at address: Address, configPath: String, place: WorkerPlace = .none,
        leavesOnTermination: Bool = false,
        patience: Duration?, logger: Logger = Logger(label: "murmuration"),
        timing: ConnectionTiming = ConnectionTiming()
    ) async throws {
        guard let space = try? String(contentsOfFile: configPath, encoding: .utf8) else {
            throw MurmurationError.noSpaceFile(path: configPath)
        }
        let joining = Joining(
            population: address.population ?? PBTCompatibility.population,
            worker: WorkerName.ofThisProcess.text,
            space: space, keeps: true, place: place, leavesOnTermination: leavesOnTermination,
            patience: patience, logger: logger)
        worker = try await Worker.join(at: address, by: joining, timing: timing)
        state = Mutex(
            PBTMember(
                step: worker.step, parametersPath: worker.checkpoint,
                hyperparameters: worker.hyperparameters,
                conditional: worker.assignment.conditional))
    }

    // MARK: - What is trained

    /// The number of the member, from 0: a good part of a checkpoint's name.
    public var member: Int { worker.member }

    /// What to train with now. A copy: ``setHyperparameter(_:_:)`` changes them.
    public var hyperparameters: Hyperparameters { state.withLock { $0.hyperparameters } }

    /// Where the parameters are to go on from: what was saved last, or after ``exploit()`` the
    /// donor's. `nil` until then, for a new member.
    public var parametersPath: String? { state.withLock { $0.parametersPath } }

    /// Trains with another value from now on, whether or not it lies within the search space's
    /// bounds. Until the next save it stays, whatever ``exploit()`` and ``explore()`` say; with
    /// that it is recorded.
    ///
    /// - Throws: ``MurmurationError/unknownHyperparameter(name:known:)``. A value of another kind
    ///   is refused by the next save.
    public func setHyperparameter(
        _ name: String, _ value: HyperparameterValue
    ) throws(MurmurationError) {
        try withState { member throws(MurmurationError) in
            try member.setHyperparameter(name, value)
        }
    }

    // MARK: - Saving

    /// Tells the server that the parameters were saved and how good they are, and learns whether
    /// to exploit another member.
    ///
    /// What the last ``shouldExploit()`` offered, and was not taken over, is declined with it. A
    /// population that is paused is waited for.
    ///
    /// - Parameters:
    ///   - path: where they are, for every member to load. A relative path is taken from the
    ///     current directory and sent as an absolute one; a URL stays as it is.
    ///   - metricValue: NaN says that training failed.
    /// - Throws: ``MurmurationError``, and ``MurmurationError/finished(reason:)`` when the save
    ///   before was answered with a stop, or this one came too late. After another
    ///   error the same save may be made again; it counts once.
    public func save(_ path: String, metricValue: Double) async throws {
        let path = try Self.absolute(path)
        var save = try withState { member throws(MurmurationError) in
            try member.save(to: path, metricValue: metricValue)
        }
        do {
            while true {
                let directive = try await worker.report(
                    step: save.step, score: save.metricValue, checkpoint: save.parametersPath,
                    hyperparameters: save.hyperparameters, declined: save.declined)
                let again = try withState { member throws(MurmurationError) in
                    try member.answered(directive)
                }
                guard let again else { return }
                save = again
            }
        } catch let error as MurmurationError where error.isAboutRequest {
            state.withLock { $0.refused() }
            throw error
        } catch {
            state.withLock { $0.unanswered() }
            throw error
        }
    }

    // MARK: - Exploiting and exploring

    /// Whether the last save was answered with something to take over: a better member, or what
    /// the server has of this one when it was lost for a while. True at the start too, in a
    /// population that gives members which others have trained.
    public func shouldExploit() -> Bool { state.withLock { $0.shouldExploit } }

    /// Takes over what the last save was answered with: ``parametersPath`` and ``hyperparameters``
    /// become the donor's.
    ///
    /// - Throws: ``MurmurationError/nothingToExploit`` unless ``shouldExploit()``.
    public func exploit() throws(MurmurationError) {
        try withState { member throws(MurmurationError) in try member.exploit() }
    }

    /// Changes the hyperparameters around the donor's, as the server chose.
    ///
    /// - Throws: ``MurmurationError/nothingToExploit`` unless ``shouldExploit()``, and
    ///   ``MurmurationError/exploresFirst`` before ``exploit()``.
    public func explore() throws(MurmurationError) {
        try withState { member throws(MurmurationError) in try member.explore() }
    }

    /// Says that the parameters that are offered cannot be loaded, and asks for others.
    ///
    ///     while client.shouldExploit() {
    ///         try client.exploit()
    ///         do {
    ///             model = try Model(loading: client.parametersPath)
    ///             try client.explore()
    ///             break
    ///         } catch {
    ///             try await client.decline(reason: "\(error)")
    ///         }
    ///     }
    ///
    /// ``shouldExploit()`` then says whether there are others: those that this client saved before,
    /// or another member's. At the third time at the latest there are none; with a
    /// ``parametersPath`` of `nil` the member starts anew.
    ///
    /// - Throws: ``MurmurationError/nothingToExploit`` unless ``shouldExploit()``.
    public func decline(reason: String) async throws {
        try withState { member throws(MurmurationError) in try member.decline() }
        do {
            let directive = try await worker.decline(reason: reason)
            try withState { member throws(MurmurationError) in try member.declined(directive) }
        } catch {
            state.withLock { $0.declineFailed() }
            throw error
        }
    }

    /// Ends the member's training. What it saved stays with the server, for others to exploit.
    public func close() async throws {
        try await worker.leave()
    }

    private func withState<Result: Sendable>(
        _ body: (inout PBTMember) throws(MurmurationError) -> Result
    ) throws(MurmurationError) -> Result {
        try state.withLock { member throws(MurmurationError) in try body(&member) }
    }

    /// The path as every member finds it, on this machine or on a disk that they share.
    static func absolute(_ path: String) throws(MurmurationError) -> String {
        guard !path.isEmpty else {
            throw .invalid("The path of the parameters is empty; save them and pass where.")
        }
        if path.hasPrefix("/") || path.contains("://") { return path }
        return URL(filePath: path).standardizedFileURL.path
    }
}

extension Address {
    /// Where a `PBTServer` is.
    init(serverURL: String, port: Int, authKey: String) throws(MurmurationError) {
        let hasScheme = serverURL.contains("://")
        do throws(AddressError) {
            try self.init(hasScheme ? serverURL : "\(Address.scheme)://\(serverURL)")
        } catch {
            throw .invalidAddress(error.description)
        }
        guard let number = UInt16(exactly: port), number > 0 else {
            throw .invalidAddress("\(port) is not the server's port; use one from 1 to 65535.")
        }
        // Where the URL says nothing about the port, it has the usual one.
        guard self.port == number || self.port == Address.defaultPort else {
            throw .invalidAddress(
                """
                The server's URL leads to port \(self.port), and port is \(number); say the port \
                once.
                """)
        }
        guard credential == nil || credential == .secret(authKey) else {
            throw .invalidAddress(
                "The server's URL has another secret than authKey; say the secret once.")
        }
        guard !authKey.isEmpty else {
            throw .invalidAddress(
                """
                The authKey is empty; make one with murmur keys generate, for the server and its \
                clients.
                """)
        }
        self.port = number
        credential = .secret(authKey)
        if !isLoopback, SharedSecret(authKey).isWeak { throw .weakKey(host: host) }
    }
}
