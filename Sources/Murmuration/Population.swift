import Messages

/// A population as its coordinator has it: how it evolves, and how far it is.
public struct Population: Hashable, Sendable, Codable {
    public var name: String
    /// Without those that were removed.
    public var members: Int
    public var status: Status
    /// The lowest score is best.
    public var minimize: Bool
    public var settings: Settings
    /// What exploring multiplies by.
    public var perturbationFactors: [Double]
    /// The fraction of the ranked members that is copied, the best ones.
    public var donorsFraction = 0.5
    /// The chance that exploring changes a hyperparameter of few values, which is not drawn anew.
    public var mutationProbability = 0.25
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
    /// The hyperparameters that are searched.
    public var space: [Dimension]

    public enum Status: String, Hashable, Sendable, Codable {
        case active
        /// Workers wait.
        case paused
        /// Workers stop.
        case ended
    }

    /// What may change while it trains. In a change, `nil` stays as it is.
    public struct Settings: Hashable, Sendable, Codable {
        /// The step at which a member is finished; ``endless`` for none.
        public var maxSteps: Int?
        /// Steps between two reports at which a member may exploit.
        public var interval: Int?
        /// Steps before which no member exploits.
        public var burnIn: Int?
        /// The fraction of the ranked members that copies, at most 0.5.
        public var fraction: Double?
        /// With fewer ranked members than this nobody exploits.
        public var minPopulationSize: Int?
        /// The chance that exploring draws a hyperparameter anew instead of perturbing it.
        public var resampleProbability: Double?

        /// The `maxSteps` of a population that trains for ever.
        public static let endless = 0

        public init(
            maxSteps: Int? = nil, interval: Int? = nil, burnIn: Int? = nil,
            fraction: Double? = nil, minPopulationSize: Int? = nil,
            resampleProbability: Double? = nil
        ) {
            self.maxSteps = maxSteps
            self.interval = interval
            self.burnIn = burnIn
            self.fraction = fraction
            self.minPopulationSize = minPopulationSize
            self.resampleProbability = resampleProbability
        }

        private enum CodingKeys: String, CodingKey {
            case interval, fraction
            case maxSteps = "max_steps"
            case burnIn = "burn_in"
            case minPopulationSize = "min_population_size"
            case resampleProbability = "resample_probability"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, members, status, minimize, settings, seed, grows, finished, training, lost
        case removed, reports, exploits, space, synchronous, generation
        case generationReported = "generation_reported"
        case generationDeadline = "generation_deadline"
        case perturbationFactors = "perturbation_factors"
        case donorsFraction = "donors_fraction"
        case mutationProbability = "mutation_probability"
    }
}

extension Population {
    /// One hyperparameter of a search space, as far as showing its values needs it.
    public struct Dimension: Hashable, Sendable, Codable {
        public var name: String
        public var kind: Kind
        /// The bounds of numbers and integers.
        public var min: Double?
        public var max: Double?
        /// Equal factors, not equal differences, are equally far.
        public var log: Bool
        /// Of choices and ordinals, in the space's order; empty when they are too many for a message.
        public var values: [HyperparameterValue] = []

        public enum Kind: String, Hashable, Sendable, Codable {
            case number, integer, choice, ordinal, fixed
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
        settings = Settings(
            maxSteps: Int(clamping: wire.maxSteps), interval: Int(clamping: wire.interval),
            burnIn: Int(clamping: wire.burnIn), fraction: wire.fraction,
            minPopulationSize: Int(clamping: wire.minPopulationSize),
            resampleProbability: wire.resampleProbability)
        perturbationFactors = wire.perturbationFactors
        donorsFraction = wire.donorsFraction
        mutationProbability = wire.mutationProbability
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
        space = wire.space.map(Dimension.init)
    }

    /// The step at which a member is finished; `nil` when there is none.
    public var maxSteps: Int? { settings.maxSteps == Settings.endless ? nil : settings.maxSteps }
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

extension Population.Settings {
    init(_ wire: WireSettings) {
        if wire.hasMaxSteps { maxSteps = Int(clamping: wire.maxSteps) }
        if wire.hasInterval { interval = Int(clamping: wire.interval) }
        if wire.hasBurnIn { burnIn = Int(clamping: wire.burnIn) }
        if wire.hasFraction { fraction = wire.fraction }
        if wire.hasMinPopulationSize { minPopulationSize = Int(clamping: wire.minPopulationSize) }
        if wire.hasResampleProbability { resampleProbability = wire.resampleProbability }
    }

    var wire: WireSettings {
        var wire = WireSettings()
        if let maxSteps { wire.maxSteps = UInt64(clamping: maxSteps) }
        if let interval { wire.interval = UInt64(clamping: interval) }
        if let burnIn { wire.burnIn = UInt64(clamping: burnIn) }
        if let fraction { wire.fraction = fraction }
        if let minPopulationSize { wire.minPopulationSize = UInt64(clamping: minPopulationSize) }
        if let resampleProbability { wire.resampleProbability = resampleProbability }
        return wire
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
            case .fixed: .fixed
            case .number, .unspecified, .UNRECOGNIZED: .number
            }
        if kind == .number || kind == .integer {
            min = wire.min
            max = wire.max
        }
        log = wire.log
        values = wire.values.compactMap(HyperparameterValue.init)
    }
}
