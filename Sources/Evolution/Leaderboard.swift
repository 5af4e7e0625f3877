/// The members by what each measured itself last, best first, and how the population is doing.
package enum Leaderboard {
    package struct Row: Hashable, Sendable {
        /// From 1.
        package var rank: Int
        package var member: Member
    }

    package struct Summary: Hashable, Sendable {
        package var tally: Population.Tally
        /// Members that measured something.
        package var ranked: Int
        package var reports: Int
        package var exploits: Int
        /// Of the ranked scores that are finite: worst, lower quartile, median, upper quartile,
        /// best. Empty when there is no such score.
        package var quantiles: [Double]
    }
}

extension Population {
    /// At most `limit` rows, leaving out the best `offset`. Costs O(limit · log n).
    package func leaderboard(offset: Int = 0, limit: Int) -> [Leaderboard.Row] {
        let first = min(max(offset, 0), boardRanking.count)
        let last = first + min(max(limit, 0), boardRanking.count - first)
        return (first..<last).map { place in
            Leaderboard.Row(rank: place + 1, member: members[boardRanking.member(at: place + 1)])
        }
    }

    package var summary: Leaderboard.Summary {
        Leaderboard.Summary(
            tally: tally, ranked: boardRanking.count, reports: reports, exploits: exploits,
            quantiles: quantiles)
    }

    private var quantiles: [Double] {
        boardRanking.finite == 0 ? [] : [1, 0.75, 0.5, 0.25, 0].map(score(at:))
    }

    /// The distance between the ranked scores' quartiles; 0 when there are none.
    var interquartileRange: Double {
        boardRanking.finite == 0 ? 0 : abs(score(at: 0.25) - score(at: 0.75))
    }

    /// The score at a part of the way from the best finite one to the worst, between two scores
    /// in proportion, as NumPy has it.
    private func score(at part: Double) -> Double {
        let position = part * Double(boardRanking.finite - 1)
        let place = Int(position)
        let weight = position - Double(place)
        let better = score(atRank: place + 1)
        if weight == 0 { return better }
        return better * (1 - weight) + score(atRank: place + 2) * weight
    }

    private func score(atRank rank: Int) -> Double {
        guard let state = members[boardRanking.member(at: rank)].measured else {
            preconditionFailure("Whoever is ranked measured something.")
        }
        return state.score
    }
}
