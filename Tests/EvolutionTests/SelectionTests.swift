import Testing

@testable import Evolution

struct SelectionTests {
    @Test(
        "A fifth copies from a fifth: floor and ceil, and at least one of each",
        arguments: [
            (2, 1, 1), (4, 1, 1), (5, 1, 1), (8, 1, 2), (10, 2, 2), (12, 2, 3), (20, 4, 4),
            // A product that a double makes a little more, or a little less, than a whole number.
            (15, 3, 3), (35, 7, 7), (1_000_000, 200_000, 200_000),
        ])
    func fifth(ranked: Int, copiers: Int, donors: Int) throws {
        let specification = try specification { $0.minPopulationSize = 2 }
        #expect(Truncation(specification).candidates(among: ranked) == copiers)
        #expect(Truncation(specification).donors(among: ranked) == donors)
    }

    @Test("Rounding is that of the fraction that was meant, not of its double")
    func rounding() throws {
        for hundredths in 0...50 {
            let specification = try specification {
                $0.fraction = Double(hundredths) / 100
                $0.donorsFraction = Double(max(1, hundredths)) / 100
                $0.minPopulationSize = 2
            }
            for ranked in 2...300 {
                let copiers = Truncation(specification).candidates(among: ranked)
                let donors = Truncation(specification).donors(among: ranked)
                #expect(copiers == (hundredths == 0 ? 0 : max(1, hundredths * ranked / 100)))
                #expect(donors == max(1, (max(1, hundredths) * ranked + 99) / 100))
                #expect(hundredths == 0 || copiers + donors <= ranked)
            }
        }
    }

    /// Scores of up to six members, each good, bad, in between or not a number, in every order.
    @Test("In small populations every decision is the one that the rules spell out")
    func enumerated() throws {
        let scores = [1, 2, 3, Double.nan]
        for objective in [Objective.maximize, .minimize] {
            for fraction in [0, 0.2, 0.5] {
                for size in 1...5 {
                    let specification = try specification(seed: UInt64(size)) {
                        $0.objective = objective
                        $0.fraction = fraction
                        $0.donorsFraction = max(0.2, fraction)
                        $0.minPopulationSize = 3
                    }
                    let cases = (0..<size).reduce(1) { count, _ in count * scores.count }
                    for number in 0..<cases {
                        var rest = number
                        var population = population(size, specification)
                        for member in 0..<size {
                            reportAndCheck(&population, member, step: 1, scores[rest % 4])
                            rest /= 4
                        }
                    }
                }
            }
        }
    }

    @Test("In long random histories every decision is the one that the rules spell out")
    func sampled() throws {
        for seed in 0..<12 as Range<UInt64> {
            var random = Scatter(seed)
            let size = Int.random(in: 2...25, using: &random)
            let specification = try specification(seed: seed) {
                $0.fraction = [0.1, 0.2, 0.25, 0.5].randomElement(using: &random) ?? 0.2
                $0.donorsFraction = [0.1, 0.3, 0.5].randomElement(using: &random) ?? 0.2
                $0.objective = Bool.random(using: &random) ? .maximize : .minimize
            }
            var population = population(size, specification)
            for _ in 0..<300 {
                let member = Int.random(in: 0..<size, using: &random)
                let scores: [Double] = [1, 2, 3, 4, 5, .nan, .infinity]
                let score = scores.randomElement(using: &random) ?? 0
                let step = population.members[member].step + 1
                reportAndCheck(&population, member, step: step, score)
            }
        }
    }

    /// Reports, and holds the decision against rules 1 to 4 followed to the letter.
    private func reportAndCheck(
        _ population: inout Population, _ member: Int, step: Int, _ score: Double
    ) {
        let specification = population.specification
        var members = population.members
        let reported = population.report(member, step: step, score: score)
        members[member].previous = members[member].latest
        members[member].latest = CommittedState(
            member: member, report: reported.report, step: step, score: score,
            hyperparameters: reported.hyperparameters, checkpoint: "\(member)@\(step)")

        // By what each measured itself last, its own state or the one that its donor's replaced.
        let ranked = members.filter { $0.latest != nil }.sorted { one, other in
            guard let one = population.key(of: one), let other = population.key(of: other) else {
                return false
            }
            return (one.badness, one.tie) < (other.badness, other.tie)
        }
        let rank = (ranked.firstIndex { $0.id == member } ?? -1) + 1
        #expect(reported.standing == Standing(rank: rank, ranked: ranked.count))
        members[member].standing = reported.standing
        func key(_ member: Member) -> (Double, UInt32, Int) {
            let key = population.standingKey(of: member, members[member.id].standing)
            return (key?.badness ?? .nan, key?.tie ?? 0, member.id)
        }
        let standings = ranked.sorted { key($0) < key($1) }
        let place = (standings.firstIndex { $0.id == member } ?? -1) + 1
        #expect(reported.recent == Standing(rank: place, ranked: standings.count))

        let share = specification.fraction * Double(ranked.count)
        let best = max(
            1, Int((specification.donorsFraction * Double(ranked.count) - 1e-6).rounded(.up)))
        let copies =
            specification.fraction > 0 && ranked.count >= specification.minPopulationSize
            && place > ranked.count - max(1, Int(share + 1e-6)) && rank > best
        let donors = ranked.prefix(rank - 1).filter {
            guard let state = $0.latest else { return false }
            return state.score.isFinite && state.member == $0.id
        }.prefix(best)
        #expect((reported.exploit != nil) == (copies && !donors.isEmpty))
        guard let exploit = reported.exploit else { return }
        #expect(donors.contains { $0.latest == exploit.donor })
    }

    @Test("Each of the donors serves as often as the others")
    func donorsShareTheWork() throws {
        var served: [Int: Int] = [:]
        for seed in 0..<400 as Range<UInt64> {
            var population = try population(
                8, specification(seed: seed) { $0.donorsFraction = 0.5 })
            for member in 0..<8 { population.report(member, step: 1, score: Double(8 - member)) }
            let reported = population.report(7, step: 2, score: 0)
            served[try #require(reported.exploit).donor.member, default: 0] += 1
        }
        #expect(Set(served.keys) == [0, 1, 2, 3])
        #expect(served.values.allSatisfy { abs($0 - 100) < 40 })
    }

    @Test("Fraction 0 selects nobody, but the standing is known")
    func zero() throws {
        var population = try population(
            10, specification { ($0.fraction, $0.minPopulationSize) = (0, 2) })
        for step in 1...3 {
            for member in 0..<10 {
                let reported = population.report(member, step: step, score: Double(member))
                #expect(reported.exploit == nil)
                #expect(reported.standing != nil)
            }
        }
        #expect(population.exploits == 0)
    }

    @Test("With fewer than five ranked members nobody exploits")
    func minimum() throws {
        var population = try population(5, specification())
        for member in 0..<4 {
            #expect(population.report(member, step: 1, score: Double(-member)).exploit == nil)
        }
        #expect(population.report(3, step: 2, score: -9).exploit == nil)
        #expect(population.report(4, step: 1, score: -10).exploit != nil)
    }

    @Test(
        "Scores that are no numbers rank last and never donate",
        arguments: [Objective.maximize, .minimize])
    func notNumbers(_ objective: Objective) throws {
        var population = try population(6, specification { $0.objective = objective })
        let scores: [Double] = [.nan, .infinity, -.infinity, .nan, 1e300, -1e300]
        for member in 0..<5 { population.report(member, step: 1, score: scores[member]) }
        let donors = (2...40).compactMap {
            population.report(0, step: $0, score: .nan).exploit?.donor.member
        }
        #expect(donors.allSatisfy { $0 == 4 })
        population.report(5, step: 1, score: scores[5])
        #expect(Set(population.order.prefix(2)).isSubset(of: [4, 5, 0]))
        #expect(population.best?.score.isFinite == true)
    }

    @Test("A population of nothing but NaN goes on without exploiting")
    func allNaN() throws {
        var population = try population(5, specification())
        for step in 1...3 {
            for member in 0..<5 {
                #expect(population.report(member, step: step, score: .nan).exploit == nil)
            }
        }
        #expect(population.best == nil)
        #expect(population.summary.quantiles.isEmpty)
    }

    @Test("Equal scores are ordered by chance: every order occurs, and each seed repeats its own")
    func ties() throws {
        var orders: [[Int]: Int] = [:]
        for seed in 0..<600 as Range<UInt64> {
            func order(_ sequence: [Int]) throws -> [Int] {
                var population = try population(3, specification(seed: seed))
                for member in sequence { population.report(member, step: 1, score: 1) }
                return population.order
            }
            let found = try order([0, 1, 2])
            // In whichever order they reported.
            #expect(try order([2, 0, 1]) == found)
            orders[found, default: 0] += 1
        }
        #expect(orders.count == 6)
        #expect(orders.values.allSatisfy { (60...140).contains($0) })
    }

    @Test("Chance decides anew among equals with each report")
    func tiesByReport() throws {
        var population = try population(2, specification())
        var leaders: Set<Int> = []
        for step in 1...20 {
            for member in 0..<2 { population.report(member, step: step, score: 1) }
            leaders.insert(population.order[0])
        }
        #expect(leaders == [0, 1])
    }
}
