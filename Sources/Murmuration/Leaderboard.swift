import Messages

/// The best members of a population, and how it does, at one moment.
public struct Leaderboard: Hashable, Sendable, Codable {
    public var population: String
    /// The lowest score is best.
    public var minimize: Bool
    /// The number of the coordinator's run.
    public var epoch: UInt64
    /// The last sequence of the journal that this shows. Two boards of the same sequence are equal.
    public var committed: UInt64
    /// So many of the best are left out.
    public var offset: Int
    /// Best first.
    public var entries: [Entry]
    /// The best state that any member ever committed; its rank is 0.
    public var best: Entry?
    public var summary: Summary

    /// A member that has a committed state.
    public struct Entry: Hashable, Sendable, Codable {
        /// From 1.
        public var rank: Int
        public var member: Int
        public var step: Int
        /// NaN and infinities rank last.
        public var score: Double
        public var checkpoint: String
        public var hyperparameters: Hyperparameters
        public var state: State
        /// It has copied the donor since, and reported nothing of its own yet.
        public var inherited: Bool
        /// The member that it last copied.
        public var donor: Int?
    }

    public enum State: String, Hashable, Sendable, Codable {
        case waiting
        case training
        case finished
        /// Its worker was lost, and no other one has taken it over yet.
        case lost
    }

    public struct Summary: Hashable, Sendable, Codable {
        public var members: Int
        /// Members with a committed state.
        public var ranked: Int
        public var training: Int
        public var finished: Int
        public var reports: Int
        public var exploits: Int
        /// Of the finite scores: worst, lower quartile, median, upper quartile, best.
        public var quantiles: [Double]
        /// The step at which a member is finished; `nil` when there is none.
        public var maxSteps: Int?
        /// The members' steps added up.
        public var totalSteps: Int
        /// The coordinator serves without encryption.
        public var insecure: Bool
        /// Members whose worker was lost, and that no other one has taken over yet.
        public var lost: Int
        public var status: Population.Status
        /// Each worker that keeps its member joins as a new one.
        public var grows: Bool
        /// Who copies whom is decided for a whole generation at once.
        public var synchronous = false
        /// The open generation, from 1; 0 in an asynchronous population.
        public var generation = 0
        /// Members that the generation need not wait for: they have reported for it, or have
        /// finished.
        public var generationReported = 0
        /// Why nobody copies, or why it ended by itself, in a sentence; else `nil`.
        public var obstacle: String?

        private enum CodingKeys: String, CodingKey {
            case members, ranked, training, finished, reports, exploits, quantiles, insecure
            case lost, status, grows, synchronous, generation, obstacle
            case generationReported = "generation_reported"
            case maxSteps = "max_steps"
            case totalSteps = "total_steps"
        }
    }
}

// MARK: - On the wire

extension Leaderboard {
    package init(_ wire: WireLeaderboard, epoch: UInt64, committed: UInt64) {
        population = wire.population
        minimize = wire.minimize
        self.epoch = epoch
        self.committed = committed
        offset = Int(clamping: wire.offset)
        entries = wire.entries.map(Entry.init)
        best = wire.hasBest ? Entry(wire.best) : nil
        summary = Summary(wire.summary)
    }
}

extension Leaderboard.Entry {
    fileprivate init(_ wire: WireEntry) {
        rank = Int(clamping: wire.rank)
        member = Int(clamping: wire.member)
        step = Int(clamping: wire.step)
        score = wire.score
        checkpoint = wire.checkpoint
        hyperparameters = Hyperparameters(wire.hyperparameters)
        state =
            switch wire.state {
            case .training: .training
            case .finished: .finished
            case .lost: .lost
            case .waiting, .unspecified, .UNRECOGNIZED: .waiting
            }
        inherited = wire.inherited
        donor = wire.hasDonor ? Int(clamping: wire.donor) : nil
    }
}

extension Leaderboard.Summary {
    fileprivate init(_ wire: WireSummary) {
        members = Int(clamping: wire.members)
        ranked = Int(clamping: wire.ranked)
        training = Int(clamping: wire.training)
        finished = Int(clamping: wire.finished)
        reports = Int(clamping: wire.reports)
        exploits = Int(clamping: wire.exploits)
        quantiles = wire.quantiles
        maxSteps = wire.maxSteps == 0 ? nil : Int(clamping: wire.maxSteps)
        totalSteps = Int(clamping: wire.totalSteps)
        insecure = wire.insecure
        lost = Int(clamping: wire.lost)
        status = Population.Status(wire.status)
        grows = wire.grows
        synchronous = wire.synchronous
        generation = Int(clamping: wire.generation)
        generationReported = Int(clamping: wire.generationReported)
        obstacle = wire.obstacle.isEmpty ? nil : wire.obstacle
    }
}
