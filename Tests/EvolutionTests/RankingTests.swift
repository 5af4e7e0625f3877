import Testing

@testable import Evolution

struct RankingTests {
    /// What `Ranking` does, by sorting.
    struct Sorted {
        var keys: [Int: Ranking.Key] = [:]

        var order: [Int] {
            keys.sorted {
                ($0.value.badness, $0.value.tie, $0.key) < ($1.value.badness, $1.value.tie, $1.key)
            }.map(\.key)
        }
        var counting: [Int] { order.filter { keys[$0]?.counts == true } }
        var donors: [Int] { order.filter { keys[$0]?.donates == true } }
    }

    @Test("A ranking answers as a sorted list does, whatever is placed and taken off")
    func agreesWithSorting() {
        var random = Scatter(11)
        var ranking = Ranking()
        var sorted = Sorted()
        for _ in 0..<1_500 {
            let member = Int.random(in: 0..<40, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                ranking.place(member, nil)
                sorted.keys[member] = nil
            } else {
                let scores = [1, 2, 3, -0.0, 0, .infinity]
                let badness = scores.randomElement(using: &random) ?? 0
                let counts = Int.random(in: 0..<4, using: &random) > 0
                let key = Ranking.Key(
                    badness: badness, tie: UInt32.random(in: 0..<3, using: &random),
                    counts: counts,
                    donates: counts && badness.isFinite && Bool.random(using: &random))
                ranking.place(member, key)
                sorted.keys[member] = key
            }
            check(ranking, against: sorted)
        }
    }

    private func check(_ ranking: Ranking, against sorted: Sorted) {
        let order = sorted.order
        #expect(ranking.count == order.count)
        #expect(ranking.finite == sorted.keys.values.count { $0.badness.isFinite })
        #expect(order.indices.allSatisfy { ranking.member(at: $0 + 1) == order[$0] })
        #expect(order.indices.allSatisfy { ranking.rank(of: order[$0]) == $0 + 1 })
        let counting = sorted.counting
        #expect(ranking.counting == counting.count)
        #expect(counting.indices.allSatisfy { ranking.countingRank(of: counting[$0]) == $0 + 1 })
        #expect(counting.indices.allSatisfy { ranking.member(atCounting: $0 + 1) == counting[$0] })
        #expect(Set(order).subtracting(counting).allSatisfy { ranking.countingRank(of: $0) == nil })
        let donors = sorted.donors
        for (place, id) in order.enumerated() {
            let before = order.prefix(place).count { sorted.keys[$0]?.donates == true }
            #expect(ranking.donors(before: id) == before)
        }
        #expect(ranking.donors == donors.count)
        #expect(donors.indices.allSatisfy { ranking.donor(at: $0 + 1) == donors[$0] })
        for ranks in 0...order.count {
            let among = order.prefix(ranks).count { sorted.keys[$0]?.donates == true }
            #expect(ranking.donors(among: ranks) == among)
        }
        #expect(ranking.rank(of: 40) == nil)
    }

    @Test("The tree stays shallow, however the scores come in")
    func shallow() {
        // Each operation is a few walks, so a decision among 100 times as many members costs
        // less than twice the steps.
        let few = deepest(members: 500)
        let many = deepest(members: 50_000)
        #expect(few.mean < 2 * 10)
        #expect(many.mean < 2 * few.mean)
        #expect(many.worst < 60)
    }

    private func deepest(members: Int) -> (mean: Double, worst: Int) {
        var ranking = Ranking()
        for member in 0..<members {
            ranking.place(
                member, Ranking.Key(badness: Double(member), tie: 0, donates: true))
        }
        let depths = (0..<members).compactMap(ranking.depth(of:))
        return (Double(depths.reduce(0, +)) / Double(members), depths.max() ?? 0)
    }
}
