/// How many of the ranked members copy, and how many are copied (rule 3).
package struct Truncation: Hashable, Sendable {
    /// The fraction of the ranked that copies; 0 turns exploiting off.
    package var fraction: Double
    /// The fraction of the ranked that is copied, the best ones. They copy nobody.
    package var donorsFraction: Double
    /// With fewer ranked members than this nobody exploits.
    package var minPopulationSize: Int

    package init(fraction: Double, donorsFraction: Double, minPopulationSize: Int) {
        self.fraction = fraction
        self.donorsFraction = donorsFraction
        self.minPopulationSize = minPopulationSize
    }

    /// How many of the ranked, the worst of them, copy if they may.
    package func copiers(among ranked: Int) -> Int {
        guard fraction > 0, ranked >= minPopulationSize else { return 0 }
        return share(of: ranked)
    }

    /// How many of the ranked are copied at most.
    package func donors(among ranked: Int) -> Int {
        max(1, Int(exactly(donorsFraction * Double(ranked)).rounded(.up)))
    }

    /// Whether a member copies, when there is someone to copy.
    ///
    /// - Parameters:
    ///   - standing: where it stands by its score.
    ///   - recent: where that stands among the others' last standings. Some members may be without
    ///     one, for none was considered for them yet.
    package func copies(at standing: Standing, _ recent: Standing) -> Bool {
        guard copiers(among: standing.ranked) > 0 else { return false }
        return recent.rank > recent.ranked - share(of: recent.ranked)
            && standing.rank > donors(among: standing.ranked)
    }

    private func share(of ranked: Int) -> Int {
        max(1, Int(exactly(fraction * Double(ranked)).rounded(.down)))
    }

    /// The product of a fraction as it was meant: 0.2 · 15 is 3, though a double makes it a
    /// little more, which rounding up would make 4.
    private func exactly(_ product: Double) -> Double {
        let tolerance = 1e-9 * max(1, product)
        let whole = product.rounded()
        return abs(product - whole) <= tolerance ? whole : product
    }
}

extension Specification {
    package var truncation: Truncation {
        Truncation(
            fraction: fraction, donorsFraction: donorsFraction,
            minPopulationSize: minPopulationSize)
    }
}
