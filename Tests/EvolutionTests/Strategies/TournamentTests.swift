import Testing

@testable import Evolution

struct TournamentTests {
    private func specification(
        _ settings: SettingValues, seed: UInt64 = 1
    ) throws -> Specification {
        try EvolutionTests.specification(seed: seed) {
            $0.minPopulationSize = 2
            $0.apply(["selection": "tournament"])
            $0.apply(settings)
        }
    }

    /// Scores of up to four members, each good, bad, in between or not a number, in every order.
    @Test("In small populations a tournament is what it says, whoever is drawn")
    func tournament() throws {
        let scores = [1, 2, 3, Double.nan]
        var outcomes: Set<String> = []
        for objective in ["maximize", "minimize"] {
            for size in 1...4 {
                let specification = try specification(
                    ["objective": .word(objective)])
                for number in 0..<(0..<size).reduce(1, { count, _ in count * scores.count }) {
                    var rest = number
                    var population = population(size, specification)
                    for member in 0..<size {
                        let reported = population.report(member, step: 1, score: scores[rest % 4])
                        rest /= 4
                        let verdict = try #require(reported.verdict)
                        outcomes.insert(verdict.outcome)
                        try checkTournament(verdict, reported, member, population)
                    }
                }
            }
        }
        #expect(outcomes == ["too_few_ranked", "nobody_to_copy", "not_worse", "copied"])
    }

    private func checkTournament(
        _ verdict: Verdict, _ reported: Reported, _ member: Int, _ population: Population
    ) throws {
        // As the member was before it may have copied.
        let own = population.members[member].measured?.score ?? .nan
        let others = population.members.filter {
            $0.id != member && $0.measured?.score.isFinite == true && !$0.isInherited
        }.map(\.id)
        switch verdict.outcome {
        case "too_few_ranked": #expect(reported.standing?.ranked ?? 0 < 2)
        case "nobody_to_copy": #expect(others.isEmpty)
        default:
            let opponent = Int(try #require(verdict["opponent"]))
            #expect(others.contains(opponent))
            let score = try #require(population.members[opponent].measured?.score)
            let badness = population.specification.badness
            #expect(
                verdict.outcome == "copied"
                    ? badness(score) <= badness(own) : badness(score) >= badness(own))
            #expect(
                reported.exploit?.donor.member == (verdict.outcome == "copied" ? opponent : nil))
        }
    }

    @Test("A tournament's opponent is each other member, as often as the others")
    func opponents() throws {
        var met: [Int: Int] = [:]
        for seed in 0..<400 as Range<UInt64> {
            var population = try population(
                5, specification(["burn_in": 2], seed: seed))
            for member in 0..<4 { population.report(member, step: 1, score: 1) }
            // Whoever reports last is in the middle of them, or at either end.
            let score = Double(seed % 3)
            let verdict = population.report(4, step: 2, score: score).verdict
            met[Int(try #require(verdict?["opponent"])), default: 0] += 1
        }
        #expect(Set(met.keys) == [0, 1, 2, 3])
        #expect(met.values.allSatisfy { abs($0 - 100) < 40 })
    }

    @Test(
        "It says whom a member met",
        arguments: [
            (
                "tournament:not_worse opponent=4",
                "It met member 4, which stood no better, so it went on."
            ),
            (
                "tournament:nobody_to_copy",
                "It met no one, for nobody could be copied: no member that may be copied had a "
                    + "finite score of its own, not one that it copied, or, while a member waited "
                    + "for a worker, as many steps, so it went on."
            ),
        ])
    func reasons(_ text: String, _ sentence: String) {
        #expect(Verdict(text: text)?.sentence(copied: nil) == sentence)
    }

    @Test("On noise it copies far more often than truncation, and fewer beginnings live")
    func noise() throws {
        var (reports, exploits, alive) = (0, 0, 0)
        for seed in 0..<8 as Range<UInt64> {
            var training = try VirtualTraining(
                Noise(), size: 16, workers: .any(4), seed: seed
            ) { $0.apply(["selection": "tournament"]) }
            let run = training.run()
            reports += run.population.reports
            exploits += run.exploits
            alive += run.ancestorsAtHalf
        }
        #expect((0.45..<0.65).contains(Double(exploits) / Double(reports)))
        #expect(Double(alive) / 8 < 3)
    }
}
