/// The worst copy the best (Jaderberg et al., arXiv 1711.09846, 4.1.1), by what members measured
/// themselves.
///
/// Where scores rise, a score that is fresh is compared with older ones and stands better than it
/// should. So did those that the others had, when they were as fresh: in an asynchronous population a
/// member copies when it stands worse than they did, and in the worse half besides.
package struct Truncation: SelectionRule {
    package static let name = "truncation"
    package static let summary = """
        The members that stand worst copy one of the best. It holds the share of reports that copy \
        near `fraction`, whatever the scores are. Take it unless you know better.
        """

    static let fractionSetting = Setting(
        "fraction", in: .selection, .number(0...0.5), default: 0.25,
        "The fraction of the ranked members that copies, the worst ones; 0 turns exploiting off. In "
            + "synchronous and in open populations the default is 0.2.")
    static let donorsFractionSetting = Setting(
        "donors_fraction", in: .selection, .positive(upTo: 0.5), default: 0.5,
        "The fraction of the ranked members that is copied, the best ones. They copy nobody. In "
            + "synchronous populations the default is `fraction`.")
    package static let settings = [fractionSetting, donorsFractionSetting]

    /// The fraction of the ranked that copies; 0 turns exploiting off.
    package var fraction: Double
    /// The fraction of the ranked that is copied, the best ones. They copy nobody.
    package var donorsFraction: Double

    package init(_ specification: Specification) {
        self.init(
            fraction: specification.fraction, donorsFraction: specification.donorsFraction)
    }

    package init(fraction: Double, donorsFraction: Double) {
        self.fraction = fraction
        self.donorsFraction = donorsFraction
    }

    package var obstacle: String? { fraction == 0 ? "fraction is 0" : nil }

    /// How many of the ranked, the worst of them, copy if they may.
    package func candidates(among ranked: Int) -> Int {
        fraction == 0 ? 0 : max(1, Int(exactly(fraction * Double(ranked)).rounded(.down)))
    }

    /// How many of the ranked are copied at most.
    package func donors(among ranked: Int) -> Int {
        max(1, Int(exactly(donorsFraction * Double(ranked)).rounded(.up)))
    }

    package func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice {
        switch judgement(of: candidate, in: population) {
        case .goesOn(let choice): choice
        case .copies(let best, let facts):
            copy(by: candidate, of: best, facts, in: population, &draws)
        }
    }

    /// Whether a member copies, before it is drawn whom.
    enum Judgement {
        case goesOn(Choice)
        /// One of so many, the best that may be copied.
        case copies(of: Int, facts: [Verdict.Fact])
    }

    func judgement(of candidate: Candidate, in population: Population) -> Judgement {
        let (standing, recent) = (candidate.standing, candidate.recent ?? candidate.standing)
        let copiers = candidates(among: recent.ranked)
        let facts = [Verdict.Fact("copiers", copiers)]
        if copiers == 0 { return .goesOn(.goesOn("nobody_copies")) }
        if recent.rank <= recent.ranked - copiers {
            return .goesOn(.goesOn("not_among_worst", facts))
        }
        let best = donors(among: standing.ranked)
        var eligible = population.donors(before: candidate.member)
        if candidate.recent == nil {
            // Those that copy are not copied.
            eligible = population.donors(beforeRank: standing.ranked - copiers + 1)
        } else if standing.rank <= best {
            return .goesOn(.goesOn("among_best", [Verdict.Fact("donors", best)]))
        }
        return .copies(of: min(eligible, best), facts: facts)
    }

    /// A copy of one of so many, the best that may be copied, if there is one.
    func copy(
        by candidate: Candidate, of best: Int, _ facts: [Verdict.Fact],
        in population: Population, _ draws: inout Draws
    ) -> Choice {
        let donor = population.donor(of: candidate, among: best, &draws)
        return donor.map { .copies($0, facts) } ?? .goesOn("nobody_to_copy", facts)
    }

    package static func reason(of verdict: Verdict) -> String {
        let copiers = verdict.count("copiers")
        let worst = copiers == "1" ? "worst one copies" : "worst \(copiers) copy"
        switch verdict.outcome {
        case "nobody_copies": return "Nobody copies (fraction 0)"
        case "not_among_worst": return "Only the \(worst)"
        case "among_best":
            return "It stood among the best \(verdict.count("donors")), who copy nobody"
        case "nobody_to_copy":
            return "The \(worst), but " + Verdict.nobodyToCopy
        default: return "The \(worst)"
        }
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
    package var fraction: Double {
        get { number(Truncation.fractionSetting) }
        set { self[setting: Truncation.fractionSetting] = .number(newValue) }
    }

    package var donorsFraction: Double {
        get { number(Truncation.donorsFractionSetting) }
        set { self[setting: Truncation.donorsFractionSetting] = .number(newValue) }
    }
}
