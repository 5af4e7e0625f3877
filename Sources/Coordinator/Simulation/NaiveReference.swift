import Evolution

/// The training rules as one would write them down who has time: every member is looked at for every
/// report.
struct NaiveReference {
    /// The step from which each member's interval counts.
    private var since: [Int: Int] = [:]
    /// Who copied because its own state was lost, and has committed none since.
    private var isRescued: Set<Int> = []

    /// Checks what was decided on an event, and follows it.
    ///
    /// - Parameter before: the population as it was before.
    /// - Returns: what was decided otherwise than it should be.
    mutating func follow(_ event: Event, before: Population) -> String? {
        guard let id = event.member else { return nil }
        switch event.kind {
        case .reported(let reported): return follow(reported, of: id, before: before)
        case .declined(_, let fallback): return follow(fallback, of: id, before: before)
        default: return nil
        }
    }

    /// What cannot be loaded is replaced by the state before it, else by a donor's, else by none.
    private mutating func follow(
        _ fallback: Fallback, of id: Int, before: Population
    ) -> String? {
        let member = before.members[id]
        let donors = before.members.filter { other in
            guard let state = other.latest, !other.isRemoved, other.id != id else { return false }
            return state.member == other.id && state.score.isFinite
                && state.checkpoint != member.latest?.checkpoint
        }
        let mayCopy = member.latest != nil && !isRescued.contains(id) && !donors.isEmpty
        switch fallback {
        case .previous:
            since[id] = afterDecline(member)
            return member.previous == nil ? "member \(id) has nothing to go back to" : nil
        case .donor(let exploit):
            since[id] = exploit.donor.step
            isRescued.insert(id)
            let isThere = donors.contains { $0.latest == exploit.donor }
            return member.previous == nil && mayCopy && isThere
                ? nil : "member \(id) is not to be rescued by \(exploit.donor.member)"
        case .start:
            since[id] = 0
            return member.previous == nil && !mayCopy ? nil : "member \(id) need not start anew"
        }
    }

    /// Rule 4: who gives an exploit up is where it was when that was considered.
    private func afterDecline(_ member: Member) -> Int {
        let step = member.previous?.step ?? 0
        return member.isInherited ? step : min(since[member.id] ?? 0, step)
    }

    private mutating func follow(
        _ reported: Reported, of id: Int, before: Population
    ) -> String? {
        if reported.declined { since[id] = afterDecline(before.members[id]) }
        var states: [CommittedState?] = before.members.map { $0.isRemoved ? nil : $0.latest }
        if reported.declined { states[id] = before.members[id].previous }
        if let checkpoint = reported.checkpoint {
            states[id] = CommittedState(
                member: id, report: reported.report, step: reported.step, score: reported.score,
                hyperparameters: reported.hyperparameters, checkpoint: checkpoint)
        }
        let wrong = decide(reported, of: id, by: before.specification, among: states)
        if reported.checkpoint != nil { isRescued.remove(id) }
        if reported.standing != nil { since[id] = reported.step }
        if let exploit = reported.exploit { since[id] = exploit.donor.step }
        return wrong
    }

    private func decide(
        _ reported: Reported, of id: Int, by rules: Specification, among states: [CommittedState?]
    ) -> String? {
        // Rules 2 and 6.
        let isReady =
            reported.checkpoint != nil && reported.step >= rules.burnIn
            && reported.step - (since[id] ?? 0) >= rules.interval
            && reported.step < rules.maxSteps ?? .max
        guard isReady == (reported.standing != nil) else {
            return """
                member \(id) \(isReady ? "was not" : "was") considered at step \(reported.step), \
                and its interval of \(rules.interval) counts from \(since[id] ?? 0)
                """
        }
        guard let standing = reported.standing else {
            return reported.exploit == nil ? nil : "member \(id) copies and was not considered"
        }
        // Rules 1 and 2.
        let ranked = states.indices.filter { states[$0] != nil }
            .sorted { isBetter(states[$0], states[$1], $0, $1, rules) }
        guard let place = ranked.firstIndex(of: id), standing.rank == place + 1,
            standing.ranked == ranked.count
        else { return "member \(id) stands at \(standing.rank) of \(standing.ranked)" }
        // Rule 3.
        let share = rules.fraction * Double(ranked.count)
        let mayCopy = rules.fraction > 0 && ranked.count >= rules.minPopulationSize
        let copiers = mayCopy ? max(1, Int((share + 1e-9).rounded(.down))) : 0
        let others = ranked.dropLast(copiers)
        let donors = others.filter {
            states[$0]?.member == $0 && states[$0]?.score.isFinite == true
        }
        .prefix(max(1, Int((share - 1e-9).rounded(.up))))
        let copies = place >= others.count && !donors.isEmpty
        guard copies == (reported.exploit != nil) else {
            return "member \(id) \(copies ? "should copy" : "should not copy") at \(place + 1)"
        }
        guard let exploit = reported.exploit else { return nil }
        guard let donor = donors.first(where: { $0 == exploit.donor.member }),
            states[donor] == exploit.donor
        else {
            return "member \(id) copies \(exploit.donor.member), and may copy \(Array(donors))"
        }
        return nil
    }

    /// Rule 1, and rule 2 for those that are equal.
    private func isBetter(
        _ left: CommittedState?, _ right: CommittedState?, _ leftID: Int, _ rightID: Int,
        _ rules: Specification
    ) -> Bool {
        guard let left, let right else { return left != nil }
        let (a, b) = (badness(left.score, rules), badness(right.score, rules))
        if a != b { return a < b }
        return rules.tie(of: leftID, report: left.report)
            < rules.tie(of: rightID, report: right.report)
    }

    private func badness(_ score: Double, _ rules: Specification) -> Double {
        guard score.isFinite else { return .infinity }
        return rules.objective == .maximize ? -score : score
    }
}
