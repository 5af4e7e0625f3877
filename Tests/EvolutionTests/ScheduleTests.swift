import Testing

@testable import Evolution

struct ScheduleTests {
    private func schedule(_ ends: [Int]) -> Schedule {
        Schedule(
            ends.enumerated().map { number, end in
                Schedule.Segment(end: end, hyperparameters: [.number(0.1 * Double(number + 1))])
            })
    }

    /// A training with a population, and what happened in it.
    private struct Training {
        let task = DriftingQuadratic()
        var population: Population
        var events: [Event] = []
        var weights: [Double]

        init(_ specification: Specification, size: Int) {
            population = EvolutionTests.population(size, specification)
            weights = Array(repeating: 0, count: size)
        }

        /// Trains a member to where it reports next, one step after the other.
        mutating func train(_ id: Int) {
            let member = population.members[id]
            let target = population.targetStep(of: id)
            for step in member.step..<target {
                _ = task.train(&weights[id], with: member.hyperparameters, from: step)
            }
            let event = population.report(
                Report(
                    member: id, step: target, score: weights[id],
                    checkpoint: "\(id)@\(target)"))
            events.append(event)
            if let exploit = event.exploit { weights[id] = weights[exploit.donor.member] }
        }

        /// The line that led to the best state: the last step of each segment, and its values.
        func bestLine() throws -> [Schedule.Segment] {
            let line = try Lineage.schedule(to: population.best) { id, report in
                events.filter { $0.member == id && $0.reported.report <= report }.reversed()
            }
            return line.reduce(into: [Schedule.Segment]()) { line, segment in
                if line.last?.hyperparameters == segment.hyperparameters { line.removeLast() }
                line.append(
                    Schedule.Segment(end: segment.end, hyperparameters: segment.hyperparameters))
            }
        }
    }

    private func rules(
        seed: UInt64, _ change: (inout Specification) -> Void
    ) throws -> Specification {
        try specification(space: DriftingQuadratic().space, seed: seed) {
            $0.maxSteps = 40
            change(&$0)
        }
    }

    @Test(
        "Whoever trains along the best one's schedule goes the same line, to the same end",
        arguments: [("truncation", 1), ("truncation", 3), ("islands", 1)], [1, 7] as [UInt64])
    func replay(_ rule: (selection: String, interval: Int), seed: UInt64) throws {
        var original = Training(
            try rules(seed: seed) {
                $0.interval = rule.interval
                $0.populationSize = 12
                $0.apply(["selection": .word(rule.selection), "frequencies": [1, 2, 4]])
            }, size: 12)
        while !original.population.isFinished {
            for id in 0..<12 where !original.population.isFinished(id) { original.train(id) }
        }
        let line = try original.bestLine()
        #expect(line.count > 1)

        for interval in [1, 7] {
            var again = Training(
                try rules(seed: 0) {
                    $0.interval = interval
                    $0.schedule = Schedule(line)
                    $0.maxSteps = Schedule(line).end
                }, size: 1)
            while !again.population.isFinished { again.train(0) }
            #expect(try again.bestLine() == line)
            #expect(again.population.best?.score == original.population.best?.score)
            #expect(again.population.exploits == 0)
        }
    }

    @Test("Members change at a segment's end, wherever they report, and nobody copies")
    func changes() throws {
        let specification = try specification {
            $0.interval = 4
            $0.schedule = schedule([5, 6, 20])
        }
        var population = population(6, specification)
        let values = { (id: Int) in population.members[id].hyperparameters[0].asNumber ?? .nan }
        for id in 0..<6 {
            #expect(values(id) == 0.1)
            #expect(population.targetStep(of: id) == 4)
            let first = population.report(id, step: 4, score: Double(id))
            #expect(first.verdict?.outcome == "scheduled" && first.exploit == nil)
            #expect(values(id) == 0.1)
            #expect(population.targetStep(of: id) == 5)
        }
        population.report(0, step: 5, score: 1)
        #expect(values(0) == 0.2)
        #expect(population.targetStep(of: 0) == 6)
        #expect(resumed(population).members == population.members)
        // Beyond several ends at once, and beyond the last one.
        let late = population.report(1, step: 9, score: 1)
        #expect(late.hyperparameters == [.number(0.1)])
        #expect(abs(values(1) - 0.3) < 1e-12)
        population.report(1, step: 30, score: 1)
        #expect(abs(values(1) - 0.3) < 1e-12)
        // Who goes back goes on from there; without a checkpoint nobody goes on.
        _ = population.decline(0, reason: "lost")
        #expect(values(0) == 0.1)
        _ = population.report(Report(member: 2, step: 6, score: 1))
        #expect(values(2) == 0.1)
        #expect(population.obstacle?.contains("follows a schedule") == true)
    }

    @Test(
        "A schedule that cannot be followed is refused",
        arguments: [
            ([5, 5], [:], "Segment 2 ends at step 5; write a step after 5"),
            ([0], [:], "Segment 1 ends at step 0"),
            (Array(1...20), [:], "Segment 11 has"),
            ([5], ["mode": "synchronous"], "leave mode: synchronous and grows out"),
            ([5], ["grows": true], "leave mode: synchronous and grows out"),
        ] as [([Int], SettingValues, String)])
    func faults(_ ends: [Int], _ settings: SettingValues, _ words: String) throws {
        var specification = Specification(space: try oneNumber())
        specification.schedule = schedule(ends)
        specification.apply(settings)
        let error = try #require(throws: SpecificationError.self) { try specification.validate() }
        #expect(error.description.contains(words), "\(error)")
    }
}
