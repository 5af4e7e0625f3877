/// When a hyperparameter counts: while another one has one of a few values, and counts itself.
package struct Condition: Hashable, Sendable {
    /// The other one's place in the space.
    package let parent: Int
    package let values: [Value]

    package init(parent: Int, values: [Value]) {
        self.parent = parent
        self.values = values
    }

    /// Whether it lets the hyperparameter count where the other one has this value.
    func holds(_ value: Value) -> Bool { values.contains(where: value.matches) }
}

extension SearchSpace {
    /// The conditions of all hyperparameters take at most so many bytes together.
    package static let conditionBytes = 4096

    /// Conditions with the values that parents have, and one for each parent; `[]` where there are
    /// none.
    static func normalized(
        _ conditions: [[Condition]], of hyperparameters: [Hyperparameter]
    ) -> [[Condition]] {
        if conditions.allSatisfy(\.isEmpty) { return [] }
        return conditions.map { conditions in
            var found: [Int: [Value]] = [:]
            for condition in conditions {
                let domain = hyperparameters[condition.parent].domain
                var seen: Set<Value> = []
                let values = condition.values.map(domain.typed).filter { seen.insert($0).inserted }
                found[condition.parent] =
                    found[condition.parent].map { $0.filter(values.contains) } ?? values
            }
            return found.sorted { $0.key < $1.key }.map { Condition(parent: $0, values: $1) }
        }
    }

    /// The hyperparameters that have conditions, parents before those that depend on them; `nil` when
    /// conditions go round in a circle.
    static func sorted(_ conditions: [[Condition]]) -> [Int]? {
        var left = conditions.indices.filter { !conditions[$0].isEmpty }
        var sorted: [Int] = []
        while !left.isEmpty {
            let next = left.filter { place in
                !conditions[place].contains { left.contains($0.parent) }
            }
            if next.isEmpty { return nil }
            sorted += next
            left.removeAll(where: next.contains)
        }
        return sorted
    }

    /// What keeps conditions from being kept.
    func validateConditions() throws(SpaceError) {
        if conditions.isEmpty { return }
        var bytes = 0
        for (place, conditions) in conditions.enumerated() {
            for condition in conditions {
                try check(condition, of: place)
                bytes += conditionSize(condition)
            }
        }
        if bytes > Self.conditionBytes {
            throw SpaceError(
                hyperparameter: nil,
                reason: "The conditions take \(bytes) bytes; list fewer values, so that they take "
                    + "\(Self.conditionBytes).")
        }
        if conditional.isEmpty {
            let first = conditions.firstIndex { !$0.isEmpty } ?? 0
            throw SpaceError(
                hyperparameter: hyperparameters[first].name,
                reason: "Conditions go round in a circle, in which nothing is first; take one out.")
        }
        try checkThatAllMayCount()
        try checkConstraintsOfParents()
    }

    private func check(_ condition: Condition, of place: Int) throws(SpaceError) {
        let parent = hyperparameters[condition.parent]
        func fail(_ reason: String) -> SpaceError {
            SpaceError(
                hyperparameter: hyperparameters[place].name,
                reason: "Its condition on “\(parent.name)” \(reason)")
        }
        if condition.parent == place {
            throw fail("is one on itself; name another hyperparameter.")
        }
        if condition.values.isEmpty {
            throw fail("has no values that all its conditions list; list one or more.")
        }
        if let value = condition.values.first(where: { !parent.domain.contains($0) }) {
            throw fail("has \(value), which that one never is; list values of its search space.")
        }
    }

    /// On the wire, at most.
    private func conditionSize(_ condition: Condition) -> Int {
        let framing = 12
        let values = condition.values.map { value in
            switch value {
            case .text(let text), .json(let text): framing + text.utf8.count
            case .number, .integer, .flag: framing
            }
        }
        return framing + hyperparameters[condition.parent].name.utf8.count + values.reduce(0, +)
    }

    /// One that depends on two others may want of both what they never are at the same time.
    private func checkThatAllMayCount() throws(SpaceError) {
        var wanted: [Int: [Int: [Value]]] = [:]
        for place in conditional {
            var all: [Int: [Value]] = [:]
            for condition in conditions[place] {
                let others = wanted[condition.parent] ?? [:]
                let own = [condition.parent: condition.values]
                for (parent, values) in others.merging(own, uniquingKeysWith: { $1 }) {
                    all[parent] = all[parent].map { $0.filter(values.contains) } ?? values
                    if all[parent]?.isEmpty == true {
                        throw SpaceError(
                            hyperparameter: hyperparameters[place].name,
                            reason: "Its conditions want of “\(hyperparameters[parent].name)” what "
                                + "it never is at the same time; take one out.")
                    }
                }
            }
            wanted[place] = all
        }
    }

    /// A repair may change what a constraint is between, but not which constraints there are.
    private func checkConstraintsOfParents() throws(SpaceError) {
        let parents = Set(conditions.joined().map(\.parent))
        let tied = constraints.flatMap(\.hyperparameters)
        let both = tied.first { parents.contains($0) && !hyperparameters[$0].domain.isFixed }
        guard let both else { return }
        throw SpaceError(
            hyperparameter: hyperparameters[both].name,
            reason: "It is in a constraint, and others have conditions on it; take one of the two "
                + "out.")
    }
}
