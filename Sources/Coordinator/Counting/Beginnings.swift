import Evolution
import Records

/// From how many beginnings the members of each population still descend.
///
/// A beginning is a member's first state, and what its own reports and its copies make of it. Where
/// those of before lie is only in the journal's history, so that each epoch begins with the states
/// that members have then: those that share one, as after an exploit, have one beginning.
struct Beginnings: Sendable {
    /// By their ids.
    private var populations: [OfPopulation] = []

    /// From so many in a population; 0 for one of which nothing is known.
    func alive(in population: Int) -> Int {
        populations.indices.contains(population) ? populations[population].alive : 0
    }

    /// What there was when the epoch began.
    mutating func begin(_ hosted: some Sequence<HostedPopulation>) {
        for each in hosted {
            grow(to: each.id)
            populations[each.id] = OfPopulation(each.population.members)
        }
    }

    /// A batch is committed.
    mutating func count(_ batch: Core.Batch) {
        // By index: a change of another kind is not copied first.
        for index in batch.changes.indices {
            if case .event(let record) = batch.changes[index] { follow(record) }
        }
    }

    private mutating func follow(_ record: EventRecord) {
        guard let member = record.event.member else { return }
        grow(to: record.population)
        populations[record.population].follow(member, record.event.kind)
    }

    private mutating func grow(to id: Int) {
        while populations.count <= id { populations.append(OfPopulation([])) }
    }
}

extension Beginnings {
    /// Beginnings have the number of the member that had them first.
    struct OfPopulation: Sendable {
        /// Of the state of each member, and of the one that it may fall back to.
        private var latest: [Int32] = []
        private var previous: [Int32] = []
        /// How many members descend from each.
        private var descendants: [Int32] = []
        private(set) var alive = 0

        private static let none: Int32 = -1

        init(_ members: [Member]) {
            var first: [[Int]: Int32] = [:]
            func beginning(of state: CommittedState?, _ member: Member) -> Int32 {
                guard let state, !member.isRemoved else { return Self.none }
                let name = [state.member, state.report]
                let known = first[name] ?? Int32(clamping: member.id)
                first[name] = known
                return known
            }
            for member in members {
                grow(to: member.id)
                set(member.id, beginning(of: member.latest, member))
                previous[member.id] = beginning(of: member.previous, member)
            }
        }

        private mutating func grow(to member: Int) {
            while latest.count <= member {
                latest.append(Self.none)
                previous.append(Self.none)
                descendants.append(0)
            }
        }

        private mutating func set(_ member: Int, _ beginning: Int32) {
            let former = latest[member]
            guard beginning != former else { return }
            latest[member] = beginning
            if former != Self.none {
                descendants[Int(former)] -= 1
                if descendants[Int(former)] == 0 { alive -= 1 }
            }
            if beginning != Self.none {
                if descendants[Int(beginning)] == 0 { alive += 1 }
                descendants[Int(beginning)] += 1
            }
        }

        /// Takes in what happened to a member, as `Member.apply` does.
        mutating func follow(_ member: Int, _ kind: Event.Kind) {
            grow(to: member)
            switch kind {
            case .reported(let reported):
                if reported.declined { fallBack(member) }
                if reported.checkpoint != nil {
                    previous[member] = latest[member]
                    if latest[member] == Self.none { set(member, Int32(clamping: member)) }
                }
                if let exploit = reported.exploit { become(member, exploit) }
            case .exploited(let exploited): become(member, exploited.exploit)
            case .declined(_, .previous): fallBack(member)
            case .declined(_, .donor(let exploit)):
                set(member, Self.none)
                become(member, exploit)
            case .declined(_, .start), .removed:
                set(member, Self.none)
                previous[member] = Self.none
            case .created, .leased, .released, .paused, .resumed, .ended, .changed,
                .generationClosed:
                break
            }
        }

        private mutating func become(_ member: Int, _ exploit: Exploit) {
            let donor = exploit.donor.member
            grow(to: donor)
            previous[member] = latest[member]
            set(member, latest[donor] == Self.none ? Int32(clamping: donor) : latest[donor])
        }

        private mutating func fallBack(_ member: Int) {
            set(member, previous[member])
            previous[member] = Self.none
        }
    }
}
