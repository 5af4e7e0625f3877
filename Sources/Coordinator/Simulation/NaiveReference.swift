import Evolution

/// The training rules as one would write them down who has time: every member is looked at for every
/// report.
struct NaiveReference {
    /// The step from which each member's interval counts.
    private var since: [Int: Int] = [:]
    /// The open generation of a synchronous population.
    private var generation = 1
    /// Who has reported for it.
    private var hasReported: Set<Int> = []
    /// What the last generation to close decided: who copies, and what may be copied.
    private var closing = (copiers: [Int](), donors: [CommittedState]())
    /// Who copied because its own state was lost, and has committed none since.
    private var isRescued: Set<Int> = []

    /// Checks what was decided on an event, and follows it.
    ///
    /// - Parameter before: the population as it was before.
    /// - Returns: what was decided otherwise than it should be.
    mutating func follow(
        _ event: Event, before: Population, workers: [Int: String]
    ) -> String? {
        if case .exploited(let exploited) = event.kind, let id = event.member {
            return follow(exploited, of: id)
        }
        guard closing.copiers.isEmpty else {
            return "of generation \(generation - 1), \(closing.copiers) should copy"
        }
        if case .generationClosed(let closed) = event.kind {
            return follow(closed, before: before, workers: workers)
        }
        guard let id = event.member else { return nil }
        switch event.kind {
        case .leased where before.generation != nil && hasReported.contains(id):
            return "member \(id) is leased and has reported for its generation"
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

    private mutating func decide(
        _ reported: Reported, of id: Int, by rules: Specification, among states: [CommittedState?]
    ) -> String? {
        // Rules 2 and 6.
        let isOver = reported.step - (since[id] ?? 0) >= rules.interval
        let isLast = rules.maxSteps.map { reported.step >= $0 } ?? false
        if rules.mode == .synchronous {
            guard reported.standing == nil, reported.exploit == nil else {
                return "member \(id) is decided on before its generation closes"
            }
            let counts = reported.checkpoint != nil && (isOver || isLast)
            if counts {
                since[id] = reported.step
                hasReported.insert(id)
            }
            return reported.generation == (counts ? generation : nil)
                ? nil : "member \(id) \(counts ? "reported" : "did not report") for a generation"
        }
        let isReady =
            reported.checkpoint != nil && reported.step >= rules.burnIn && isOver && !isLast
        guard isReady == (reported.standing != nil) else {
            return """
                member \(id) \(isReady ? "was not" : "was") considered at step \(reported.step), \
                and its interval of \(rules.interval) counts from \(since[id] ?? 0)
                """
        }
        guard let standing = reported.standing else {
            return reported.exploit == nil ? nil : "member \(id) copies and was not considered"
        }
        let choice = choose(among: states, rules)
        guard let place = choice.ranked.firstIndex(of: id), standing.rank == place + 1,
            standing.ranked == choice.ranked.count
        else { return "member \(id) stands at \(standing.rank) of \(standing.ranked)" }
        let copies = choice.copiers.contains(id) && !choice.donors.isEmpty
        guard copies == (reported.exploit != nil) else {
            return "member \(id) \(copies ? "should copy" : "should not copy") at \(place + 1)"
        }
        guard let exploit = reported.exploit, !choice.donors.contains(exploit.donor) else {
            return nil
        }
        return "member \(id) copies \(exploit.donor.member), and may copy others"
    }

    /// Rules 1 to 3.
    private func choose(
        among states: [CommittedState?], _ rules: Specification
    ) -> (ranked: [Int], copiers: [Int], donors: [CommittedState]) {
        let ranked = states.indices.filter { states[$0] != nil }
            .sorted { isBetter(states[$0], states[$1], $0, $1, rules) }
        let share = rules.fraction * Double(ranked.count)
        let mayCopy = rules.fraction > 0 && ranked.count >= rules.minPopulationSize
        let copiers = mayCopy ? max(1, Int((share + 1e-9).rounded(.down))) : 0
        let donors = ranked.dropLast(copiers).compactMap { id in
            states[id].flatMap { $0.member == id && $0.score.isFinite ? $0 : nil }
        }
        return (
            ranked, ranked.suffix(copiers),
            Array(donors.prefix(max(1, Int((share - 1e-9).rounded(.up)))))
        )
    }

    // MARK: Generations

    /// A generation decides for all that reported for it, on what there is when it closes.
    private mutating func follow(
        _ closed: GenerationClosed, before: Population, workers: [Int: String]
    ) -> String? {
        let there = before.members.filter { !$0.isRemoved }.map(\.id)
        guard closed.generation == generation,
            closed.reported
                == hasReported.count(where: {
                    there.contains($0)
                })
        else { return "generation \(closed.generation) closes with \(closed.reported)" }
        let rules = before.specification
        let missing = there.filter { id in
            let isFinished = rules.maxSteps.map { before.members[id].step >= $0 } ?? false
            return !hasReported.contains(id) && !isFinished
        }
        if closed.isByDeadline {
            if rules.generationDeadline == nil { return "a generation closes by no deadline" }
        } else if let awaited = missing.first(where: { workers[$0] != nil }) {
            return
                "a generation closes without member \(awaited), which \(workers[awaited]!) trains"
        } else if !missing.isEmpty, !workers.values.allSatisfy(SimulatedWorker.isKeeper) {
            return "a generation closes without \(missing), for which there are workers"
        }
        let choice = choose(
            among: before.members.map { $0.isRemoved ? nil : $0.latest }, rules)
        closing.donors = choice.donors
        closing.copiers = choice.copiers.filter { id in
            guard let state = before.members[id].latest, state.member == id else { return false }
            return hasReported.contains(id) && state.step >= rules.burnIn
                && state.step < rules.maxSteps ?? .max && !choice.donors.isEmpty
        }
        generation += 1
        hasReported = []
        return nil
    }

    private mutating func follow(_ exploited: Exploited, of id: Int) -> String? {
        guard closing.copiers.first == id, closing.donors.contains(exploited.exploit.donor),
            exploited.generation == generation - 1
        else { return "member \(id) copies when generation \(generation - 1) closes" }
        closing.copiers.removeFirst()
        since[id] = exploited.exploit.donor.step
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
