/// What a member trains with: a value for each hyperparameter of a space, of which those count whose
/// conditions hold. The others are kept: whoever makes them count again goes on with their values.
package struct Configuration {
    package let space: SearchSpace
    /// In the space's order, also of those that do not count; none where they are not known.
    package let values: [Value]
    /// `nil` when all count.
    private let activity: [Bool]?

    package init(_ values: [Value], in space: SearchSpace) {
        self.space = space
        self.values = values
        activity = space.activity(of: values)
    }

    /// Whether a hyperparameter counts.
    package func isActive(_ place: Int) -> Bool { activity?[place] ?? true }

    /// The places of those that count, in the space's order.
    package var places: [Int] {
        guard let activity else { return Array(values.indices) }
        return activity.indices.filter { activity[$0] }
    }

    /// What belongs to those that count, of what there is one for each.
    package func active<Element>(of all: [Element]) -> [Element] {
        guard let activity else { return all }
        return zip(all, activity).compactMap { $1 ? $0 : nil }
    }
}

extension SearchSpace {
    /// Whether each hyperparameter counts where they have these values; `nil` when all always do, and of
    /// no values, as events have that tell of descent alone.
    func activity(of values: [Value]) -> [Bool]? {
        if conditional.isEmpty || values.isEmpty { return nil }
        precondition(values.count == hyperparameters.count, "There is a value for each.")
        var activity = values.map { _ in true }
        for place in conditional {
            activity[place] = conditions[place].allSatisfy {
                activity[$0.parent] && $0.holds(values[$0.parent])
            }
        }
        return activity
    }

    /// Whether each hyperparameter may count where some values are chosen.
    func mayCount(_ chosen: [Value?]) -> [Bool] {
        var mayCount = chosen.map { _ in true }
        // Parents come first.
        for place in conditional {
            mayCount[place] = conditions[place].allSatisfy { condition in
                mayCount[condition.parent]
                    && chosen[condition.parent].map(condition.holds) ?? true
            }
        }
        return mayCount
    }

    /// What exploring made of a donor's values, where hyperparameters that do not count, or did not,
    /// stay as the donor has them.
    func kept(
        _ explored: ([Value], [Operation]), from donor: [Value]
    ) -> ([Value], [Operation]) {
        guard let before = activity(of: donor) else { return explored }
        var (values, operations) = explored
        var after = before.map { _ in true }
        // Parents come first, so that what depends on them sees what they keep.
        for place in conditional {
            after[place] = conditions[place].allSatisfy {
                after[$0.parent] && $0.holds(values[$0.parent])
            }
            if after[place], before[place] { continue }
            values[place] = donor[place]
            operations[place] = .kept
        }
        return (values, operations)
    }
}
