import Histories
import Murmuration

/// The hyperparameters over steps: the crowd in each part, the winner's line in it, and where the
/// members are now.
struct HyperparameterAnswer: Encodable {
    var parameters: [Population.Dimension]
    var winner: Winner?
    var bins: [Bin]
    var members: [Member]

    struct Winner: Encodable {
        var member: Int
        var segments: [ScheduleText.Stretch]
    }

    struct Bin: Encodable {
        var x: Double
        var parameters: [String: Spread]
    }

    enum Spread: Encodable {
        case numbers(Quantiles)
        case shares([String: Double])

        private enum CodingKeys: String, CodingKey { case min, lower, median, upper, max, shares }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .numbers(let quantiles):
                try container.encode(quantiles.least, forKey: .min)
                try container.encode(quantiles.lower, forKey: .lower)
                try container.encode(quantiles.median, forKey: .median)
                try container.encode(quantiles.upper, forKey: .upper)
                try container.encode(quantiles.greatest, forKey: .max)
            case .shares(let shares): try container.encode(shares, forKey: .shares)
            }
        }
    }

    struct Member: Encodable {
        var member: Int
        var score: Double?
        var rank: Int
        var hyperparameters: Hyperparameters
    }

    private static let mostMembers = 1000

    init(_ overview: Overview, winner: Winner?, by: Progress, points: Int) {
        parameters = overview.space.dimensions
        self.winner = winner
        let log = overview.reports
        let places = log.places(by: by)
        let groups = Bins(places, from: nil, to: nil, count: points)?.groups(places) ?? []
        bins = groups.map { group in
            Bin(
                x: group.reduce(0) { $0 + places[$1] } / Double(group.count),
                parameters: Self.spreads(group, overview))
        }
        let ranked = MemberTable(
            overview, order: .score, isReversed: false, offset: 0, limit: Self.mostMembers)
        members = ranked.members.enumerated().map { place, row in
            Member(
                member: row.member, score: row.score, rank: place + 1,
                hyperparameters: row.hyperparameters)
        }
    }

    private static func spreads(_ group: [Int], _ overview: Overview) -> [String: Spread] {
        var spreads: [String: Spread] = [:]
        for (index, dimension) in overview.space.dimensions.enumerated() {
            let column = overview.reports.hyperparameters[index]
            let values = group.map { column[$0] }.filter { !$0.isNaN }
            if overview.space.hasRows(index) {
                guard !values.isEmpty else { continue }
                var shares: [String: Double] = [:]
                for value in values {
                    let name = overview.space.name(of: value, in: index) ?? ""
                    shares[name, default: 0] += 1 / Double(values.count)
                }
                spreads[dimension.name] = .shares(shares)
            } else if let quantiles = Quantiles(values) {
                spreads[dimension.name] = .numbers(quantiles)
            }
        }
        return spreads
    }
}
