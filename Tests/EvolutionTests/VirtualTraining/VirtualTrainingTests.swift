import Testing

@testable import Evolution

/// The asynchronous rule on tasks whose truth is known. Bounds are wide enough for any seed, and each
/// part of the rule that is left out fails one of them.
struct VirtualTrainingTests {

    // MARK: Luck

    struct Shape: CustomTestStringConvertible {
        var size: Int
        var workers: Int
        var testDescription: String { "\(size) members on \(workers) workers" }
    }

    @Test(
        "On noise the share of reports that exploit is near the fraction",
        arguments: [
            Shape(size: 16, workers: 4), Shape(size: 16, workers: 16), Shape(size: 10, workers: 10),
            Shape(size: 32, workers: 8),
        ])
    func share(_ shape: Shape) throws {
        for fraction in [0.1, 0.2, 0.25, 0.3, 0.4] {
            let share = try Self.share(shape, fraction: fraction)
            // Of those that stand equally bad, the one that reports copies. Where one in ten copies,
            // that is a ninth more.
            let most = Double(shape.size) * fraction == 1 ? 1.25 * fraction : 1.1 * fraction
            #expect(share > 0.5 * fraction && share < most, "fraction \(fraction)")
        }
    }

    private static func share(_ shape: Shape, fraction: Double) throws -> Double {
        var (reports, exploits) = (0, 0)
        for seed in 0..<24 as Range<UInt64> {
            var training = try VirtualTraining(
                Noise(), size: shape.size, workers: .any(shape.workers), seed: seed
            ) { $0.fraction = fraction }
            let run = training.run()
            reports += run.population.reports
            exploits += run.exploits
        }
        return Double(exploits) / Double(reports)
    }

    @Test("On noise three of sixteen beginnings are alive at half time")
    func beginnings() throws {
        let alive = try (0..<16).map { seed in
            var training = try VirtualTraining(
                Noise(), size: 16, workers: .any(4), seed: UInt64(seed))
            return training.run().ancestorsAtHalf
        }
        #expect(Double(alive.reduce(0, +)) / Double(alive.count) >= 3)
    }

    @Test("While members wait, no copy goes back in steps")
    func noReturns() throws {
        var training = try VirtualTraining(DriftingQuadratic(), size: 16, workers: .any(4), seed: 1)
        let run = training.run()
        #expect(run.exploits > 50)
        #expect(run.returns == 0)
    }

    // MARK: Like with like

    @Test("Where all scores rise, as many copy as where none does", arguments: [0, 0.3])
    func rising(_ noise: Double) throws {
        let shares = try (0..<8).map { seed in
            var training = try VirtualTraining(
                Rise(rounds: 40, noise: noise), size: 20, workers: .each, seed: UInt64(seed))
            let run = training.run()
            return Double(run.exploits) / Double(run.population.reports)
        }
        #expect(median(shares) > 0.5 * 0.25)
        #expect(median(shares) < 1.1 * 0.25)
    }

    // MARK: Workers that leave

    @Test("Of ten members whose workers leave, those that stay copy as before", arguments: [2, 3])
    func leaving(_ gone: Int) throws {
        func share(_ gone: Int) throws -> Double {
            let runs = try (0..<8).map { seed in
                var training = try VirtualTraining(
                    DriftingQuadratic(), size: 10, workers: .each, seed: UInt64(seed),
                    leaving: gone)
                return training.run().later
            }
            let reports = runs.reduce(0) { $0 + $1.reports }
            return Double(runs.reduce(0) { $0 + $1.exploits }) / Double(reports)
        }
        #expect(try share(gone) > 0.5 * share(0))
    }

    @Test("Whoever is left alone trains on")
    func alone() throws {
        var training = try VirtualTraining(
            Noise(rounds: 1000), size: 10, workers: .each, seed: 3, reports: 227,
            leaving: 9)
        let run = training.run()
        // Three reports each of those that leave.
        #expect(run.population.reports == 227)
        #expect(run.population.members[9].step > 150)
    }

    // MARK: Choices, and what it is all for

    @Test("A donor's choice of three is passed on in most copies, and changes in some")
    func choices() throws {
        var (copies, kept) = (0, 0)
        for seed in 0..<8 as Range<UInt64> {
            var training = try VirtualTraining(
                DriftingQuadratic(choices: 3), size: 16, workers: .any(4), seed: seed)
            let run = training.run()
            copies += run.lastKept.copies
            kept += run.lastKept.kept
        }
        #expect(Double(kept) > 0.6 * Double(copies))
        #expect(Double(kept) < 0.7 * Double(copies))
    }

    @Test("It ends better than without copies, and as good as known of each task")
    func quality() throws {
        let quadratic = try Self.truth(DriftingQuadratic())
        #expect(quadratic.with > 0.92)
        #expect(quadratic.with > quadratic.without + 0.05)
        let horizon = try Self.truth(ShortHorizon())
        #expect(horizon.with > 1.4)
        // Whoever exploits greedily loses here to whoever does not exploit at all, and not by much.
        let starts = try Self.truth(DeceptiveStarts())
        #expect(starts.with > 0.6)
    }

    private static func truth(_ task: some VirtualTask) throws -> (with: Double, without: Double) {
        func mean(_ fraction: Double) throws -> Double {
            let truths = try (0..<16).map { seed in
                var training = try VirtualTraining(
                    task, size: 16, workers: .any(4), seed: UInt64(seed)
                ) { $0.fraction = fraction }
                return training.run().truth
            }
            return truths.reduce(0, +) / Double(truths.count)
        }
        return (try mean(0.25), try mean(0))
    }

    #if DEBUG
        @Test("Without one of its parts the rule fails")
        func parts() throws {
            try PlantedBug.$planted.withValue(.copiesGoBack) {
                var training = try VirtualTraining(
                    DriftingQuadratic(), size: 16, workers: .any(4), seed: 1)
                #expect(training.run().returns > 0)
            }
            try PlantedBug.$planted.withValue(.scoresAloneDecide) {
                var training = try VirtualTraining(Rise(), size: 20, workers: .each, seed: 1)
                let run = training.run()
                #expect(run.exploits < run.population.reports / 8)
            }
            try PlantedBug.$planted.withValue(.leaversCount) {
                var training = try VirtualTraining(
                    Noise(rounds: 1000), size: 10, workers: .each, seed: 3, reports: 227,
                    leaving: 9)
                #expect(training.run().population.members[9].step < 150)
            }
        }
    #endif
}
