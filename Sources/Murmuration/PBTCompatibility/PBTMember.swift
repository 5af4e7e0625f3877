/// The member of a ``PBTClient``: what it trains with, what it says when it is saved, and what it
/// may take over afterwards.
///
/// It knows neither sockets nor files: what happens is told to it, one method for each thing.
struct PBTMember: Hashable, Sendable {
    private(set) var phase: Phase
    /// The saves that made the member, of its whole line of descent.
    private(set) var step: Int
    /// Where the parameters are that it trains: its own last ones, or a donor's.
    private(set) var parametersPath: String?
    /// What it trains with, but for what the user set since the last save.
    private var base: Hyperparameters
    /// The names of those that count only where others have some values.
    private let conditional: [String]
    private var set: Hyperparameters = [:]
    /// An offer was passed over, and no report has said so.
    private var owesDecline = false
    /// The coordinator is asked for something else than what is offered.
    private var isDeclining = false
    /// What it had before it took over what is offered.
    private var own: Own?

    private struct Own: Hashable, Sendable {
        var step: Int
        var parametersPath: String?
        var base: Hyperparameters
    }

    enum Phase: Hashable, Sendable {
        /// The last save was answered with nothing to take over, or there was none.
        /// Next: `saving`.
        case training
        /// The last save, or joining, was answered with a state to take over. Next: `saving`.
        case offered(Offer, Use)
        /// A save is under way. Next: `training` or `offered`, or `unanswered` when it failed.
        case saving(Save)
        /// The coordinator may have this save or not: the next one settles it. Next: `saving`.
        case unanswered(Save)
    }

    /// A state to go on from: a donor's, or the member's own after it was lost for a while.
    struct Offer: Hashable, Sendable {
        var step: Int
        var parametersPath: String
        /// With which the state was trained.
        var hyperparameters: Hyperparameters
        /// To train on with.
        var explored: Hyperparameters
    }

    enum Use: Hashable, Sendable {
        /// Not taken over. A save now declines it.
        case none
        case exploited
        case explored
    }

    /// What a report says.
    struct Save: Hashable, Sendable {
        var step: Int
        var parametersPath: String
        var metricValue: Double
        /// All that are in effect.
        var hyperparameters: Hyperparameters
        /// What was offered last was not taken over.
        var declined: Bool
        /// How often it was reported, under a new lease each time.
        var attempts = 1

        /// Whatever number each has.
        func saysTheSame(as other: Save) -> Bool {
            parametersPath == other.parametersPath
                && metricValue.bitPattern == other.metricValue.bitPattern
                && hyperparameters == other.hyperparameters && declined == other.declined
        }

        /// So many leases in a row that lapse at once are not lost by accident.
        static let mostAttempts = 5
    }

    /// Begins with a member as it is given: a new one has nothing to load, and what others trained
    /// is offered.
    init(
        step: Int, parametersPath: String?, hyperparameters: Hyperparameters,
        conditional: [String] = []
    ) {
        self.step = 0
        self.conditional = conditional
        self.parametersPath = parametersPath
        base = hyperparameters
        phase = .training
        guard let parametersPath else { return }
        let offer = Offer(
            step: step, parametersPath: parametersPath, hyperparameters: hyperparameters,
            explored: hyperparameters)
        phase = .offered(offer, .none)
    }

    // MARK: - What is

    var hyperparameters: Hyperparameters {
        var hyperparameters = base
        for (name, value) in set { hyperparameters[name] = value }
        return hyperparameters
    }

    var shouldExploit: Bool {
        if case .offered = phase { true } else { false }
    }

    // MARK: - Saving

    /// The user saved the parameters.
    ///
    /// - Returns: what to report.
    mutating func save(
        to path: String, metricValue: Double
    ) throws(MurmurationError) -> Save {
        if case .saving = phase { throw .alreadyReporting }
        guard !isDeclining else { throw .alreadyReporting }
        if case .offered(_, .none) = phase { owesDecline = true }
        base = hyperparameters
        set = [:]
        own = nil
        var save = Save(
            step: step + 1, parametersPath: path, metricValue: metricValue, hyperparameters: base,
            declined: owesDecline)
        // Made again, it is the same one; otherwise the earlier one counts as well.
        if case .unanswered(let earlier) = phase, !save.saysTheSame(as: earlier) {
            step = earlier.step
            save.step = step + 1
        }
        phase = .saving(save)
        return save
    }

    /// The coordinator answered the save.
    ///
    /// - Returns: what to report again: a save that was lost with its lease, when the next one
    ///   begins with nothing that could be loaded instead.
    mutating func answered(_ directive: Directive) throws(MurmurationError) -> Save? {
        guard case .saving(var save) = phase else {
            preconditionFailure("Only a save is answered.")
        }
        if directive.action == .stop, !directive.recorded {
            throw .finished(reason: directive.reason ?? "The server has nothing more to train.")
        }
        if directive.action == .switch, directive.checkpoint == nil, !directive.recorded {
            guard save.attempts < Save.mostAttempts else {
                throw .leaseLapsed(
                    """
                    The lease lapsed \(save.attempts) times while the member was saved; give \
                    leases a longer time at the server.
                    """)
            }
            save.attempts += 1
            phase = .saving(save)
            return save
        }
        step = save.step
        parametersPath = save.parametersPath
        owesDecline = false
        phase = offer(of: directive).map { .offered($0, .none) } ?? .training
        return nil
    }

    /// The save was refused and is recorded nowhere.
    mutating func refused() {
        phase = .training
    }

    /// The save was not answered. The coordinator may have it.
    mutating func unanswered() {
        guard case .saving(let save) = phase else {
            preconditionFailure("Only a save goes unanswered.")
        }
        phase = .unanswered(save)
    }

    private func offer(of directive: Directive) -> Offer? {
        switch directive.action {
        case .continue, .stop: return nil
        case .exploit, .switch:
            guard let checkpoint = directive.checkpoint else { return nil }
            return Offer(
                step: directive.step, parametersPath: checkpoint,
                hyperparameters: directive.donorHyperparameters ?? directive.hyperparameters,
                explored: directive.hyperparameters)
        }
    }

    // MARK: - Exploiting and exploring

    /// The user takes over what was offered.
    mutating func exploit() throws(MurmurationError) {
        guard case .offered(let offer, let use) = phase else { throw .nothingToExploit }
        if use == .none { own = Own(step: step, parametersPath: parametersPath, base: base) }
        step = offer.step
        parametersPath = offer.parametersPath
        base = offer.hyperparameters
        phase = .offered(offer, .exploited)
    }

    /// The user goes on with the explored hyperparameters.
    mutating func explore() throws(MurmurationError) {
        guard case .offered(let offer, let use) = phase else { throw .nothingToExploit }
        guard use != .none else { throw .exploresFirst }
        base = offer.explored
        phase = .offered(offer, .explored)
    }

    /// What was offered cannot be loaded: the coordinator is to be asked for something else.
    mutating func decline() throws(MurmurationError) {
        guard shouldExploit else { throw .nothingToExploit }
        guard !isDeclining else { throw .alreadyReporting }
        isDeclining = true
    }

    /// It was asked in vain, and may be asked again.
    mutating func declineFailed() {
        isDeclining = false
    }

    /// The coordinator says what to go on from instead.
    mutating func declined(_ directive: Directive) throws(MurmurationError) {
        isDeclining = false
        guard shouldExploit else { throw .nothingToExploit }
        // What is in memory is the member's own, unless a load that failed has begun to replace it.
        let wasTaken = own != nil
        if let own {
            (step, parametersPath, base) = (own.step, own.parametersPath, own.base)
            self.own = nil
        }
        guard directive.action != .stop else {
            phase = .training
            return
        }
        if let offer = offer(of: directive),
            wasTaken || offer.parametersPath != parametersPath || offer.step != step
        {
            phase = .offered(offer, .none)
            return
        }
        phase = .training
        (step, parametersPath, base) =
            (directive.step, directive.checkpoint, directive.hyperparameters)
    }

    /// The user trains with another value, whatever exploiting and exploring say until the next
    /// save.
    mutating func setHyperparameter(
        _ name: String, _ value: HyperparameterValue
    ) throws(MurmurationError) {
        guard base[name] != nil || conditional.contains(name) else {
            throw .unknownHyperparameter(name: name, known: base.names)
        }
        set[name] = value
    }
}
