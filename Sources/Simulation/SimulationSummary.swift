/// What happened in simulations.
package struct SimulationSummary: Hashable, Sendable {
    package internal(set) var populations = 0
    package internal(set) var reports = 0
    package internal(set) var exploits = 0
    /// Generations of synchronous populations that closed.
    package internal(set) var generations = 0
    package internal(set) var declines = 0
    /// Requests that were asked again.
    package internal(set) var retries = 0
    /// Links of workers that broke.
    package internal(set) var losses = 0
    package internal(set) var lapses = 0
    /// Workers that learned that their lease was over.
    package internal(set) var lostLeases = 0
    /// Of the coordinator.
    package internal(set) var kills = 0

    /// Members that copied because their own state could not be loaded.
    package internal(set) var rescues = 0
    /// Those that closed at their deadline.
    package internal(set) var lateGenerations = 0
    /// Requests that came while a batch was committed.
    package internal(set) var overlaps = 0
    package internal(set) var refusedCommits = 0
    /// Commits that had been refused or had not ended, and were on disk after a kill.
    package internal(set) var resurfaced = 0
    /// Of machines.
    package internal(set) var standstills = 0
    package internal(set) var clockJumps = 0
    /// Messages.
    package internal(set) var lost = 0
    package internal(set) var doubled = 0
    package internal(set) var delayed = 0

    package init() {}

    package static func += (left: inout Self, right: Self) {
        left.populations += right.populations
        left.reports += right.reports
        left.exploits += right.exploits
        left.generations += right.generations
        left.declines += right.declines
        left.retries += right.retries
        left.losses += right.losses
        left.lapses += right.lapses
        left.lostLeases += right.lostLeases
        left.kills += right.kills
        left.rescues += right.rescues
        left.lateGenerations += right.lateGenerations
        left.overlaps += right.overlaps
        left.refusedCommits += right.refusedCommits
        left.resurfaced += right.resurfaced
        left.standstills += right.standstills
        left.clockJumps += right.clockJumps
        left.lost += right.lost
        left.doubled += right.doubled
        left.delayed += right.delayed
    }
}

/// Runs simulations.
package enum Simulator {
    /// Runs one, whose every random choice comes from the seed.
    ///
    /// - Parameter tell: takes a line for whatever happens.
    /// - Throws: `Violation` when something does not hold that must.
    package static func run(
        seed: UInt64, tell: ((String) -> Void)? = nil
    ) throws -> SimulationSummary {
        let simulation = Simulation(seed: seed, tell: tell)
        try simulation.run()
        return simulation.summary
    }
}
