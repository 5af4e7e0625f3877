@testable import Evolution

/// The rule of Ray Tune's `PopulationBasedTraining`.
///
/// Whoever copied is ranked by its own last score until it reports. The worst quarter copies from the
/// best one. A member saves its state only when it is among the best as it reports; a copy of one
/// that has saved none is left out. Those that have finished are neither ranked nor copied.
struct RayRule: VirtualRule {
    private static let fraction = 0.25

    /// By member.
    private var saved: [Int: CommittedState] = [:]

    mutating func state(
        copiedBy id: Int, among members: [Member], _ specification: Specification,
        _ draws: inout Draws
    ) -> CommittedState? {
        let last = specification.maxSteps ?? .max
        let order = specification.order(members) { $0.step < last ? $0.measured?.score : nil }
        let count = min(Int((Self.fraction * Double(order.count)).rounded(.up)), order.count / 2)
        saved[id] = order.prefix(count).contains(id) ? members[id].latest : nil
        guard order.suffix(count).contains(id) else { return nil }
        return saved[order[draws.below(count)]]
    }
}
