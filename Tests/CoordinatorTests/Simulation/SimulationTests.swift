import Evolution
import Journal
import TestSupport
import Testing

@testable import Coordinator
@testable import Simulation

/// `murmur simulate` runs as many seeds as one likes, `make soak` thousands; here are some of them.
struct SimulationTests {
    @Test(.timeLimit(.minutes(10)))
    func `Whatever fails, and all kinds of faults do, nothing is lost and everything finishes`()
        async throws
    {
        let total = await withTaskGroup { group in
            for seed in 0..<100 as Range<UInt64> {
                group.addTask {
                    do {
                        return try Simulator.run(seed: seed)
                    } catch {
                        Issue.record("murmur simulate --seed \(seed): \(error)")
                        return SimulationSummary()
                    }
                }
            }
            return await group.reduce(into: SimulationSummary()) { $0 += $1 }
        }
        #expect(total.reports > 1000)
        #expect(total.exploits > 100)
        #expect(total.generations > 50)
        #expect(total.populations > 150)
        #expect(total.declines > 10)
        #expect(total.retries > 100)
        #expect(total.losses > 20)
        #expect(total.lapses > 10)
        #expect(total.kills > 30)
        #expect(total.rescues > 3)
        #expect(total.lateGenerations > 3)
        #expect(total.overlaps > 500)
        #expect(total.refusedCommits > 20)
        #expect(total.resurfaced > 2)
        #expect(total.standstills > 20)
        #expect(total.clockJumps > 10)
        #expect(total.lost > 100)
        #expect(total.doubled > 100)
        #expect(total.delayed > 50)
    }

    @Test(.timeLimit(.minutes(10)), arguments: PlantedBug.allCases)
    func `A bug that is planted is found`(bug: PlantedBug) throws {
        let found = (0..<1000 as Range<UInt64>).contains { seed in
            do {
                _ = try PlantedBug.$planted.withValue(bug) { try Simulator.run(seed: seed) }
                return false
            } catch {
                return error is Violation
            }
        }
        #expect(found)
    }

    @Test func `The same seed happens the same way again`() throws {
        for seed in 0..<5 as Range<UInt64> {
            let stories = try (Self.story(seed), Self.story(seed))
            #expect(stories.0 == stories.1)
        }
    }

    private static func story(_ seed: UInt64) throws -> [String] {
        var lines: [String] = []
        _ = try Simulator.run(seed: seed) { lines.append($0) }
        return lines
    }
}

/// The simulated journal against the real one.
struct SimulatedStorageTests {
    @Test(.timeLimit(.minutes(10)), arguments: 0..<10 as Range<UInt64>)
    func `What a simulation commits, the journal reads back the same`(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var journal: Journal? = try Journal(
            directory: directory.path, access: .write,
            deferral: seed % 2 == 0 ? Deferral() : Deferral(most: 100))
        let simulation = Simulation(seed: seed)
        simulation.storage.watch = { changes in
            do {
                try journal?.commit(changes)
            } catch {
                Issue.record("the journal refuses: \(error)")
            }
        }
        try simulation.run()
        journal = nil
        let read = try Journal(directory: directory.path, access: .read)
        let simulated = simulation.storage
        #expect(try read.populations() == simulated.populations())
        #expect(try read.leases() == simulated.leases())
        #expect(try read.releases() == simulated.releases())
        #expect(try read.answers() == simulated.answers())
        for population in simulated.populations() {
            try compare(population.id, in: read, with: simulated)
        }
        let faults = try Inspection(directory: directory.path).faults
        #expect(faults.isEmpty, "\(faults)")
    }
    private func compare(
        _ population: Int, in read: Journal, with simulated: SimulatedStorage
    ) throws {
        #expect(try read.members(of: population) == simulated.members(of: population))
        let counts = try read.counts(of: population)
        #expect(counts == simulated.counts(of: population))
        #expect(
            try read.events(of: population, after: 0, limit: .max)
                == simulated.events(of: population, after: 0, member: nil, limit: .max))
        #expect(
            try read.memberlessEvents(of: population, after: 0, limit: .max)
                == simulated.memberlessEvents(of: population, after: 0, limit: .max))
        for (limit, most) in [(Int.max, Int.max), (7, 20), (1, 3)] {
            var after: Int? = 0
            while let sequence = after {
                let page = try read.descent(
                    of: population, after: sequence, limit: limit, lookingAt: most)
                let expected = simulated.descent(
                    of: population, after: sequence, limit: limit, lookingAt: most)
                #expect(page.events == expected.events && page.through == expected.through)
                after = page.through
            }
        }
        for member in simulated.members(of: population) {
            for report in 0...member.reports {
                #expect(
                    try read.lineage(of: population, member: member.id, throughReport: report)
                        == simulated.lineage(
                            of: population, member: member.id, throughReport: report))
            }
        }
    }
}
