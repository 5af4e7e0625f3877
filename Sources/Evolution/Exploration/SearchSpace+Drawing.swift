// Draws and explorations that break a constraint are made again, and in the end repaired.
extension SearchSpace {
    /// How often it is drawn again. Repairs move values to where fewer are, so that they come last.
    private static let mostTries = 16

    /// Values that keep all constraints.
    ///
    /// - Parameters:
    ///   - given: Those that are given, and not drawn.
    ///   - draw: Draws all values, with those that are given in their places.
    func drawn(given: [Bool], _ draw: () -> [Value]) -> [Value] {
        var values = draw()
        var tries = 1
        while !keeps(values), tries < Self.mostTries {
            values = draw()
            tries += 1
        }
        return keeps(values) ? values : repaired(values, given: given)
    }

    /// What exploring makes of a donor's values, so that all constraints are kept, and so that what does
    /// not count is not explored.
    func explored(
        from donor: [Value], _ explore: () -> ([Value], [Operation])
    ) -> ([Value], [Operation]) {
        var (values, operations) = kept(explore(), from: donor)
        var tries = 1
        while !keeps(values), tries < Self.mostTries {
            (values, operations) = kept(explore(), from: donor)
            tries += 1
        }
        if keeps(values) { return (values, operations) }
        // What is between broken constraints stays as the donor has it.
        var (inherited, operationsThen) = (values, operations)
        let tied = tied(to: values)
        for index in values.indices where tied.contains(index) {
            inherited[index] = donor[index]
            operationsThen[index] = .kept
        }
        let isInside = tied.allSatisfy { hyperparameters[$0].domain.contains(inherited[$0]) }
        if isInside, keeps(inherited) { return (inherited, operationsThen) }
        let repaired = repaired(values, given: values.map { _ in false })
        for index in repaired.indices where operations[index] == .kept {
            if repaired[index] != values[index] { operations[index] = .perturbed }
        }
        return (repaired, operations)
    }

    /// The hyperparameters of the constraints that values break, and those that others tie to them.
    private func tied(to values: [Value]) -> Set<Int> {
        let numbers = values.map { $0.asNumber ?? .nan }
        let counting = counting(with: values)
        var tied = Set(counting.filter { !$0.holds(numbers) }.flatMap(\.hyperparameters))
        var count = 0
        while count < tied.count {
            count = tied.count
            for constraint in counting where !tied.isDisjoint(with: constraint.hyperparameters) {
                tied.formUnion(constraint.hyperparameters)
            }
        }
        return tied
    }
}
