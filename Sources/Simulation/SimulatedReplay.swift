import Coordinator
import Evolution
import Records

/// A population as its events make it, beside the coordinator.
struct SimulatedReplay {
    let name: String
    private var rerun: Rerun
    var population: Population { rerun.population }
    /// Who trains each member.
    private(set) var workers: [Int: String] = [:]
    /// The checkpoints of states that members have or may go back to, and of the best ones.
    private(set) var held: Set<String> = []
    private var reference = NaiveReference()

    /// As it was made. What was set since is in its events.
    init(_ record: PopulationRecord) throws {
        name = record.name
        rerun = Rerun(
            Population(
                try SpaceFile.parse(text: record.specification, source: "the simulated journal")))
    }

    mutating func follow(_ event: Event, oracle: inout Oracle, at clock: Duration) throws {
        switch event.kind {
        case .leased(let worker): workers[event.member ?? -1] = worker
        case .released: workers[event.member ?? -1] = nil
        case .reported(let reported):
            let member = event.member ?? -1
            try oracle.committed(
                reported, of: member, in: name, trainedBy: workers[member], at: clock)
        default: break
        }
        if let wrong = reference.follow(event, before: population, workers: workers) {
            throw Violation(time: clock, what: "in \(name) \(wrong)")
        }
        if let difference = rerun.follow(event) {
            throw Violation(time: clock, what: "in \(name) \(difference) is decided again")
        }
        held = Set([population.best?.checkpoint].compactMap(\.self))
        held.formUnion(reference.archive.map(\.state.checkpoint))
        for member in population.members where !member.isRemoved {
            held.formUnion([member.latest, member.previous].compactMap { $0?.checkpoint })
        }
    }
}
