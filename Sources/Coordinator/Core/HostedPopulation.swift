import Evolution
import HeapModule
import Messages
import Records

/// A population and who trains its members.
package struct HostedPopulation: Sendable {
    package let id: Int
    package let name: String
    /// Milliseconds since 1970 UTC.
    let created: Int64
    package internal(set) var population: Population
    /// The specification's text, as the journal has it.
    private var text: String
    /// The token of the lease under which each member trains.
    package private(set) var holders: [UInt64?]
    /// Members under a lease.
    package private(set) var training = 0
    private(set) var waiting = Heap<WaitingMember>()
    /// Whether each member is written with the batch.
    private var isTouched: [Bool]
    /// The turn of each member's place in the queue; 0 for none. Other places of it do not count.
    private var places: [Int]
    private var turns = 0
    /// Members under a lease of a worker that may be given others.
    private(set) var rotatingWorkers = 0
    /// When such a worker last had a lease or asked for one, in uptime; at first, when one might have
    /// come. `nil` for never, as nobody is expected where each worker brings its own member.
    var rotatingWorkerHeard: Duration?
    /// Since when the deadline of the open generation counts, in uptime.
    var opened = Duration.zero

    /// Something that a board shows changed since the last one.
    var changed = true
    /// In uptime; `nil` before the first board.
    var lastBoard: Duration?
    /// When the next board is due, in uptime.
    var boardDue = Duration.zero
    /// Counts the messages of each topic in this epoch.
    var boards: UInt64 = 0
    var lineages: UInt64 = 0
    /// Committed and not yet published.
    var lineage: [EventRecord] = []
    /// The text of a worker's space that was found to be this population's.
    var comparedSpace: String?
    /// Which state the journal has as the best, and which ones as those that are copied too.
    var writtenBest: CommittedState?
    var writtenArchive: StateArchive

    init(id: Int, name: String, created: Int64, population: Population) {
        self.id = id
        self.name = name
        self.created = created
        self.population = population
        text = SpaceFile.render(population.specification)
        holders = Array(repeating: nil, count: population.members.count)
        isTouched = Array(repeating: false, count: population.members.count)
        places = Array(repeating: 0, count: population.members.count)
        writtenBest = population.best
        writtenArchive = population.archive
    }

    var specification: Specification { population.specification }

    /// Whether the journal has the best states that there are now.
    var areBestWritten: Bool {
        population.best?.member == writtenBest?.member
            && population.best?.report == writtenBest?.report
            && population.archive == writtenArchive
    }

    var record: PopulationRecord {
        var record = PopulationRecord(
            id: id, name: name, specification: text,
            hyperparameters: specification.space.hyperparameters.map(\.name), created: created)
        record.status = population.status
        record.best = population.best
        record.archive = population.archive.states
        record.generation = population.generation?.number ?? 0
        return record
    }

    /// Applies an event that changes the population itself.
    mutating func apply(_ event: Event) {
        population.apply(event)
        switch event.kind {
        case .created:
            holders.append(nil)
            isTouched.append(false)
            places.append(0)
            queue(population.members.count - 1)
        case .removed:
            if let member = event.member { places[member] = 0 }
        case .changed:
            text = SpaceFile.render(specification)
            // Members that had finished may have further steps to go, and the other way round.
            queueMembers()
        case .leased, .reported, .declined, .released, .exploited, .paused, .resumed, .ended,
            .generationClosed:
            break
        }
    }

    // MARK: The batch

    /// Has a member's present state written with the batch.
    ///
    /// - Returns: whether it was not to be written already.
    mutating func touch(_ member: Int) -> Bool {
        defer { isTouched[member] = true }
        return !isTouched[member]
    }

    /// The present state of a member that is written now.
    mutating func takeTouched(_ member: Int) -> Member {
        isTouched[member] = false
        return population.members[member]
    }

    // MARK: The queue

    /// The committed step of the member that is next, when one waits.
    mutating func nextStep() -> Int? {
        dropLeft()
        return waiting.min?.step
    }

    /// Whether the member has a place in the queue.
    func isWaiting(_ member: Int) -> Bool { places[member] != 0 }

    mutating func takeNext() -> Int? {
        dropLeft()
        guard let next = waiting.popMin() else { return nil }
        places[next.member] = 0
        return next.member
    }

    /// Takes a member out of its place in the queue; false when it does not wait.
    mutating func take(_ member: Int) -> Bool {
        guard isWaiting(member) else { return false }
        places[member] = 0
        return true
    }

    /// Puts every member without a lease in the queue that has no place in it.
    mutating func queueMembers() {
        for member in population.members.indices where holders[member] == nil {
            if !population.isToTrain(member) {
                places[member] = 0
            } else if places[member] == 0 {
                queue(member)
            }
        }
    }

    /// - Parameter isKept: whether its worker keeps it, and takes no other one.
    mutating func hold(_ member: Int, under token: UInt64, isKept: Bool) {
        precondition(holders[member] == nil, "a member has one live lease at most")
        holders[member] = token
        places[member] = 0
        training += 1
        rotatingWorkers += isKept ? 0 : 1
    }

    mutating func endLease(of member: Int, isKept: Bool) {
        precondition(holders[member] != nil, "only a held member has a lease")
        holders[member] = nil
        training -= 1
        rotatingWorkers -= isKept ? 0 : 1
        queue(member)
    }

    /// Whether the open generation waits for nobody: each member has reported for it, or no worker
    /// will come for it.
    ///
    /// - Parameter mayRotate: whether there are workers that may be given any member.
    func isGenerationComplete(mayRotate: Bool) -> Bool {
        guard let generation = population.generation else { return false }
        if generation.awaited == 0 { return true }
        // Only then is it worth looking at each.
        guard !mayRotate, generation.awaited <= population.tally.members - training else {
            return false
        }
        return !holders.indices.contains { holders[$0] != nil && population.isToTrain($0) }
    }

    /// What becomes of a member that reported.
    enum AfterReport {
        /// Its worker trains it on to this step.
        case trains(to: Int)
        /// Its worker does not train it on.
        case ends(ReleaseReason)
    }

    /// - Parameter isKept: whether its worker keeps it, and takes no other one.
    mutating func afterReport(
        of member: Int, after reported: Reported, isExploit: Bool, isKept: Bool
    ) -> AfterReport {
        if population.isFinished(member) { return .ends(.finished) }
        switch population.status {
        case .active: break
        case .paused: return .ends(.paused)
        case .ended: return .ends(.ended)
        }
        if population.hasReported(member) { return .ends(.generation) }
        // A worker takes other hyperparameters with a lease, as its schedule has them.
        let isTurn =
            reported.checkpoint != nil && !specification.schedule.isEmpty
            && population.members[member].hyperparameters != reported.hyperparameters
        if isTurn { return .ends(.switched) }
        // Within a generation every member trains to the end of its interval, whoever begins first.
        let mayBeSwitched =
            !isKept && reported.checkpoint != nil
            && (reported.generation != nil || population.generation == nil)
        let step = population.members[member].latest?.step ?? 0
        // A worker that must load a checkpoint anyway takes the one that has waited longest: a
        // member that copies one that has trained less would otherwise be trained again and again,
        // while the others wait.
        if mayBeSwitched, let next = nextStep(), next < step || (next == step && isExploit) {
            return .ends(.switched)
        }
        return .trains(to: population.targetStep(of: member))
    }

    private mutating func queue(_ member: Int) {
        guard population.isToTrain(member) else { return }
        turns += 1
        places[member] = turns
        waiting.insert(
            WaitingMember(
                step: population.members[member].latest?.step ?? 0, turn: turns, member: member))
        if waiting.count > max(2 * places.count, 32) {
            // Most are places that their members left, which are not at the head.
            waiting = Heap(waiting.unordered.filter { places[$0.member] == $0.turn })
        }
    }

    /// Drops places at the head of the queue that their members left.
    private mutating func dropLeft() {
        while let first = waiting.min, places[first.member] != first.turn {
            _ = waiting.popMin()
        }
    }

    package func state(of member: Int) -> WireEntry.State {
        if holders[member] != nil, !population.hasReported(member) { return .training }
        if population.isFinished(member) { return .finished }
        return population.members[member].isLost ? .lost : .waiting
    }
}
