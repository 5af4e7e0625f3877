@testable import Evolution

/// A rule that decides instead of the population, to be compared with ours.
protocol VirtualRule: Sendable {
    /// The state that a member copies, or `nil` when it copies none.
    ///
    /// It is asked at each report but a member's last one.
    ///
    /// - Parameters:
    ///   - id: the member's, whose report is committed.
    ///   - members: all there are.
    mutating func state(
        copiedBy id: Int, among members: [Member], _ specification: Specification,
        _ draws: inout Draws
    ) -> CommittedState?

    /// What a member scored whose weights were measured as soon as it had copied them.
    mutating func measured(_ id: Int, _ score: Double)
}

extension VirtualRule {
    mutating func measured(_ id: Int, _ score: Double) {}
}

extension Specification {
    /// The numbers of those members that have a score, best first. Equal scores are in any order.
    func order(_ members: [Member], by score: (Member) -> Double?) -> [Int] {
        let scores = members.compactMap { member in
            score(member).map { (id: member.id, report: member.reports, score: $0) }
        }
        let ordered = scores.sorted { one, other in
            if one.score != other.score { return one.score > other.score }
            return tie(of: one.id, report: one.report) < tie(of: other.id, report: other.report)
        }
        return ordered.map(\.id)
    }
}
