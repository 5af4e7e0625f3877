import Evolution
import Messages
import Testing

struct BoardTests {
    /// Five members, of which four reported: 1, 3, NaN and 2.
    static func population() -> Population {
        var specification = Specification(space: .vectors)
        specification.objective = .minimize
        specification.populationSize = 5
        specification.maxSteps = 10
        specification.seed = .max
        var population = Population(specification)
        for _ in 0..<5 { population.apply(population.creation()) }
        for (member, score) in [1, 3, Double.nan, 2].enumerated() {
            _ = population.report(
                Report(member: member, step: 10 + member, score: score, checkpoint: "c\(member)"))
        }
        return population
    }

    @Test("A board shows the members from the best on, each with one committed state")
    func board() throws {
        let population = Self.population()
        let board = WireLeaderboard(name: "p", population: population, offset: 1) { member in
            member == 3 ? .training : .waiting
        }
        #expect(board.population == "p")
        #expect(board.minimize)
        #expect(board.offset == 1)
        #expect(board.entries.map(\.rank) == [2, 3, 4])
        #expect(board.entries.map(\.member) == [3, 1, 2])
        #expect(board.entries.map(\.state) == [.training, .waiting, .waiting])
        let entry = try #require(board.entries.first)
        #expect(entry.score == 2)
        #expect(entry.step == 13)
        #expect(entry.checkpoint == "c3")
        #expect(
            try entry.hyperparameters.values(in: .vectors) == population.members[3].hyperparameters)
        #expect(!entry.hasDonor)
        #expect(!entry.inherited)
        #expect(board.entries.last?.score.isNaN == true)
    }

    @Test("A board sums up the whole population, also on its last page")
    func summary() {
        let board = WireLeaderboard(
            name: "p", population: Self.population(), offset: 100, limit: 3
        ) { _ in .waiting }
        #expect(board.entries.isEmpty)
        #expect(board.summary.members == 5)
        #expect(board.summary.ranked == 4)
        #expect(board.summary.finished == 4)
        #expect(board.summary.reports == 4)
        #expect(board.summary.quantiles == [3, 2.5, 2, 1.5, 1])
        #expect(board.summary.maxSteps == 10)
        #expect(board.summary.totalSteps == 46)
    }

    @Test("Donor 0 is shown, and what was inherited is marked")
    func inherited() throws {
        var specification = Specification(space: .vectors)
        specification.minPopulationSize = 2
        specification.populationSize = 2
        var population = Population(specification)
        for _ in 0..<2 { population.apply(population.creation()) }
        for member in 0..<2 {
            _ = population.report(
                Report(member: member, step: 1, score: Double(-member), checkpoint: "c\(member)"))
        }
        let board = WireLeaderboard(name: "p", population: population) { _ in .training }
        let copier = try #require(board.entries.first { $0.member == 1 })
        #expect(copier.hasDonor)
        #expect(copier.donor == 0)
        #expect(copier.inherited)
        // What it measured itself.
        #expect(copier.checkpoint == "c1")
        let donor = try #require(board.entries.first { $0.member == 0 })
        #expect(!donor.hasDonor)
        #expect(
            try copier.hyperparameters.values(in: .vectors)
                == population.members[1].measured?.hyperparameters
        )
    }

    @Test("A population is described as it was made and as it is")
    func population() {
        let wire = WirePopulation(name: "p", population: Self.population(), training: 3)
        #expect(wire.members == 5)
        #expect(wire.minimize)
        #expect(wire.interval == 1)
        #expect(wire.maxSteps == 10)
        #expect(wire.seed == .max)
        #expect(wire.finished == 4)
        #expect(wire.training == 3)
        #expect(wire.reports == 4)
        #expect(wire.hyperparameters == ["learning_rate", "layers", "activation", "batch_norm"])
    }

    @Test("A schedule has its segments in order")
    func schedule() throws {
        var population = Self.population()
        let event = population.report(Report(member: 0, step: 20, score: 1, checkpoint: "d"))
        let first = Report(member: 0, step: 10, score: 1, checkpoint: "c0")
        var replay = Population(population.specification)
        replay.apply(replay.creation())
        let segments = try Lineage.schedule(to: population.members[0].latest) { _, _ in
            [event, replay.report(first)]
        }
        let schedule = WireSchedule(segments, space: .vectors)
        #expect(schedule.segments.count == segments.count)
        #expect(schedule.segments.first?.start == 0)
        #expect(schedule.segments.last?.end == 20)
        #expect(
            try schedule.segments.first?.hyperparameters.values(in: .vectors)
                == population.members[0].hyperparameters)
    }
}
