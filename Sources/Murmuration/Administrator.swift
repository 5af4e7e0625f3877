import Messages

/// Makes populations, steers them and asks about them.
///
///     let administrator = try Administrator(url: url)
///     try await administrator.pause("digits")
///     for population in try await administrator.populations() { print(population.name) }
///     await administrator.close()
///
/// A name that is left out means the URL's population, or the only one. Its conversation ends when it
/// is closed, or when nobody has it any more.
public struct Administrator: Sendable {
    private let conversation: Conversation
    private let patience: Duration

    var connection: Connection { conversation.connection }

    /// What all copies of an administrator have in common.
    private final class Conversation: Sendable {
        let connection: Connection

        init(_ connection: Connection) {
            self.connection = connection
        }

        deinit {
            // Its sockets must be closed on its thread, which watches them.
            let connection = connection
            Task { await connection.close() }
        }
    }

    /// - Parameter patience: how long to try before an error says that there is nobody.
    package init(
        address: Address, patience: Duration = Patience.command,
        timing: ConnectionTiming = ConnectionTiming()
    ) throws(MurmurationError) {
        conversation = Conversation(try Connection(to: address, timing: timing))
        self.patience = patience
    }

    /// - Parameters:
    ///   - url: `murmur://[SECRET@]HOST:PORT[/POPULATION]`; by default `MURMUR_URL`.
    ///   - patience: how long to try before an error says that there is nobody.
    public init(
        url: String? = nil, patience: Duration = .seconds(5)
    ) throws(MurmurationError) {
        try self.init(address: Environment.address(url), patience: patience)
    }

    package var address: Address { connection.address }

    /// Ends the conversation.
    public func close() async {
        await connection.close()
    }

    /// Calls `body` with an administrator, and ends its conversation whatever comes of it.
    package static func with<Result: Sendable>(
        _ address: Address, patience: Duration = Patience.command,
        _ body: (Administrator) async throws -> Result
    ) async throws -> Result {
        let administrator = try Administrator(address: address, patience: patience)
        do {
            let result = try await body(administrator)
            await administrator.close()
            return result
        } catch {
            await administrator.close()
            throw error
        }
    }

    // MARK: - Asking

    /// All populations, by name.
    public func populations() async throws -> [Population] {
        try await questions.populations()
    }

    /// How a population evolves and how far it is.
    public func population(_ name: String? = nil) async throws -> Population {
        try await questions.population(named: meant(name))
    }

    /// The best members, and how the population does: one message's worth.
    ///
    /// - Parameters:
    ///   - name: the population's; `nil` for the address's, or the only one.
    ///   - offset: leave out so many of the best.
    ///   - limit: 0 for as many as fit.
    public func leaderboard(
        _ name: String? = nil, offset: Int = 0, limit: Int = 0
    ) async throws -> Leaderboard {
        try await questions.leaderboard(of: meant(name), offset: offset, limit: limit)
    }

    /// All that happened in a population after a sequence of the journal, or to one member of it,
    /// oldest first.
    public func history(
        _ name: String? = nil, after sequence: UInt64 = 0, member: Int? = nil
    ) async throws -> [Event] {
        var events: [Event] = []
        try await questions.eachEvent(of: meant(name), after: sequence, member: member) {
            events.append($0)
        }
        return events
    }

    /// The sequence of the journal up to which events were pruned; 0 when none were. The history has
    /// only those of them that tell who descends from whom.
    public func prunedThrough(_ name: String? = nil) async throws -> UInt64 {
        try await questions.history(of: meant(name), limit: 1).pruned
    }

    /// The hyperparameters over steps along a member's line of descent.
    public func schedule(member: Int, in name: String? = nil) async throws -> [Segment] {
        try await questions.schedule(of: member, in: meant(name))
    }

    /// The hyperparameters over steps that led to the best state that any member ever committed.
    public func bestSchedule(in name: String? = nil) async throws -> [Segment] {
        try await questions.bestSchedule(in: meant(name))
    }

    // MARK: - Making and steering

    /// Makes a population.
    ///
    /// - Parameters:
    ///   - name: what it is called: 1 to 64 letters, digits, dots, dashes and underscores.
    ///   - space: the text of its space file, CSV or YAML.
    ///   - source: the space file's name, for messages.
    ///   - settings: what wins over the space file.
    /// - Throws: ``MurmurationError``; ``MurmurationError/conflict(_:)`` when the name is taken.
    @discardableResult
    public func createPopulation(
        _ name: String, space: String, source: String = "",
        settings: Population.Settings = [:]
    ) async throws -> Population {
        var creation = WireCreatePopulation()
        creation.name = name
        creation.space = space
        creation.source = source
        creation.settings = settings.wire
        return try await createPopulation(creation)
    }

    /// Makes a population of one member that trains along a schedule, such as ``bestSchedule(in:)``,
    /// and copies nobody. At the end of each segment the member's worker is given it again, with the
    /// next hyperparameters.
    ///
    /// - Parameters:
    ///   - schedule: segments of which each begins where the one before ends.
    ///   - name: what the population is called.
    ///   - settings: what it has besides.
    /// - Throws: ``MurmurationError``; ``MurmurationError/conflict(_:)`` when the name is taken.
    @discardableResult
    public func replay(
        _ schedule: [Segment], as name: String, settings: Population.Settings = [:]
    ) async throws -> Population {
        let text = JSONLine.text(PrintedSchedule(schedule))
        return try await createPopulation(
            name, space: text, source: "schedule.json", settings: settings)
    }

    /// Makes a population. The key of `creation` is filled in.
    package func createPopulation(_ creation: WireCreatePopulation) async throws -> Population {
        var creation = creation
        creation.key = Limits.newKey()
        return try await population(answering: .createPopulation(creation))
    }

    /// Lets the workers wait after their next report.
    @discardableResult
    public func pause(_ name: String? = nil) async throws -> Population {
        try await change(name, .pause(WirePause()))
    }

    /// Goes on after a pause or an end.
    @discardableResult
    public func resume(_ name: String? = nil) async throws -> Population {
        try await change(name, .resume(WireResume()))
    }

    /// Lets the workers stop after their next report.
    @discardableResult
    public func end(_ name: String? = nil) async throws -> Population {
        try await change(name, .end(WireEnd()))
    }

    /// Adds members with new hyperparameters.
    @discardableResult
    public func add(members: Int, to name: String? = nil) async throws -> Population {
        var add = WireAddMembers()
        add.members = UInt64(clamping: members)
        return try await change(name, .addMembers(add))
    }

    /// Takes a member out: it is neither trained nor copied again.
    @discardableResult
    public func remove(member: Int, from name: String? = nil) async throws -> Population {
        var remove = WireRemoveMember()
        remove.member = UInt64(clamping: member)
        return try await change(name, .removeMember(remove))
    }

    /// Changes how a population evolves from now on.
    @discardableResult
    public func set(
        _ settings: Population.Settings, of name: String? = nil
    ) async throws -> Population {
        var change = WireSettings()
        change.settings = settings.wire
        return try await self.change(name, .settings(change))
    }

    private func change(
        _ name: String?, _ change: WireChangePopulation.OneOf_Change
    ) async throws -> Population {
        var request = WireChangePopulation()
        request.key = Limits.newKey()
        request.population = meant(name)
        request.change = change
        return try await population(answering: .changePopulation(request))
    }

    private func population(answering body: WireRequest.OneOf_Body) async throws -> Population {
        guard case .population(let population) = try await ask(body).body else {
            throw MurmurationError.unexpectedAnswer
        }
        return Population(population)
    }

    func ask(_ body: WireRequest.OneOf_Body) async throws -> WireReply {
        try await connection.ask(body, patience: patience)
    }

    /// What this coordinator can be asked.
    package var questions: Questions {
        Questions { [conversation, patience] in
            try await conversation.connection.ask($0, patience: patience)
        }
    }

    private func meant(_ name: String?) -> String { name ?? address.population ?? "" }

    /// Which run of the coordinator it is, of one that can write its journal as far as it knows: else
    /// all but looking is refused.
    package func epoch() async throws -> UInt64 {
        try await ask(.heartbeat(WireHeartbeat())).epoch
    }

    // MARK: - The broadcast

    /// Where leaderboards are published, on the host of the address; `nil` for who must subscribe
    /// over a connection.
    package func broadcastPort() async throws -> UInt16? {
        let welcome = try await connection.welcome(patience: patience)
        return UInt16(exactly: welcome.broadcastPort).flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether the coordinator was reached by version 6 of IP.
    var isVersion6: Bool {
        get async { await connection.isVersion6 }
    }
}
