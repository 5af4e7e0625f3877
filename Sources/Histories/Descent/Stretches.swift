import Murmuration

/// A line of descent in stretches: what one member trained without anybody else going on from
/// within.
package struct Stretches {
    package struct Stretch: Equatable {
        package var member: Int
        /// Its first and last report.
        package var reports: ClosedRange<Int>
        /// The step that it was trained from.
        package var start: Int
        /// The step of its last state, and that state's score.
        package var end: Int
        package var score: Double
        /// The place of its last state in the descent.
        package var state: Int
        /// The stretch that it goes on from; it is before this one.
        package var parent: Int?
        package var children: [Int] = []
        /// Members that have its last state now: the one that trained it, and who became it.
        package var holders: [Int] = []
        /// How many members descend from it, with those that have it.
        package var living = 0
        /// How many stretches descend from it, with itself.
        package var size = 1

        /// What names it: its last state.
        package var id: String { "\(member)@\(reports.upperBound)" }
        /// Members that copied its last state and have reported nothing of their own since.
        package func isInherited(by holder: Int) -> Bool { holder != member }
    }

    package var population: String
    /// The lowest score is best.
    package var minimize: Bool
    /// Those before others that go on from them.
    package private(set) var all: [Stretch] = []
    package private(set) var roots: [Int] = []
    /// Members that there are now, and those of them without a state.
    package private(set) var members = 0
    package private(set) var stateless = 0
    /// Fresh starts that led to a state, and those of them that members descend from.
    package private(set) var beginnings = 0
    package private(set) var livingBeginnings = 0
    /// States from which no member descends any more.
    package private(set) var deadStates = 0
    package private(set) var exploits = 0
    package private(set) var declined = 0

    /// - Parameter isWhole: With the lines that died out.
    package init(
        _ descent: Descent, of population: String, minimize: Bool, isWhole: Bool
    ) throws {
        self.population = population
        self.minimize = minimize
        let present = descent.members.compactMap(\.self)
        members = present.count
        stateless = present.count { $0.latest == nil }
        exploits = descent.exploits
        declined = descent.declined
        let holders = try descent.holders
        let isAlive = Self.living(descent.states, holders)
        deadStates = isAlive.count { !$0 }
        let isShown = isWhole ? isAlive.map { _ in true } : isAlive
        for (place, state) in descent.states.enumerated() where state.base == nil {
            beginnings += 1
            livingBeginnings += isAlive[place] ? 1 : 0
        }
        join(descent.states, isShown, holders)
        for index in all.indices.reversed() {
            all[index].living += all[index].holders.count
            guard let parent = all[index].parent else { continue }
            all[parent].living += all[index].living
            all[parent].size += all[index].size
        }
        for index in all.indices { all[index].children = sorted(all[index].children) }
        roots = sorted(roots)
    }

    /// Which states some member has, or descends from.
    private static func living(_ states: [Descent.State], _ holders: [Int: [Int]]) -> [Bool] {
        var isAlive = states.map { _ in false }
        for place in states.indices.reversed() {
            if holders[place] != nil { isAlive[place] = true }
            if isAlive[place], let base = states[place].base { isAlive[base] = true }
        }
        return isAlive
    }

    private mutating func join(
        _ states: [Descent.State], _ isShown: [Bool], _ holders: [Int: [Int]]
    ) {
        var followers = states.map { _ in 0 }
        for (place, state) in states.enumerated() where isShown[place] {
            if let base = state.base { followers[base] += 1 }
        }
        var stretchOf: [Int] = states.map { _ in -1 }
        for (place, state) in states.enumerated() where isShown[place] {
            let holders = holders[place] ?? []
            if let base = state.base, states[base].name.member == state.name.member,
                followers[base] == 1, all[stretchOf[base]].holders.isEmpty
            {
                let index = stretchOf[base]
                stretchOf[place] = index
                let first = all[index].reports.lowerBound
                all[index].reports = first...max(first, state.name.report)
                all[index].end = state.step
                all[index].score = state.score
                all[index].state = place
                all[index].holders = holders
                continue
            }
            let parent = state.base.map { stretchOf[$0] }
            stretchOf[place] = all.count
            if let parent {
                all[parent].children.append(all.count)
            } else {
                roots.append(all.count)
            }
            all.append(
                Stretch(
                    member: state.name.member, reports: state.name.report...state.name.report,
                    start: state.base.map { states[$0].step } ?? 0, end: state.step,
                    score: state.score, state: place, parent: parent, holders: holders))
        }
    }

    private func sorted(_ indices: [Int]) -> [Int] { indices.sorted(by: isGreater) }

    /// The order of what descends from the same: what most members descend from comes first, then
    /// what has most descendants, then what was earlier.
    package func isGreater(_ one: Int, _ other: Int) -> Bool {
        (-all[one].living, -all[one].size, one) < (-all[other].living, -all[other].size, other)
    }

    /// The stretches whose last state some member has now, the best score first.
    package var ends: [Int] {
        let ends = all.indices.filter { !all[$0].holders.isEmpty }
        func badness(_ index: Int) -> Double {
            let score = all[index].score
            return score.isFinite ? (minimize ? score : -score) : .infinity
        }
        return ends.sorted { (badness($0), $0) < (badness($1), $1) }
    }

    /// Whether a stretch is one of those, or led to one of them, by its place.
    package func ancestry(of ends: [Int]) -> [Bool] {
        var isAncestor = all.map { _ in false }
        for index in ends { isAncestor[index] = true }
        for index in all.indices.reversed() where isAncestor[index] {
            if let parent = all[index].parent { isAncestor[parent] = true }
        }
        return isAncestor
    }

    /// Whether a stretch copied the one that it goes on from.
    package func isCopy(_ index: Int) -> Bool {
        all[index].parent.map { all[$0].member != all[index].member } ?? false
    }
}
