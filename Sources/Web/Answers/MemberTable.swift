import Histories
import Murmuration

/// All members with what is counted of each.
struct MemberTable: Encodable {
    var total: Int
    var members: [Row]

    struct Row: Encodable {
        var member: Int
        var step: Int
        var score: Double?
        var state: FollowedMember.State
        var donor: Int?
        var reports: Int
        var exploits: Int
        var declines: Int
        var lapses: Int
        var hyperparameters: Hyperparameters
    }

    enum Order: String {
        case member, step, score, reports, exploits, declines, lapses
    }

    /// - Parameter order: a column, with a dash before it for the greatest first; of scores the best
    ///   is first without one.
    init(_ overview: Overview, order: Order, isReversed: Bool, offset: Int, limit: Int) {
        let members = overview.members
        total = members.count
        func key(_ member: Int) -> Double {
            switch order {
            case .member: return Double(member)
            case .step: return Double(overview.standing(of: member).step)
            case .score:
                guard let score = overview.standing(of: member).score, score.isFinite else {
                    return .infinity
                }
                return overview.population.minimize ? score : -score
            case .reports: return Double(members[member].reports)
            case .exploits: return Double(members[member].exploits)
            case .declines: return Double(members[member].declines)
            case .lapses: return Double(members[member].lapses)
            }
        }
        var numbers = Array(members.indices)
        if order != .member || isReversed {
            let keys = numbers.map(key)
            numbers.sort { one, other in
                if keys[one] == keys[other] { return one < other }
                return isReversed ? keys[one] > keys[other] : keys[one] < keys[other]
            }
        }
        self.members = numbers.dropFirst(offset).prefix(limit).map { Row(overview, $0) }
    }
}

extension MemberTable.Row {
    init(_ overview: Overview, _ member: Int) {
        let followed = overview.members[member]
        let standing = overview.standing(of: member)
        self.init(
            member: member, step: standing.step, score: standing.score,
            state: overview.state(of: member), donor: followed.donor, reports: followed.reports,
            exploits: followed.exploits, declines: followed.declines, lapses: followed.lapses,
            hyperparameters: overview.space.decode(followed.values))
    }
}
