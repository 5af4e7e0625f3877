import Evolution

/// The training rules as one would write them down who has time: every member is looked at for every
/// report.
struct NaiveReference {
    /// The step from which each member's interval counts.
    private var since: [Int: Int] = [:]
    /// Where each member stood when an exploit was last considered for it.
    private var standings: [Int: Standing] = [:]
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
        let evidence = NaiveEvidence(
            before.members, by: before.specification, reports: before.reports)
        let donors = evidence.donors(among: evidence.ranked[...]).filter {
            $0.member != id && $0.checkpoint != member.latest?.checkpoint
        }
        let mayCopy = member.latest != nil && !isRescued.contains(id) && !donors.isEmpty
        switch fallback {
        case .previous:
            since[id] = afterDecline(member)
            return member.previous == nil ? "member \(id) has nothing to go back to" : nil
        case .donor(let exploit):
            since[id] = exploit.donor.step
            isRescued.insert(id)
            let isThere = donors.contains(exploit.donor)
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
        var members = before.members
        if reported.declined {
            members[id].latest = members[id].previous
            members[id].previous = nil
        }
        members[id].step = reported.step
        if let checkpoint = reported.checkpoint {
            members[id].previous = members[id].latest
            members[id].latest = CommittedState(
                member: id, report: reported.report, step: reported.step, score: reported.score,
                hyperparameters: reported.hyperparameters, checkpoint: checkpoint)
        }
        let evidence = NaiveEvidence(
            members, by: before.specification, reports: before.reports)
        let wrong = decide(reported, of: id, by: before.specification, on: evidence)
        if reported.checkpoint != nil { isRescued.remove(id) }
        if reported.standing != nil { since[id] = reported.step }
        if let exploit = reported.exploit { since[id] = exploit.donor.step }
        return wrong
    }

    private mutating func decide(
        _ reported: Reported, of id: Int, by rules: Specification, on evidence: NaiveEvidence
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
        let ranked = evidence.ranked
        guard let place = ranked.firstIndex(of: id), standing.rank == place + 1,
            standing.ranked == ranked.count
        else { return "member \(id) stands at \(standing.rank) of \(standing.ranked)" }
        standings[id] = standing
        let placed = evidence.sorted(by: standings)
        guard let recent = placed.firstIndex(of: id), reported.recent?.rank == recent + 1,
            reported.recent?.ranked == placed.count
        else { return "member \(id) has another place among the standings" }
        let best = evidence.share(rules.donorsFraction, of: ranked.count, .up)
        let worst = evidence.share(rules.fraction, of: placed.count, .down)
        let donors = evidence.donors(among: ranked.prefix(place)).prefix(best)
        let fresh = donors.filter { !evidence.someoneWaits || $0.step >= reported.step }
        let mayCopy =
            evidence.mayCopy && recent >= placed.count - worst && place >= best && !fresh.isEmpty
        // Of the donors that are looked at all may be behind.
        let mayMiss = donors.count > 8 && fresh.count < donors.count
        guard reported.exploit != nil ? mayCopy : !mayCopy || mayMiss else {
            return "member \(id) \(mayCopy ? "should copy" : "should not copy") at \(place + 1)"
        }
        guard let exploit = reported.exploit, !fresh.contains(exploit.donor) else { return nil }
        return "member \(id) copies \(exploit.donor.member), and may copy others"
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
        let evidence = NaiveEvidence(before.members, by: rules, reports: before.reports)
        let copiers =
            evidence.mayCopy
            ? evidence.share(rules.fraction, of: evidence.ranked.count, .down) : 0
        let best = evidence.share(rules.donorsFraction, of: evidence.ranked.count, .up)
        closing.donors = Array(
            evidence.donors(among: evidence.ranked.dropLast(copiers)).prefix(best))
        closing.copiers = evidence.ranked.suffix(copiers).filter { id in
            guard let state = before.members[id].latest, state.member == id else { return false }
            return hasReported.contains(id) && state.step >= rules.burnIn
                && state.step < rules.maxSteps ?? .max && !closing.donors.isEmpty
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
}

/// Whose measurements decide, and in which order: rules 1 to 3, by looking at everybody.
private struct NaiveEvidence {
    let rules: Specification
    let members: [Member]
    /// Those that count, best first.
    private(set) var ranked: [Int] = []
    private(set) var someoneWaits = false

    init(_ members: [Member], by rules: Specification, reports: Int) {
        self.rules = rules
        self.members = members
        let there = members.filter { !$0.isRemoved }
        let remaining = there.count { !isFinished($0) }
        func isAway(_ member: Member, for most: Int) -> Bool {
            if case .away(let since) = member.presence { reports - since > most } else { false }
        }
        let gone = there.count { isAway($0, for: 3 * max(1, remaining)) }
        someoneWaits = there.contains {
            $0.presence == .waiting && $0.latest != nil && !isFinished($0)
        }
        ranked = there.filter { member in
            measured(member.id) != nil && !isAway(member, for: 3 * max(1, remaining - gone))
        }.map(\.id).sorted(by: isBetter)
    }

    /// With fewer nobody exploits.
    var mayCopy: Bool { rules.fraction > 0 && ranked.count >= rules.minPopulationSize }

    func share(_ fraction: Double, of count: Int, _ rule: FloatingPointRoundingRule) -> Int {
        let share = fraction * Double(count) + (rule == .up ? -1e-9 : 1e-9)
        return max(1, Int(share.rounded(rule)))
    }

    /// What those of the ranked may be copied with that may be copied.
    func donors(among ranked: ArraySlice<Int>) -> [CommittedState] {
        ranked.compactMap { id in
            guard let state = members[id].latest, state.member == id, state.score.isFinite,
                !isFinished(members[id])
            else { return nil }
            return state
        }
    }

    /// Those that count and have a standing, the best one first.
    func sorted(by standings: [Int: Standing]) -> [Int] {
        func place(_ id: Int) -> (Double, Float, Int) {
            let standing = standings[id] ?? Standing(rank: 1, ranked: 1)
            return (
                (Double(standing.rank) - 0.5) / Double(standing.ranked),
                Float(badness(measured(id)?.score ?? .nan)), id
            )
        }
        return ranked.filter { standings[$0] != nil }.sorted { place($0) < place($1) }
    }

    private func measured(_ id: Int) -> CommittedState? {
        [members[id].latest, members[id].previous].compactMap(\.self).first { $0.member == id }
    }

    private func isFinished(_ member: Member) -> Bool {
        rules.maxSteps.map { member.step >= $0 } ?? false
    }

    /// Rule 1, and rule 2 for those that are equal.
    private func isBetter(_ left: Int, _ right: Int) -> Bool {
        guard let one = measured(left), let other = measured(right) else { return false }
        let (a, b) = (badness(one.score), badness(other.score))
        if a != b { return a < b }
        return rules.tie(of: left, report: one.report) < rules.tie(of: right, report: other.report)
    }

    private func badness(_ score: Double) -> Double {
        guard score.isFinite else { return .infinity }
        return rules.objective == .maximize ? -score : score
    }
}
