import Testing

@testable import Evolution

/// One linear number, which most rules do not look at.
func oneNumber() throws -> SearchSpace {
    try SearchSpace([Hyperparameter(name: "x", domain: .number(0...1, .linear))])
}

/// Where the best are few, who is copied is known, and exploring changes everything.
func specification(
    space: SearchSpace? = nil, seed: UInt64 = 1, _ change: (inout Specification) -> Void = { _ in }
) throws -> Specification {
    var specification = Specification(space: try space ?? oneNumber())
    specification.seed = seed
    specification.fraction = 0.2
    specification.donorsFraction = 0.2
    specification.mutationProbability = 1
    change(&specification)
    try specification.validate()
    return specification
}

/// A population with so many members that have reported nothing, each with a worker of its own.
func population(_ size: Int, _ specification: Specification) -> Population {
    var population = Population(specification)
    for id in 0..<size {
        population.apply(population.creation())
        population.apply(Event(member: id, kind: .leased(worker: "w\(id)")))
    }
    return population
}

/// The same population, as a journal has it.
func resumed(_ live: Population) -> Population {
    Population(
        live.specification, status: live.status, members: live.members, best: live.best,
        archive: live.archive.states, generation: live.generation?.number ?? 0,
        reports: live.reports, exploits: live.exploits)
}

extension Population {
    /// Reports with a checkpoint, and what became of it.
    @discardableResult
    mutating func report(_ member: Int, step: Int, score: Double) -> Reported {
        report(Report(member: member, step: step, score: score, checkpoint: "\(member)@\(step)"))
            .reported
    }

    /// The members that are ranked, best first.
    var order: [Int] { leaderboard(limit: .max).map(\.member.id) }
}

extension Event {
    /// What a `reported` event holds.
    var reported: Reported {
        guard case .reported(let reported) = kind else { preconditionFailure("\(kind)") }
        return reported
    }
}

/// The part of sorted numbers below which a fraction of them lies.
func quantile(_ fraction: Double, of numbers: [Double]) -> Double {
    let sorted = numbers.sorted()
    return sorted[Int(fraction * Double(sorted.count - 1))]
}
func median(_ numbers: [Double]) -> Double { quantile(0.5, of: numbers) }

/// A generator for histories, small and repeatable.
struct Scatter: RandomNumberGenerator {
    var draws: Draws
    init(_ seed: UInt64) { draws = Draws(seed: seed, member: 0, report: 0) }
    mutating func next() -> UInt64 { draws.bits() }
}
