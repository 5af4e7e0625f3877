import Testing

@testable import Evolution

/// What holds in any search space.
struct SpacePropertyTests {
    @Test("What members begin with is valid", arguments: 0..<20 as Range<UInt64>)
    func beginnings(seed: UInt64) throws {
        var random = Scatter(seed)
        for _ in 0..<20 {
            let space = RandomSpace.drawn(&random)
            let specification = try specification(space: space, seed: seed)
            for member in 0..<10 {
                let values = specification.initialHyperparameters(of: member)
                #expect(values == specification.initialHyperparameters(of: member))
                try expectValid(values, in: space)
            }
        }
    }

    @Test(
        "What is explored is valid, and what does not count stays",
        arguments: 0..<20 as Range<UInt64>)
    func explorations(seed: UInt64) throws {
        var random = Scatter(seed)
        for _ in 0..<20 {
            let space = RandomSpace.drawn(&random)
            let specification = try specification(space: space, seed: seed) {
                $0.resampleProbability = Bool.random(using: &random) ? 0.25 : 0
            }
            var donor = specification.initialHyperparameters(of: 0)
            for report in 1...20 {
                var draws = Draws(seed: seed, member: 0, report: report)
                let (values, operations) = space.explored(from: donor) {
                    specification.exploration.explore(donor, in: space, &draws)
                }
                try expectValid(values, in: space)
                expectKept(values, operations, from: donor, in: space)
                expectReflected(values, operations, from: donor, in: space)
                donor = values
            }
        }
    }

    @Test(
        "Values of lists are passed on where nothing is drawn anew",
        arguments: 0..<5 as Range<UInt64>)
    func inheritance(seed: UInt64) throws {
        var random = Scatter(seed)
        for _ in 0..<20 {
            let space = RandomSpace.drawn(&random)
            let specification = try specification(space: space, seed: seed) {
                $0.resampleProbability = 0
                $0.mutationProbability = 0
            }
            let donor = specification.initialHyperparameters(of: 0)
            var draws = Draws(seed: seed, member: 0, report: 1)
            let (values, _) = space.explored(from: donor) {
                specification.exploration.explore(donor, in: space, &draws)
            }
            let tied = Set(space.constraints.flatMap(\.hyperparameters))
            for (place, hyperparameter) in space.hyperparameters.enumerated()
            where hyperparameter.domain.hasFewValues && !tied.contains(place) {
                #expect(values[place] == donor[place], "\(space)")
            }
            // So whatever counted counts.
            let before = Configuration(donor, in: space).places
            #expect(Configuration(values, in: space).places == before, "\(space)")
        }
    }

    private func expectValid(_ values: [Value], in space: SearchSpace) throws {
        for (hyperparameter, value) in zip(space.hyperparameters, values) {
            #expect(hyperparameter.domain.contains(value), "\(hyperparameter) \(value)")
        }
        #expect(space.keeps(values), "\(space) \(values)")
        #expect(space.broken(by: values) == nil)
    }

    private func expectKept(
        _ values: [Value], _ operations: [Evolution.Operation], from donor: [Value],
        in space: SearchSpace
    ) {
        let before = Configuration(donor, in: space)
        let after = Configuration(values, in: space)
        let tied = Set(space.constraints.flatMap(\.hyperparameters))
        for place in values.indices {
            if !after.isActive(place) || (!before.isActive(place) && !tied.contains(place)) {
                #expect(values[place] == donor[place], "\(place) of \(space)")
            }
            if operations[place] == .kept {
                #expect(values[place] == donor[place], "\(place) of \(space)")
            }
        }
    }

    private func expectReflected(
        _ values: [Value], _ operations: [Evolution.Operation], from donor: [Value],
        in space: SearchSpace
    ) {
        let tied = Set(space.constraints.flatMap(\.hyperparameters))
        for place in values.indices where operations[place] == .perturbed && !tied.contains(place) {
            guard case .float(let domain) = space.hyperparameters[place].domain,
                domain.grid == nil, let value = values[place].asNumber
            else { continue }
            #expect(value != domain.range.lowerBound && value != domain.range.upperBound)
            #expect(value != donor[place].asNumber)
        }
    }
}
