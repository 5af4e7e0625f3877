import Testing

@testable import Evolution

/// Cases of the literature whose answers are known, driven in lockstep so that timing does not
/// blur them.
struct KnownAnswersTests {
    @Test("The paper's toy is solved in nearly every run")
    func toy() throws {
        let ends = try (0..<1000).map { try Climb.toy(seed: $0).run() }
        #expect(abs(median(ends) - 1.194) < 0.002)
        #expect(abs(quantile(0.05, of: ends) - 1.156) < 0.006)
        for first in stride(from: 0, to: ends.count, by: 50) {
            #expect(median(Array(ends[first..<first + 50])) > 1.19, "seeds from \(first)")
        }
    }

    @Test("Exploring alone, or copying weights alone, solves the paper's toy less well")
    func halves() throws {
        let explored = try (0..<1000).map { try Climb.toy(seed: $0, copiesWeights: false).run() }
        let copied = try (0..<1000).map { try Climb.toy(seed: $0, explores: false).run() }
        // Few runs of exploring alone end near their median, which therefore varies by 0.006.
        #expect(abs(median(explored) - 1.165) < 0.015)
        #expect(abs(median(copied) - 1.172) < 0.002)
    }

    @Test("Without exploiting the paper's toy ends at 0.39")
    func toyAlone() throws {
        #expect(abs(try Climb.toy(seed: 0, fraction: 0).run() - 0.39) < 0.001)
    }

    @Test("Ray's visualisation ends at 1.200, and at 0.5925 without exploiting")
    func visualisation() throws {
        let ends = try (0..<100).map { try Climb.visualisation(seed: $0).run() }
        #expect(abs(median(ends) - 1.2) < 0.0005)
        #expect(abs(try Climb.visualisation(seed: 0, fraction: 0).run() - 0.5925) < 0.0001)
    }
}

/// Two members climb a surface of which each sees one slope at first.
///
/// Lockstep: every member reports before any trains on, and every decision sees what all have
/// trained. So a round takes one step more than it trains: the report after the training comes
/// one step early to be considered; the one after the barrier, with the same weights, is.
private struct Climb {
    var specification: Specification
    /// Of the true surface.
    var slopes: (Double, Double)
    var rounds: Int
    /// The learning rate, by a member's hyperparameters.
    var rate: @Sendable ([Double]) -> Double
    var copiesWeights = true
    var explores = true

    /// Figure 2 of Jaderberg et al., "Population Based Training of Neural Networks".
    static func toy(
        seed: UInt64, fraction: Double = 0.2, copiesWeights: Bool = true, explores: Bool = true
    ) throws -> Climb {
        var specification = try pair(seed: seed, trained: 10, [])
        specification.fraction = fraction
        return Climb(
            specification: specification, slopes: (1, 1), rounds: 20, rate: { _ in 0.01 },
            copiesWeights: copiesWeights, explores: explores)
    }

    /// The example of Ray Tune's guide to visualising population-based training.
    static func visualisation(seed: UInt64, fraction: Double = 0.5) throws -> Climb {
        let rate = Hyperparameter(name: "rate", domain: .integer(10...200, .linear))
        var specification = try pair(seed: seed, trained: 4, [rate], [.integer(100)])
        specification.fraction = fraction
        specification.resampleProbability = 0.5
        return Climb(
            specification: specification, slopes: (0.75, 1), rounds: 25, rate: { $0[2] * 5e-4 })
    }

    private static func pair(
        seed: UInt64, trained: Int, _ more: [Hyperparameter], _ values: [Value] = []
    ) throws -> Specification {
        let slopes = ["h0", "h1"].map { Hyperparameter(name: $0, domain: .number(0...1, .linear)) }
        return try EvolutionTests.specification(space: SearchSpace(slopes + more), seed: seed) {
            $0.populationSize = 2
            $0.minPopulationSize = 2
            $0.perturbationFactors = [0.8, 1.2]
            $0.interval = trained + 1
            $0.pointsToEvaluate = [
                [.number(1), .number(0)] + values, [.number(0), .number(1)] + values,
            ]
        }
    }

    /// The better score at the end.
    func run() throws -> Double {
        var population = population(2, specification)
        // A hair apart, for each report draws its place among equals anew: of two equal members
        // each could be the better one when its turn comes, and neither would copy.
        var weights = [Weights(0.9, 0.9), Weights(0.9, 0.9 - 1e-12)]
        var inEffect = population.members.map(\.hyperparameters)
        for round in 1...rounds {
            for id in 0..<2 {
                train(&weights[id], with: inEffect[id].compactMap(\.asNumber))
                let step = population.members[id].step + specification.interval - 1
                let early = population.report(
                    report(id, step: step, weights[id], inEffect[id])
                ).reported
                #expect(early.standing == nil)
            }
            for id in 0..<2 where round < rounds {
                let step = population.members[id].step + 1
                let decided = population.report(
                    report(id, step: step, weights[id], inEffect[id])
                ).reported
                #expect(decided.standing?.ranked == 2)
                guard let exploit = decided.exploit else { continue }
                if copiesWeights { weights[id] = try #require(Weights(exploit.donor.checkpoint)) }
                if explores { inEffect[id] = exploit.explored }
            }
        }
        return weights.map(score).max() ?? 0
    }

    private func report(
        _ id: Int, step: Int, _ weights: Weights, _ hyperparameters: [Value]
    ) -> Report {
        var report = Report(
            member: id, step: step, score: score(weights), checkpoint: weights.address)
        report.hyperparameters = hyperparameters
        return report
    }

    private func train(_ weights: inout Weights, with values: [Double]) {
        for _ in 1..<specification.interval {
            weights.x -= rate(values) * 2 * values[0] * weights.x
            weights.y -= rate(values) * 2 * values[1] * weights.y
        }
    }

    private func score(_ weights: Weights) -> Double {
        1.2 - slopes.0 * weights.x * weights.x - slopes.1 * weights.y * weights.y
    }
}

/// Weights that travel as a checkpoint's address.
private struct Weights {
    var x: Double
    var y: Double

    var address: String { "\(x),\(y)" }

    init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }

    init?(_ address: String) {
        let parts = address.split(separator: ",").compactMap { Double($0) }
        guard parts.count == 2 else { return nil }
        self.init(parts[0], parts[1])
    }
}
