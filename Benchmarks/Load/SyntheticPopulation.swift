import Coordinator
import Evolution

/// A population that is trained here instead of by workers: each report is a little better than the
/// last, by luck, and goes on from the donor's score after an exploit.
struct SyntheticPopulation {
    static let name = "bench"

    private(set) var population: Population
    private(set) var dice = Dice(seed: 1)
    private var scores: [Double]
    private var checkpoints: UInt64 = 0
    private let divergence: Double

    /// A population without members.
    ///
    /// - Parameter divergence: the chance that a report is worse than all others, and so exploits,
    ///   while hardly any other does; `nil` to leave it to luck, which depends on who reports when.
    init(size: Int, divergence: Double? = nil) throws {
        let file = try SpaceFile(text: Administration.space, source: "space.yaml")
        var specification = try file.specification()
        specification.populationSize = size
        specification.seed = 1
        if divergence != nil { specification.fraction = 0.01 }
        self.divergence = divergence ?? 0
        population = Population(specification)
        scores = Array(repeating: 0, count: size)
    }

    var specification: Specification { population.specification }

    mutating func addMember() -> Event {
        let event = population.creation()
        population.apply(event)
        return event
    }

    /// What a member reports next.
    mutating func nextReport(of member: Int) -> Report {
        checkpoints += 1
        let isDivergent = Double.random(in: 0..<1, using: &dice) < divergence
        return Report(
            member: member, step: max(1, population.targetStep(of: member)),
            score: isDivergent ? -1 : scores[member] + .random(in: 0..<1, using: &dice),
            checkpoint: checkpointName(checkpoints))
    }

    /// Only the decision, for whoever looks at the clock.
    mutating func decide(_ report: Report) -> Event { population.report(report) }

    /// What follows from a decision for the next report.
    mutating func settle(_ event: Event, after report: Report) {
        scores[report.member] = event.exploit?.donor.score ?? report.score
        // Workers have dealt with what was released.
        _ = population.takeReleased()
    }

    mutating func report(for member: Int) -> Event {
        let report = nextReport(of: member)
        let event = decide(report)
        settle(event, after: report)
        return event
    }

    mutating func apply(_ event: Event) { population.apply(event) }

    mutating func draw() -> UInt64 { dice.next() }

    mutating func shuffledMembers() -> [Int] { population.members.indices.shuffled(using: &dice) }
}
