import Evolution

/// Something to make durable. A batch of changes is committed as one.
package enum Change: Sendable {
    case population(PopulationRecord)
    case event(EventRecord)
    /// The member's present state, which the events before it in the batch led to.
    case member(population: Int, Member)
    case lease(LeaseRecord)
    /// Forgets leases that ended, by their tokens.
    case forgetLease(UInt64)
    case answer(AnswerRecord)
    case forgetAnswer(key: [UInt8])
    case release(ReleaseRecord)
    /// Forgets a release that was dealt with, by its number.
    case forgetRelease(UInt64)
    case key(KeyRecord)
    /// Forgets a key that is of no use any more, by its public key.
    case forgetKey([UInt8])
}

/// A population, but for its members.
package struct PopulationRecord: Hashable, Sendable {
    package var id: Int
    package var name: String
    /// The specification's text, in the form of a space file.
    package var specification: String
    package var status = Population.Status.active
    /// The best state that any member ever committed.
    package var best: CommittedState?
    /// The best states that are copied too, the best one first.
    package var archive: [ArchivedState] = []
    /// The open one of a synchronous population; 0 in an asynchronous one.
    package var generation = 0
    /// The names of the hyperparameters in the space's order: the journal writes values by name.
    package var hyperparameters: [String]
    /// Milliseconds since 1970 UTC.
    package var created: Int64

    package init(
        id: Int, name: String, specification: String, hyperparameters: [String], created: Int64
    ) {
        self.id = id
        self.name = name
        self.specification = specification
        self.hyperparameters = hyperparameters
        self.created = created
    }
}

/// What becomes of a population as it trains.
package struct PopulationState: Hashable, Sendable {
    package var id: Int
    package var status: Population.Status
    package var generation: Int
    package var best: CommittedState?
    package var archive: [ArchivedState]

    package init(
        id: Int, status: Population.Status, generation: Int, best: CommittedState? = nil,
        archive: [ArchivedState] = []
    ) {
        self.id = id
        self.status = status
        self.generation = generation
        self.best = best
        self.archive = archive
    }
}

extension PopulationRecord {
    package var state: PopulationState {
        PopulationState(
            id: id, status: status, generation: generation, best: best, archive: archive)
    }

    package mutating func take(_ state: PopulationState) {
        (status, generation) = (state.status, state.generation)
        (best, archive) = (state.best, state.archive)
    }

    /// The rest of it is the same.
    package func differsOnlyInState(from other: PopulationRecord) -> Bool {
        (id, name, specification, hyperparameters, created)
            == (other.id, other.name, other.specification, other.hyperparameters, other.created)
    }
}

/// An event and its place in the journal.
package struct EventRecord: Hashable, Sendable {
    /// From 1, one more for each event of any population.
    package var sequence: Int
    package var population: Int
    /// Milliseconds since 1970 UTC.
    package var time: Int64
    package var event: Event

    package init(sequence: Int, population: Int, time: Int64, event: Event) {
        self.sequence = sequence
        self.population = population
        self.time = time
        self.event = event
    }
}

/// A worker's right to report for a member.
package struct LeaseRecord: Hashable, Sendable {
    package var token: UInt64
    package var population: Int
    package var member: Int
    package var worker: String
    /// The last report that was accepted under it.
    package var sequence: Int
    package var state: State
    /// The worker is never given another member.
    package var keeps = false
    /// The id of the key that its holder has; empty for whoever shares the secret.
    package var owner = ""
    /// What stays the same when its holder is started again, among those of its owner; empty for none.
    package var place = ""
    /// What that report said, in short (`WireReport.digest`); 0 when that is not known.
    package var digest: UInt64 = 0
    /// The serialized directive that answered that report, for its retries.
    package var directive: [UInt8]
    /// Milliseconds since 1970 UTC of its last change.
    package var time: Int64

    package enum State: String, Sendable {
        case live
        /// A directive or the worker ended it; it still answers a retry of its last report.
        case ended
        /// Revoked for good: nothing was heard of the worker for too long, or its member was removed.
        case lapsed
    }

    package init(
        token: UInt64, population: Int, member: Int, worker: String, sequence: Int, state: State,
        directive: [UInt8], time: Int64
    ) {
        self.token = token
        self.population = population
        self.member = member
        self.worker = worker
        self.sequence = sequence
        self.state = state
        self.directive = directive
        self.time = time
    }
}

/// What was answered to a request that carried a key.
package struct AnswerRecord: Hashable, Sendable {
    package var key: [UInt8]
    /// What the request said, in short (`WireRequest.digest`); 0 when that is not known.
    package var digest: UInt64
    package var reply: [UInt8]
    /// Milliseconds since 1970 UTC.
    package var time: Int64

    package init(key: [UInt8], digest: UInt64, reply: [UInt8], time: Int64) {
        self.key = key
        self.digest = digest
        self.reply = reply
        self.time = time
    }
}

/// A checkpoint that nothing holds any more, until a worker has dealt with it.
package struct ReleaseRecord: Hashable, Sendable {
    /// Never used again.
    package var number: UInt64
    package var population: Int
    /// Whose worker is told; `nil` for any of the population's.
    package var member: Int?
    package var checkpoint: String

    package init(number: UInt64, population: Int, member: Int?, checkpoint: String) {
        self.number = number
        self.population = population
        self.member = member
        self.checkpoint = checkpoint
    }
}
