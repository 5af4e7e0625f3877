@testable import Evolution

/// What was copied is measured again at once, and its member is ranked by that (Jaderberg et al.,
/// arXiv 1711.09846, algorithm 1).
///
/// The worst fifth copies from the best one. Nobody keeps another one's luck; each copy costs a
/// measurement, which is not counted.
struct PaperRule: VirtualRule {
    /// Of each member, since it copied last.
    private var scores: [Int: Double] = [:]

    func state(
        copiedBy id: Int, among members: [Member], _ specification: Specification,
        _ draws: inout Draws
    ) -> CommittedState? {
        let order = specification.order(members) {
            $0.isInherited ? scores[$0.id] : $0.latest?.score
        }
        return OldRule.state(copiedBy: id, among: members, in: order, &draws)
    }

    mutating func measured(_ id: Int, _ score: Double) { scores[id] = score }
}
