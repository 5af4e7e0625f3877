import Evolution

/// What a coordinator has done in its epoch, and its present state, for whoever operates it.
package struct Statistics: Sendable {
    package let epoch: UInt64
    /// The sequence of the last event that is committed.
    package let sequence: Int
    package let counters: Counters
    package let traffic: Traffic
    /// Requests that were taken in, and whose answers have not left yet.
    package let waitingRequests: Int
    /// The disk refuses, and nothing is accepted.
    package let isStuck: Bool
    /// Of connections that subscribed for themselves, as who was invited does.
    package let subscriptions: Int
    /// Encrypted connections that were let in, and those that were not.
    package let admitted: Int
    package let turnedAway: Int
    /// By id.
    package let populations: [OfPopulation]
    /// Where it listens, by what for.
    package let ports: [(name: String, port: Int)]

    package struct OfPopulation: Sendable {
        package let name: String
        package let status: Population.Status
        /// There was nothing more to train when the epoch began.
        package let wasOver: Bool
        package let counters: Counters.OfPopulation
        /// Under a lease.
        package let training: Int
        package let finished: Int
        package let lost: Int
        /// None of those.
        package let waiting: Int
        /// Beginnings from which any of its members descends, as ``Beginnings`` has it.
        package let beginningsAlive: Int
        /// The score of the best state that any member ever committed.
        package let best: Double?
    }
}

extension Statistics.OfPopulation {
    init(
        _ hosted: HostedPopulation, _ counters: Counters.OfPopulation?, beginningsAlive: Int,
        wasOver: Bool
    ) {
        let tally = hosted.population.tally
        name = hosted.name
        status = hosted.population.status
        self.wasOver = wasOver
        self.counters = counters ?? Counters.OfPopulation()
        training = hosted.training
        finished = tally.finished
        lost = tally.lost
        // One whose last step was lowered while it trains is both, until it reports.
        waiting = max(0, tally.members - hosted.training - tally.finished - tally.lost)
        self.beginningsAlive = beginningsAlive
        best = hosted.population.best?.score
    }
}

extension HostedPopulation {
    /// There is nothing more to train.
    var isOver: Bool { population.status.isEnded || population.isFinished }
}
