@testable import Evolution

/// Whoever copied is ranked by its donor's score until it reports: it is its donor.
///
/// The worst fifth copies from the best one. A copy leaves the worst at once, so that somebody else is
/// among them; and it keeps a score that was luck.
struct OldRule: VirtualRule {
    private static let fraction = 0.2
    private static let minPopulationSize = 5

    func state(
        copiedBy id: Int, among members: [Member], _ specification: Specification,
        _ draws: inout Draws
    ) -> CommittedState? {
        let order = specification.order(members) { $0.latest?.score }
        return Self.state(copiedBy: id, among: members, in: order, &draws)
    }

    /// - Parameter order: the members' numbers, best first.
    static func state(
        copiedBy id: Int, among members: [Member], in order: [Int], _ draws: inout Draws
    ) -> CommittedState? {
        // A fifth of 15 is 3, though a double makes it a little more.
        let fifth = fraction * Double(order.count)
        let copiers = max(1, Int(fifth + 1e-9))
        guard order.count >= minPopulationSize, order.suffix(copiers).contains(id) else {
            return nil
        }
        let own = order.dropLast(copiers).filter { !members[$0].isInherited }
        let donors = own.prefix(Int((fifth - 1e-9).rounded(.up)))
        return donors.isEmpty ? nil : members[donors[draws.below(donors.count)]].latest
    }
}
