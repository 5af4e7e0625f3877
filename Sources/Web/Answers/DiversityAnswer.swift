import Histories

/// How much variety is left, and who copies from whom.
struct DiversityAnswer: Encodable {
    var bins: [Bin]
    var donors: [Donor]
    var ranks: [Rank]
    var largestFamilyShare: Double?

    struct Bin: Encodable {
        var x: Double
        var beginningsAlive: Int
        var reports: Int
        var exploits: Int
        /// Of the reports that led to a copy.
        var share: Double?

        private enum CodingKeys: String, CodingKey {
            case x, reports, exploits, share
            case beginningsAlive = "beginnings_alive"
        }
    }

    struct Donor: Encodable {
        var donor: Int
        var copies: Int
    }

    /// A tenth of the ranks, the best one first.
    struct Rank: Encodable {
        var decile: Int
        var copiedFrom: Int
        var copiedTo: Int

        private enum CodingKeys: String, CodingKey {
            case decile
            case copiedFrom = "copied_from"
            case copiedTo = "copied_to"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case bins, donors, ranks
        case largestFamilyShare = "largest_family_share"
    }

    private static let mostDonors = 50

    init(_ overview: Overview, by: Progress, points: Int) {
        let diversity = overview.diversity
        let samples = diversity.samples
        let places = samples.map { by == .step ? $0.step : $0.time }
        var former = (reports: 0, exploits: 0)
        bins = (Bins(places, from: nil, to: nil, count: points)?.groups(places) ?? []).map {
            group in
            let last = samples[group[group.count - 1]]
            let reports = max(0, last.reports - former.reports)
            let exploits = max(0, last.exploits - former.exploits)
            former = (max(former.reports, last.reports), max(former.exploits, last.exploits))
            return Bin(
                x: places[group[group.count - 1]], beginningsAlive: last.beginnings,
                reports: reports, exploits: exploits,
                share: reports > 0 ? Double(exploits) / Double(reports) : nil)
        }
        donors = diversity.donors(Self.mostDonors).map { Donor(donor: $0.donor, copies: $0.copies) }
        ranks = (0..<10).map {
            Rank(
                decile: $0 + 1, copiedFrom: diversity.copiedFrom[$0],
                copiedTo: diversity.copiedTo[$0])
        }
        largestFamilyShare = diversity.largestFamilyShare
    }
}
