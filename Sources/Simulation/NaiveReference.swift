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
    /// How many copies each member measured something after, also those that it gave up again.
    private var copies: [Int: Int] = [:]
    /// What each member measured itself, oldest first.
    private var measurements: [Int: [Measurement]] = [:]
    /// The generation that closed last: what there was, and who may copy on it still.
    private var closing: (selection: NaiveSelection, candidates: [Int])?

    /// A score that a member measured itself.
    struct Measurement {
        var step: Int
        var score: Double
        /// How many copies came before it.
        var copies: Int
        /// Where it stood among those at the same step.
        var place = 0.5
    }
    /// Who copied because its own state was lost, and has committed none since.
    private var isRescued: Set<Int> = []
    /// The best states ever, of which each member has one, where those are copied too.
    private(set) var archive: [ArchivedState] = []

    /// Checks what was decided on an event, and follows it.
    ///
    /// - Parameter before: the population as it was before.
    /// - Returns: what was decided otherwise than it should be.
    mutating func follow(
        _ event: Event, before: Population, workers: [Int: String]
    ) -> String? {
        defer { follow(copyIn: event) }
        if case .exploited(let exploited) = event.kind, let id = event.member {
            return follow(exploited, of: id)
        }
        if let closed = closing {
            closing = nil
            if let missing = closed.candidates.first(where: closed.selection.mustCopy) {
                return "of generation \(generation - 1), \(missing) should copy"
            }
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
        case .removed:
            measurements[id] = []
            archive.removeAll { $0.state.member == id }
            return nil
        default: return nil
        }
    }

    /// What cannot be loaded is replaced by the state before it, else by a donor's, else by none.
    private mutating func follow(
        _ fallback: Fallback, of id: Int, before: Population
    ) -> String? {
        let member = before.members[id]
        if let latest = member.latest, latest.member == id {
            _ = measurements[id]?.popLast()
        }
        if fallback == .start { measurements[id] = [] }
        let evidence = NaiveEvidence(
            before.members, by: before.specification, reports: before.reports, measurements)
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
            measure(reported, of: id, isFirst: members[id].isInherited, by: before)
            members[id].previous = members[id].latest
            members[id].latest = CommittedState(
                member: id, report: reported.report, step: reported.step, score: reported.score,
                hyperparameters: reported.hyperparameters, checkpoint: checkpoint)
        }
        let evidence = NaiveEvidence(
            members, by: before.specification, reports: before.reports, measurements)
        let wrong = decide(reported, of: id, by: before.specification, on: evidence)
        if reported.checkpoint != nil, let state = members[id].latest {
            archive(state, by: before.specification)
        }
        if reported.checkpoint != nil { isRescued.remove(id) }
        if reported.standing != nil { since[id] = reported.step }
        if let exploit = reported.exploit { since[id] = exploit.donor.step }
        return wrong
    }

    private mutating func decide(
        _ reported: Reported, of id: Int, by rules: Specification, on evidence: NaiveEvidence
    ) -> String? {
        // Rules 2 and 6.
        let frequency =
            rules.mode == .synchronous ? 1 : NaiveIslands.frequency(of: id, by: rules)
        let isOver = reported.step - (since[id] ?? 0) >= rules.interval * frequency
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
                and its interval of \(rules.interval * frequency) counts from \(since[id] ?? 0)
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
        return NaiveSelection(evidence, placed: placed, archive: archive).fault(
            of: reported.verdict, reported.exploit, by: id)
    }

    /// Notes what a member measured, and where that stands among what others had at the same step.
    private mutating func measure(
        _ reported: Reported, of id: Int, isFirst: Bool, by before: Population
    ) {
        let rules = before.specification
        if isFirst { copies[id, default: 0] += 1 }
        measurements[id, default: []].append(
            Measurement(
                step: reported.step, score: reported.score, copies: copies[id] ?? 0))
        // What is older does not come back when the last one goes with its state.
        measurements[id] = (measurements[id] ?? []).suffix(rules.window)
        let there = before.members.filter { !$0.isRemoved }
        let peers = there.compactMap { member -> (badness: Double, member: Int)? in
            let known = (measurements[member.id] ?? []).suffix(rules.window)
            let score = known.last { $0.step == reported.step }?.score
            return score.map { (rules.badness(of: $0), member.id) }
        }.sorted { $0 < $1 }
        guard let rank = peers.firstIndex(where: { $0.member == id }) else { return }
        let count = measurements[id]?.count ?? 1
        measurements[id]?[count - 1].place = (Double(rank) + 0.5) / Double(peers.count)
    }

    // MARK: The best ever

    /// Of equal ones the first that came stays.
    private mutating func archive(_ state: CommittedState, by rules: Specification) {
        guard type(of: rules.selection).name == ArchiveSelection.name,
            case .integer(let most) = rules.settings["archive"]
        else { return }
        let all = archive + [ArchivedState(state)]
        let sorted = all.filter { $0.state.score.isFinite }.enumerated().sorted {
            (rules.badness(of: $0.element.state.score), $0.offset)
                < (rules.badness(of: $1.element.state.score), $1.offset)
        }.map(\.element)
        var members: Set<Int> = []
        archive = Array(
            sorted.filter { members.insert($0.state.member).inserted }.prefix(Int(most)))
    }

    private mutating func follow(copyIn event: Event) {
        guard let donor = event.exploit?.donor,
            let place = archive.firstIndex(where: {
                ($0.state.member, $0.state.report) == (donor.member, donor.report)
            })
        else { return }
        archive[place].copies += 1
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
        let evidence = NaiveEvidence(
            before.members, by: rules, reports: before.reports, measurements)
        let candidates = evidence.ranked.filter { id in
            guard let state = before.members[id].latest, state.member == id else { return false }
            return hasReported.contains(id) && state.step >= rules.burnIn
                && state.step < rules.maxSteps ?? .max
        }
        let selection = NaiveSelection(
            evidence, closing: generation, eligible: candidates, archive: archive)
        closing = (selection, candidates)
        generation += 1
        hasReported = []
        return nil
    }

    /// Who copies is said in the order of the ranking.
    private mutating func follow(_ exploited: Exploited, of id: Int) -> String? {
        since[id] = exploited.exploit.donor.step
        guard let (selection, candidates) = closing, exploited.generation == generation - 1,
            let place = candidates.firstIndex(of: id)
        else { return "member \(id) copies when generation \(generation - 1) closes" }
        closing?.candidates.removeFirst(place + 1)
        if let missing = candidates.prefix(place).first(where: selection.mustCopy) {
            return "member \(missing) should copy before \(id)"
        }
        return selection.fault(of: exploited.verdict, exploited.exploit, by: id)
    }
}
