import Testing

@testable import Evolution

/// The selection rules beside truncation, the gate, and what a ranking is by.
struct StrategyTests {
    private func specification(
        _ settings: SettingValues, seed: UInt64 = 1
    ) throws -> Specification {
        try EvolutionTests.specification(seed: seed) {
            $0.minPopulationSize = 2
            $0.apply(settings)
        }
    }

    // MARK: T-test

    @Test("A difference that chance explains copies nobody, and one that it does not is copied")
    func tTest() throws {
        let rules: SettingValues = ["selection": "t_test", "window": 4, "p_value": 0.05]
        var population = try population(2, specification(rules))
        let good = [1.0, 1.1, 0.9, 1.05, 1.0]
        let bad = [0.1, 0.2, 0.05, 0.15, 0.1]
        var outcomes: [String] = []
        for step in 0..<5 {
            population.report(0, step: step + 1, score: good[step])
            let reported = population.report(1, step: step + 1, score: bad[step])
            outcomes.append(reported.verdict?.outcome ?? "")
            guard let exploit = reported.exploit else { continue }
            #expect(exploit.donor.member == 0)
            let test = try #require(
                Welch(Array(bad[0...step].suffix(4)), Array(good[0...step].suffix(4))))
            #expect(reported.verdict?["p_value"] == test.pValue)
            break
        }
        #expect(outcomes == ["too_few_scores", "copied"])
        // The better one copies nobody.
        #expect(population.report(0, step: 6, score: 1).exploit == nil)
        // After a copy its own scores of before count no more.
        let after = population.report(1, step: 7, score: 0.9)
        #expect(["too_few_scores", "not_worse"].contains(after.verdict?.outcome))
        #expect(population.scores(of: 1) == [0.9])
    }

    @Test("Who always scores the same copies nobody that scores the same")
    func tTestOfEqualScores() throws {
        let rules: SettingValues = ["selection": "t_test", "window": 6, "p_value": 0.3]
        var population = try population(2, specification(rules))
        // The sum of six sixths is less than one.
        for step in 1...6 { population.report(0, step: step, score: 1) }
        for (step, score) in [1, -Double.infinity, 1].enumerated() {
            population.report(1, step: step + 1, score: score)
        }
        let reported = population.report(0, step: 7, score: 1)
        #expect(reported.exploit == nil)
        #expect(reported.verdict?.text == "t_test:not_worse opponent=1.0 p_value=1.0")
    }

    @Test("Noise is seldom taken for a difference")
    func tTestOnNoise() throws {
        var (copies, tests) = (0, 0)
        for seed in 0..<8 as Range<UInt64> {
            var random = Scatter(seed)
            var population = try population(
                8, specification(["selection": "t_test", "p_value": 0.05], seed: seed))
            for step in 1...40 {
                for member in 0..<8 {
                    let reported = population.report(member, step: step, score: random.normal())
                    tests += reported.verdict?["p_value"] == nil ? 0 : 1
                    copies += reported.exploit == nil ? 0 : 1
                }
            }
        }
        #expect(tests > 1000)
        // Half of the differences are for the worse.
        #expect(Double(copies) / Double(tests) < 0.05)
        #expect(copies > 0)
    }

    @Test("By none nobody copies")
    func none() throws {
        var population = try population(10, specification(["selection": "none"]))
        for step in 1...5 {
            for member in 0..<10 {
                let reported = population.report(member, step: step, score: Double(member))
                #expect(reported.exploit == nil)
            }
        }
        #expect(population.exploits == 0)
    }

    // MARK: The gate

    @Test("Whoever is not better by the gap is not copied")
    func gap() throws {
        for unit in ["score", "iqr"] {
            var population = try population(
                6,
                specification([
                    "min_gap": 1.5, "min_gap_unit": .word(unit),
                    "objective": "minimize",
                ]))
            var (small, copied) = (0, 0)
            var random = Scatter(1)
            for step in 1...30 {
                for member in 0..<6 {
                    // Negative scores, which a quotient would turn around.
                    let score = -10 + Double.random(in: -1...1, using: &random)
                    let reported = population.report(member, step: step, score: score)
                    guard let verdict = reported.verdict, let gap = verdict["gap"] else { continue }
                    let least = try #require(verdict["min_gap"])
                    #expect(unit == "iqr" || least == 1.5)
                    #expect((gap >= least) == (reported.exploit != nil))
                    if let exploit = reported.exploit {
                        #expect(exploit.donor.score == score - gap)
                    }
                    small += verdict.outcome == "gap_too_small" ? 1 : 0
                    copied += reported.exploit == nil ? 0 : 1
                }
            }
            #expect(small > 0 && copied > 0, "\(unit)")
        }
    }

    // MARK: Rankings

    @Test("By the mean, one lucky score does not lead")
    func mean() throws {
        var population = try population(
            3, specification(["ranking": "mean", "window": 3, "selection": "none"]))
        let scores = [[1.0, 1, 1], [0.0, 0, 2], [2.0, 2, 0.5]]
        for step in 0..<3 {
            for member in 0..<3 {
                population.report(member, step: step + 1, score: scores[member][step])
            }
        }
        func order(_ population: Population) -> [Int] {
            (1...3).map { population.ranking.member(at: $0) }
        }
        #expect(order(population) == [2, 0, 1])
        // The leaderboard has the last scores.
        #expect(population.order == [1, 0, 2])
        #expect(population.rank(of: 1) == 1)
        #expect(population.summary.quantiles.last == 2)
        // Only the last three count.
        population.report(1, step: 4, score: 4)
        #expect(order(population) == [1, 2, 0])
    }

    @Test("Equal means are equal, from however many scores")
    func equalMeans() throws {
        let rules = try specification(["ranking": "mean", "window": 32])
        let state = CommittedState(
            member: 0, report: 1, step: 1, score: 0, hyperparameters: [], checkpoint: "")
        func badness(_ scores: [Double]) -> Double {
            let entries = scores.map { OwnScores.Entry(step: 1, score: $0) }
            return rules.ranking.badness(
                of: state, OwnScores(entries, fresh: entries.count), by: rules)
        }
        for count in 1...32 {
            #expect(badness(.init(repeating: 1, count: count)) == -1, "\(count)")
            #expect(badness(.init(repeating: 0.1, count: count)) == -0.1, "\(count)")
        }
        for (one, other) in [([0, 1.0, 1], [1.0, 1, 0]), ([0, 0, 1.0], [0, 1, 0, 1, 0, 0])] {
            #expect(badness(one) == badness(other))
        }
    }

    @Test("By comparable steps, who trained less is not behind for that")
    func comparableStep() throws {
        var population = try population(
            6, specification(["ranking": "comparable_step", "selection": "none"]))
        // Scores rise with steps; member 5 is the best of all at each step, and slow.
        for step in 1...4 {
            for member in 0..<5 {
                population.report(member, step: step, score: Double(step) + 0.1 * Double(member))
            }
        }
        population.report(5, step: 1, score: 1.9)
        #expect(population.ranking.rank(of: 5) == 1)
        #expect(population.rank(of: 5) == 6)
        #expect(population.members[5].scores.entries.last?.place == 0.5 / 6)
    }

    @Test("A score that is no number ranks last by each ranking", arguments: RankingStrategy.rules)
    func notNumbers(_ rule: any RankingRule.Type) throws {
        var population = try population(
            4, specification(["ranking": .word(rule.name), "selection": "none"]))
        for step in 1...2 {
            for (member, score) in [Double.nan, -5, .infinity, 1].enumerated() {
                population.report(member, step: step, score: score)
            }
        }
        let order = (1...4).map { population.ranking.member(at: $0) }
        #expect(order.prefix(2) == [3, 1])
        #expect(population.ranking.donors == 2)
    }

    @Test("What is measured is gone with its state, and not with a copy that was declined")
    func declines() throws {
        var population = try population(
            5, specification(["ranking": "mean", "window": 4]))
        for step in 1...3 {
            for member in 0..<5 {
                population.report(member, step: step, score: Double(10 * member + step))
            }
        }
        let scores = { population.members[2].scores.entries.map(\.score) }
        #expect(scores() == [21, 22, 23])
        _ = population.decline(2, reason: "gone")
        #expect(scores() == [21, 22])
        // The worst copied, and declines.
        #expect(population.members[0].isInherited)
        let before = population.members[0].scores
        _ = population.decline(0, reason: "not mine")
        #expect(population.members[0].scores == before)
        _ = population.decline(0, reason: "gone too")
        #expect(population.members[0].scores.entries.count == before.entries.count - 1)
    }

    @Test("Where rules look at the last score alone, no others are kept")
    func kept() throws {
        var population = try population(3, specification([:]))
        for step in 1...3 { population.report(0, step: step, score: 1) }
        #expect(population.members[0].scores == OwnScores())
    }
}
