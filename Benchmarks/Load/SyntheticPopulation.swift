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

    /// A population without members.
    ///
    /// - Parameter fraction: of the ranked that copies; `nil` for the usual one.
    init(size: Int, fraction: Double? = nil) throws {
        let file = try SpaceFile(text: Administration.space, source: "space.yaml")
        var specification = try file.specification()
        specification.populationSize = size
        specification.seed = 1
        if let fraction { specification.fraction = fraction }
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
        return Report(
            member: member, step: max(1, population.targetStep(of: member)),
            score: scores[member] + Double.random(in: 0..<1, using: &dice),
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
