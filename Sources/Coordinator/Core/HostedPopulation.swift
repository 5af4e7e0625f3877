import Evolution
import HeapModule
import Messages

/// A population and who trains its members.
struct HostedPopulation: Sendable {
    let id: Int
    let name: String
    var population: Population
    /// The token of the lease under which each member trains.
    private(set) var holders: [UInt64?]
    /// Members under a lease.
    private(set) var training = 0
    private var waiting = Heap<WaitingMember>()
    private var turns = 0

    /// Something that a board shows changed since the last one.
    var changed = true
    var lastBoard: Duration?
    /// Counts the messages of each topic in this epoch.
    var boards: UInt64 = 0
    var lineages: UInt64 = 0
    /// Committed and not yet published.
    var news: [WireEvent] = []

    init(id: Int, name: String, population: Population) {
        self.id = id
        self.name = name
        self.population = population
        holders = Array(repeating: nil, count: population.members.count)
    }

    var specification: Specification { population.specification }
    var isFinished: Bool { population.finished == population.members.count }

    /// The committed step of the member that is next, when one waits.
    var nextStep: Int? { waiting.min?.step }

    /// Puts every member without a lease in the queue; once, when the leases are known.
    mutating func queueMembers() {
        for member in population.members.indices where holders[member] == nil {
            queue(member)
        }
    }

    mutating func takeNext() -> Int? { waiting.popMin()?.member }

    mutating func hold(_ member: Int, under token: UInt64) {
        precondition(holders[member] == nil, "a member has one live lease at most")
        holders[member] = token
        training += 1
        changed = true
    }

    mutating func release(_ member: Int) {
        precondition(holders[member] != nil, "only a held member is released")
        holders[member] = nil
        training -= 1
        changed = true
        queue(member)
    }

    private mutating func queue(_ member: Int) {
        guard !population.isFinished(member) else { return }
        turns += 1
        waiting.insert(
            WaitingMember(
                step: population.members[member].latest?.step ?? 0, turn: turns, member: member))
    }

    func state(of member: Int) -> WireEntry.State {
        if holders[member] != nil { return .training }
        return population.isFinished(member) ? .finished : .waiting
    }
}
