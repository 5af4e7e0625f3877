import Messages
import Murmuration

/// Who descends from whom in a population: each committed state, and the one that it was trained
/// from. It grows with the events, oldest first.
package struct Descent {
    package struct State {
        package var name: StateName
        package var step: Int
        package var score: Double
        /// The state that it was trained from; `nil` for a fresh start. It is before this one.
        package var base: Int?
    }

    package private(set) var states: [State] = []
    /// By number; `nil` for those that were removed.
    package private(set) var members: [PastMember?] = []
    package private(set) var exploits = 0
    /// Exploits that were not taken over.
    package private(set) var declined = 0
    /// The states are kept.
    package private(set) var isComplete = true
    /// The places in `states` of each member's own, in the order of its reports.
    private var places: [[Int32]] = []

    package init() {}

    /// - Throws: `Failure` when the event follows from none that came before.
    package mutating func add(_ event: Event) throws {
        guard let member = event.member else { return }
        if case .created = event.kind {
            guard member < Limits.members else {
                throw Failure(
                    """
                    The history has a member \(member), and a population has at most \
                    \(Limits.members); the journal is damaged, so restore it from a copy.
                    """)
            }
            while members.count <= member {
                members.append(nil)
                places.append([])
            }
            members[member] = PastMember(member)
        }
        guard members.indices.contains(member), let past = members[member] else { return }
        if event.exploit != nil { exploits += 1 }
        switch event.kind {
        case .reported(let report):
            if report.declined { declined += 1 }
            if isComplete, let (state, base) = past.commit(report) {
                let base = try base.map(place)
                try note(state, at: states.count)
                states.append(
                    State(name: state, step: report.step, score: report.score, base: base))
            }
        case .declined:
            if past.isInherited { declined += 1 }
        case .removed:
            members[member] = nil
            return
        case .created, .leased, .released, .exploited, .paused, .resumed, .ended, .changed,
            .generationClosed:
            break
        }
        members[member]?.apply(event)
    }

    /// Keeps no states any more, but how members stand: the history has too many.
    package mutating func forgetStates() {
        isComplete = false
        states = []
        places = places.map { _ in [] }
    }

    /// Which members have which state now, by its place: the one that made it, or who became it.
    package var holders: [Int: [Int]] {
        get throws {
            var holders: [Int: [Int]] = [:]
            for (number, member) in members.enumerated() {
                guard let latest = member?.latest else { continue }
                holders[try place(latest), default: []].append(number)
            }
            return holders
        }
    }

    private mutating func note(_ state: StateName, at place: Int) throws {
        let last = places[state.member].last.map { states[Int($0)].name.report } ?? 0
        guard state.report > last else {
            throw Failure(
                """
                The history has report \(state.report) of member \(state.member) after report \
                \(last); the journal is damaged, so restore it from a copy.
                """)
        }
        places[state.member].append(Int32(place))
    }

    /// Where a state is among all.
    package func place(_ state: StateName) throws -> Int {
        let own = places.indices.contains(state.member) ? places[state.member] : []
        var (low, high) = (0, own.count)
        while low < high {
            let middle = (low + high) / 2
            let report = states[Int(own[middle])].name.report
            if report == state.report { return Int(own[middle]) }
            if report < state.report { low = middle + 1 } else { high = middle }
        }
        throw Failure(
            """
            The history has no checkpoint of report \(state.report) of member \(state.member), \
            from which others descend; the journal is damaged, so restore it from a copy.
            """)
    }
}
