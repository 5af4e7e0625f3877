/// An individual of a population. It is data; it outlives any process.
package struct Member: Hashable, Sendable {
    /// Its number in the population, from 0.
    package let id: Int
    /// What it trains with next.
    package var hyperparameters: [Value]
    /// The step of its last report; its committed step again when another worker takes it over.
    package var step = 0
    /// How many reports it made. Keys what the next report draws.
    package var reports = 0
    /// The step from which its interval counts.
    package var considered = 0
    /// The last generation that it reported for, in a synchronous population; 0 for none.
    package var generation = 0
    /// Where it stood when an exploit was last considered for it, in an asynchronous population.
    package var standing: Standing?
    package var presence = Presence.waiting
    /// Its last own scores, where the population's rules look at several.
    package var scores = OwnScores()
    package var latest: CommittedState?
    /// What `latest` replaced: to fall back to.
    package var previous: CommittedState?

    /// The member that it last copied.
    package var donor: Int?
    /// It copied that one because its own state could not be loaded, and has committed none since.
    package var isRescued = false
    /// Its worker was lost, and no other one has taken it over since.
    package var isLost = false
    /// It is neither trained nor copied again. What it did stays in the history.
    package var isRemoved = false

    package init(id: Int, hyperparameters: [Value]) {
        self.id = id
        self.hyperparameters = hyperparameters
    }

    /// It became its donor and has reported nothing of its own since.
    package var isInherited: Bool { (latest?.member ?? id) != id }

    /// The last state that it committed itself, by which it is ranked (rule 2); `nil` before the
    /// first one, and when that could not be loaded.
    package var measured: CommittedState? {
        if isRemoved { return nil }
        if let latest, latest.member == id { return latest }
        if let previous, previous.member == id { return previous }
        return nil
    }

    /// The states that it has or may fall back to.
    var states: [CommittedState] {
        if isRemoved { return [] }
        return [latest, previous].compactMap(\.self)
    }

    /// The checkpoints of its states.
    var holding: Checkpoints.Holding {
        if isRemoved { return Checkpoints.Holding() }
        if Hooks.present.holdsLatestOnly {
            return Checkpoints.Holding(latest: latest?.checkpoint)
        }
        return Checkpoints.Holding(latest: latest?.checkpoint, previous: previous?.checkpoint)
    }
}

/// Who trains a member.
package enum Presence: Hashable, Sendable {
    /// Nobody; the next worker that takes any member does.
    case waiting
    /// A worker.
    case held
    /// Nobody, since its worker left or was lost: so many reports its population had taken then.
    case away(since: Int)

    package var isAway: Bool { if case .away = self { true } else { false } }
}

/// What one report committed, never mixed from two.
package struct CommittedState: Hashable, Sendable {
    /// The member that trained it.
    package var member: Int
    /// Which of that member's reports made it, from 1.
    package var report: Int
    package var step: Int
    package var score: Double
    /// What it was trained with.
    package var hyperparameters: [Value]
    package var checkpoint: String

    package init(
        member: Int, report: Int, step: Int, score: Double, hyperparameters: [Value],
        checkpoint: String
    ) {
        self.member = member
        self.report = report
        self.step = step
        self.score = score
        self.hyperparameters = hyperparameters
        self.checkpoint = checkpoint
    }
}
