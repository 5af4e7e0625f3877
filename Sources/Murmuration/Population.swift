import Messages

/// A population as its coordinator has it: how it evolves, and how far it is.
public struct Population: Hashable, Sendable, Codable {
    public var name: String
    /// Without those that were removed.
    public var members: Int
    public var status: Status
    /// The lowest score is best.
    public var minimize: Bool
    /// What it evolves by.
    public var settings: Settings
    /// The seed of its random choices.
    public var seed: UInt64
    /// Each worker that keeps its member joins as a new one.
    public var grows: Bool
    /// Who copies whom is decided for a whole generation at once.
    public var synchronous = false
    /// The open generation, from 1; 0 in an asynchronous population.
    public var generation = 0
    /// Members that the generation need not wait for: they have reported for it, or have finished.
    public var generationReported = 0
    /// Seconds after which a generation closes without the members that have not reported; `nil`
    /// when it waits for all of them.
    public var generationDeadline: Double?
    /// Members that reached the last step.
    public var finished: Int
    /// Members that a worker has now.
    public var training: Int
    /// Members whose worker was lost, and that no other one has taken over yet.
    public var lost: Int
    /// Members that were removed.
    public var removed: Int
    public var reports: Int
    public var exploits: Int
    /// Why nobody copies, or why it ended by itself, in a sentence; else `nil`.
    public var obstacle: String?
    /// The hyperparameters that are searched.
    public var space: [Dimension]
    /// What they keep among each other, such as `a < b` and `a + b <= 1`.
    public var constraints: [String] = []

    public enum Status: String, Hashable, Sendable, Codable {
        case active
        /// Workers wait.
        case paused
        /// Workers stop.
        case ended
    }

    private enum CodingKeys: String, CodingKey {
        case name, members, status, minimize, settings, seed, grows, finished, training, lost
        case removed, reports, exploits, obstacle, space, constraints, synchronous, generation
        case generationReported = "generation_reported"
        case generationDeadline = "generation_deadline"
    }
}

extension Population {
    /// One hyperparameter of a search space, as far as showing its values needs it.
    public struct Dimension: Hashable, Sendable, Codable {
        public var name: String
        public var kind: Kind
        /// The bounds of numbers and integers; where there is none, as far as members begin.
        public var min: Double?
        public var max: Double?
        /// Equal factors, not equal differences, are equally far.
        public var log: Bool
        /// Of choices and ordinals, in the space's order; empty when they are too many for a message.
        public var values: [HyperparameterValue] = []
        /// Of numbers and integers: the distance of a value from the next; `nil` when there is none.
        public var step: Double?
        /// Of numbers and integers: where there is no bound; `nil` when there are both.
        public var unbounded: Unbounded?
        /// Of numbers and integers: how members begin; `nil` when evenly in the whole range.
        public var beginning: Beginning?
        /// It counts while each hyperparameter of these names has one of the values, and counts itself;
        /// empty when it always does. What does not count is absent wherever hyperparameters are.
        public var when: [String: [HyperparameterValue]] = [:]

        public enum Unbounded: String, Hashable, Sendable, Codable {
            case below, above, both
        }

        /// How members begin.
        public struct Beginning: Hashable, Sendable, Codable {
            /// `uniform`, `normal` or `lognormal`.
            public var draw: String
            /// Of normal and lognormal; of lognormal they are those of the logarithm.
            public var mean: Double?
            public var sd: Double?
            /// Within these, where that is not the whole range.
            public var min: Double?
            public var max: Double?
        }

        public enum Kind: String, Hashable, Sendable, Codable {
            case number, integer, choice, ordinal, bool, fixed
        }
    }
}

// MARK: - On the wire

extension Population {
    package init(_ wire: WirePopulation) {
        name = wire.name
        members = Int(clamping: wire.members)
        status = Status(wire.status)
        minimize = wire.minimize
        settings = Settings(wire.settings)
        seed = wire.seed
        grows = wire.grows
        synchronous = wire.synchronous
        generation = Int(clamping: wire.generation)
        generationReported = Int(clamping: wire.generationReported)
        let seconds = wire.generationDeadlineSeconds
        generationDeadline = seconds > 0 ? seconds : nil
        finished = Int(clamping: wire.finished)
        training = Int(clamping: wire.training)
        lost = Int(clamping: wire.lost)
        removed = Int(clamping: wire.removed)
        reports = Int(clamping: wire.reports)
        exploits = Int(clamping: wire.exploits)
        obstacle = wire.obstacle.isEmpty ? nil : wire.obstacle
        space = wire.space.map(Dimension.init)
        constraints = wire.constraints
    }

    /// The step at which a member is finished; `nil` when there is none.
    public var maxSteps: Int? {
        guard case .integer(let steps) = settings["max_steps"], steps > 0 else { return nil }
        return Int(clamping: steps)
    }
}

extension Population.Status {
    init(_ wire: WireStatus) {
        self =
            switch wire {
            case .paused: .paused
            case .ended: .ended
            case .active, .unspecified, .UNRECOGNIZED: .active
            }
    }
}

extension Population.Dimension {
    fileprivate init(_ wire: WireDimension) {
        name = wire.name
        kind =
            switch wire.kind {
            case .integer: .integer
            case .choice: .choice
            case .ordinal: .ordinal
            case .bool: .bool
            case .fixed: .fixed
            case .number, .unspecified, .UNRECOGNIZED: .number
            }
        if kind == .number || kind == .integer {
            min = wire.min
            max = wire.max
            if wire.step > 0 { step = wire.step }
            unbounded = Unbounded(wire.unbounded)
            if wire.hasBeginning { beginning = Beginning(wire.beginning) }
        }
        log = wire.log
        values = wire.values.compactMap(HyperparameterValue.init)
        for condition in wire.when {
            when[condition.name] = condition.values.compactMap(HyperparameterValue.init)
        }
    }
}

extension Population.Dimension.Unbounded {
    fileprivate init?(_ wire: WireDimension.Unbounded) {
        switch wire {
        case .below: self = .below
        case .above: self = .above
        case .both: self = .both
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension Population.Dimension.Beginning {
    fileprivate init(_ wire: WireDimension.Beginning) {
        draw = wire.draw
        // A deviation is above 0.
        mean = wire.sd > 0 ? wire.mean : nil
        sd = wire.sd > 0 ? wire.sd : nil
        min = wire.hasMin ? wire.min : nil
        max = wire.hasMax ? wire.max : nil
    }
}
