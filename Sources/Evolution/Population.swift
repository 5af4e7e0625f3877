/// A set of members that evolves by the training rules.
///
/// It knows no clock and no file: reports go in, events come out, and the same events applied to
/// an empty population make an equal one. A report costs O(log n) in the population's size.
package struct Population: Sendable {
    package private(set) var specification: Specification
    package private(set) var status = Status.active
    /// By number; also those that were removed.
    package private(set) var members: [Member] = []
    /// How many reports were made, by all members.
    package private(set) var reports = 0
    /// How many exploits were decided, including those that were declined later, and those that
    /// replaced a state that could not be loaded.
    package private(set) var exploits = 0
    /// The best state that any member ever committed.
    package internal(set) var best: CommittedState?
    /// The best states that members ever committed, where those are copied too; else none.
    package internal(set) var archive = StateArchive()
    package private(set) var tally = Tally()
    /// The one that is open; `nil` in an asynchronous population.
    package private(set) var generation: Generation?
    /// What decides, with its parameters.
    private(set) var strategies: Strategies
    /// In the order that decides.
    private(set) var ranking = Ranking()
    /// In the leaderboard's order, by what each measured itself last, where another one decides.
    private var board: Ranking?
    /// What members measured at the same step, where that is compared.
    private var stepScores = StepScores()
    /// By where each stood when an exploit was last considered for it, of those that count.
    private(set) var standings = Ranking()
    /// The same within each island, where the members are divided among islands.
    private(set) var archipelago: Archipelago?
    private(set) var evidence = Evidence()
    package internal(set) var checkpoints = Checkpoints()
    /// What is proposed for copies, where the exploration takes proposals.
    var proposing: Proposing?

    package enum Status: Hashable, Sendable {
        case active
        /// Nobody trains until it is resumed.
        case paused
        /// Nobody trains any more, unless it is resumed. It ended by itself, for a reason, or somebody
        /// ended it.
        case ended(Ending?)

        package var isEnded: Bool { if case .ended = self { true } else { false } }
    }

    /// A population without members.
    ///
    /// The specification must be valid; see `Specification.validate()`.
    package init(_ specification: Specification) {
        self.specification = specification
        strategies = Strategies(specification)
        board = strategies.ranksAsBoard ? nil : Ranking()
        archipelago = strategies.islands.map(Archipelago.init)
        proposing = strategies.takesProposals ? Proposing() : nil
        generation = specification.mode == .synchronous ? Generation() : nil
    }

    /// A population as a journal has it: its members' present state, in the order of their
    /// numbers, the best state ever and those that are copied, the number of the open generation, and the
    /// counts.
    package init(
        _ specification: Specification, status: Status = .active, members: [Member],
        best: CommittedState? = nil, archive: [ArchivedState] = [], generation: Int = 0,
        reports: Int, exploits: Int
    ) {
        self.init(specification)
        self.generation?.open(generation)
        self.status = status
        self.members = members
        self.best = best
        self.reports = reports
        self.exploits = exploits
        for (id, member) in members.enumerated() {
            precondition(member.id == id, "Members are given in the order of their numbers.")
            count(member)
            checkpoints.hold(member.holding)
        }
        let away = members.compactMap { member -> (since: Int, id: Int)? in
            if case .away(let since) = member.presence { (since, member.id) } else { nil }
        }
        for member in away.sorted(by: { $0 < $1 }) {
            evidence.wentAway(member.id, since: member.since)
        }
        _ = evidence.age(reports: reports, remaining: tally.remaining, members)
        rankAll()
        checkpoints.hold(Checkpoints.Holding(latest: best?.checkpoint))
        changeArchive { $0 = StateArchive(archive) }
        // A journal that was begun before the best was kept has none.
        if best == nil { chooseBest() }
    }

    /// What makes the next member. Nothing changes until it is applied.
    package func creation() -> Event {
        let id = members.count
        let hyperparameters = specification.initialHyperparameters(of: id)
        return Event(member: id, kind: .created(hyperparameters: hyperparameters))
    }

    /// Takes a report, decides on it, and returns what happened, which is already applied.
    ///
    /// In a synchronous population nothing is decided before the generation closes; see `closing`.
    ///
    /// The member must exist and, if the report has hyperparameters, there must be one for each
    /// of the space. `declined` counts only while the member is its donor.
    package mutating func report(_ report: Report) -> Event {
        let id = report.member
        var reported = recorded(report)
        commit(reported, of: id)
        if let generation {
            if counts(reported, of: members[id]) {
                reported.generation = generation.number
                let number = Verdict.Fact("generation", generation.number)
                reported.verdict = Verdict(outcome: Verdict.awaitsGeneration, facts: [number])
            } else {
                reported.verdict = hindrance(of: reported, of: members[id])
            }
        } else {
            decide(&reported, of: id)
        }
        conclude(reported, of: id)
        return Event(member: id, kind: .reported(reported))
    }

    /// Decides what a member goes on from whose state could not be loaded, and returns what
    /// happened, which is already applied.
    package mutating func decline(_ member: Int, reason: String) -> Event {
        let fallback = fallback(of: member)
        let event = Event(member: member, kind: .declined(reason: reason, fallback: fallback))
        apply(event)
        return event
    }

    /// Applies an event exactly as it was stored: nothing is decided or drawn again.
    package mutating func apply(_ event: Event) {
        switch event.kind {
        case .paused: status = .paused
        case .resumed: status = .active
        case .ended(let ending): status = .ended(ending)
        case .changed(_, let after): adjust(after)
        case .created(let hyperparameters):
            precondition(event.member == members.count, "Members are made in order.")
            let member = Member(id: members.count, hyperparameters: hyperparameters)
            members.append(member)
            count(member)
        case .reported(let reported):
            let id = number(event)
            commit(reported, of: id)
            conclude(reported, of: id)
        case .removed:
            noteReturn(of: number(event))
            let id = number(event)
            change(id) { $0.apply(event.kind) }
            changeArchive { $0.remove(of: id) }
            if best?.member == id { chooseBest() }
        case .declined:
            change(number(event)) { $0.apply(event.kind) }
            count(event.exploit)
        case .exploited:
            change(number(event)) { $0.apply(event.kind) }
            count(event.exploit)
        case .generationClosed(let closed):
            generation?.open(closed.generation + 1)
            countAll()
        case .leased:
            noteReturn(of: number(event))
            change(number(event)) { $0.apply(event.kind) }
        case .released:
            let id = number(event)
            noteReturn(of: id)
            if case .released(let reason) = event.kind, reason.isAbsence {
                evidence.wentAway(id, since: reports)
            }
            let reports = reports
            change(id) { $0.apply(event.kind, reports: reports) }
            evidence.tidy(away: tally.away, members)
        }
    }

    /// The step at which a member that goes on from where it is reports next: the end of its
    /// interval, or the last step.
    package func targetStep(of member: Int) -> Int {
        let member = members[member]
        let interval = specification.interval
        let intervals = max(0, member.step - member.considered) / interval + 1
        let target = member.considered + intervals * interval
        let segment = specification.schedule.segment(from: member.step)?.end ?? target
        let next = segment > member.step ? min(target, segment) : target
        // A last step that was lowered since may lie behind the member.
        return max(member.step, min(next, specification.maxSteps ?? next))
    }

    /// Whether the member reached the last step.
    package func isFinished(_ member: Int) -> Bool { isFinished(members[member]) }

    /// Whether there is nothing more to train, unless something is changed.
    package var isFinished: Bool {
        tally.finished == tally.members && (tally.members > 0 || !specification.grows)
    }

    /// The member's place on the leaderboard, from 1; `nil` without a committed state.
    package func rank(of member: Int) -> Int? { boardRanking.rank(of: member) }

    /// In the leaderboard's order.
    var boardRanking: Ranking { board ?? ranking }

    /// Nothing that was reported can be copied.
    var isWithoutCheckpoints: Bool { best == nil && ranking.count == 0 }

    /// The checkpoints that stopped being held since the last time this was asked. Some may be held
    /// again.
    package mutating func takeReleased() -> [String] { checkpoints.takeReleased() }

    func isFinished(_ member: Member) -> Bool {
        specification.maxSteps.map { member.step >= $0 } ?? false
    }

    /// What the report says, before anything is decided on it.
    private func recorded(_ report: Report) -> Reported {
        let id = report.member
        let declined = report.declined && members[id].isInherited
        let assigned =
            declined
            ? members[id].previous?.hyperparameters ?? members[id].hyperparameters
            : members[id].hyperparameters
        let domains = specification.space.hyperparameters
        let told = report.hyperparameters.map { values in
            precondition(values.count == domains.count, "There is a value for each hyperparameter.")
            return zip(domains, values).map { $0.domain.typed($1) }
        }
        var reported = Reported(
            report: members[id].reports + 1, step: report.step, score: report.score.canonical,
            checkpoint: report.checkpoint,
            hyperparameters: told ?? assigned)
        reported.metrics = report.metrics
        reported.declined = declined
        return reported
    }

    /// What follows from a report once its state is committed.
    private mutating func conclude(_ reported: Reported, of id: Int) {
        if reported.checkpoint != nil, let state = members[id].latest {
            if isBest(reported.score) { keep(best: state) }
            addToArchive(state)
            if let base = members[id].previous {
                proposing?.observations.add(state, from: base, by: specification)
            }
        }
        if reported.exploit != nil || reported.generation != nil {
            change(id) { $0.conclude(reported) }
        } else {
            // Its next interval begins, on which neither sums nor ranking depend.
            members[id].conclude(reported)
        }
        stand(id)
        reports += 1
        age()
        count(reported.exploit)
    }

    private mutating func count(_ exploit: Exploit?) {
        guard let exploit else { return }
        exploits += 1
        changeArchive { $0.noteCopy(of: exploit.donor) }
        proposing?.useUp(for: exploit.donor)
    }

    private mutating func adjust(_ settings: SettingValues) {
        let hadArchive = strategies.archive != nil
        specification.apply(settings)
        strategies = Strategies(specification)
        adjustArchive(hadOne: hadArchive)
        // Other hyperparameters may be explored otherwise, but what they gain stays the same.
        if strategies.takesProposals != (proposing != nil) {
            proposing = strategies.takesProposals ? Proposing() : nil
        }
        let isSame = (board == nil) == strategies.ranksAsBoard
        if !isSame { board = strategies.ranksAsBoard ? nil : Ranking() }
        if settings.changesRanking { archipelago = strategies.islands.map(Archipelago.init) }
        if settings.contains("max_steps") {
            countAll()
            age()
        }
        // Whoever has finished donates no more, and another ranking has another order.
        if settings.changesRanking { rankAll() }
    }

    private mutating func countAll() {
        tally = Tally()
        if let generation { self.generation?.open(generation.number) }
        for member in members { count(member) }
    }

    private mutating func count(_ member: Member) {
        let isFinished = isFinished(member)
        tally.add(member, isFinished: isFinished)
        generation?.add(member, isFinished: isFinished)
    }

    private func number(_ event: Event) -> Int {
        guard let member = event.member else {
            preconditionFailure("What happens to a member names it.")
        }
        return member
    }

    /// The only place where a member changes on which others depend: it keeps the sums, the ranking
    /// and the held checkpoints in step.
    ///
    /// - Parameter isDecided: nothing is decided after it on which its standing depends.
    private mutating func change(
        _ id: Int, isDecided: Bool = true, _ body: (inout Member) -> Void
    ) {
        let wasFinished = isFinished(id)
        tally.remove(members[id], isFinished: wasFinished)
        generation?.remove(members[id], isFinished: wasFinished)
        let before = members[id].holding
        let scores = members[id].scores
        body(&members[id])
        if let segment = specification.schedule.segment(from: members[id].latest?.step ?? 0) {
            members[id].hyperparameters = segment.hyperparameters
        }
        count(members[id])
        checkpoints.replace(before, by: members[id].holding)
        if strategies.ranking.comparesSteps { compare(id, before: scores) }
        rank(id)
        if isDecided { stand(id) }
        age()
    }

    private mutating func noteReturn(of id: Int) {
        if case .away(let since) = members[id].presence { evidence.cameBack(id, since: since) }
    }

    /// The part of a report that says what was, before anything is decided on it.
    private mutating func commit(_ reported: Reported, of id: Int) {
        let kept = strategies.kept
        // Where it stands is placed when that is known.
        change(id, isDecided: false) { $0.commit(reported, keeping: kept) }
    }

    /// Notes where what the member measured stands among what others had at the same step.
    private mutating func compare(_ id: Int, before: OwnScores) {
        let window = specification.window
        stepScores.replace(
            before.last(window), by: members[id].scores.last(window), of: id, specification)
        guard let last = members[id].scores.entries.last, last.place == nil,
            let place = stepScores.place(of: id, at: last.step)
        else { return }
        members[id].scores.setPlace(place)
    }

    private mutating func rankAll() {
        stepScores = StepScores()
        if strategies.ranking.comparesSteps {
            for member in members {
                let scores = member.scores.last(specification.window)
                stepScores.replace(OwnScores(), by: scores, of: member.id, specification)
            }
        }
        for id in members.indices {
            rank(id)
            stand(id)
        }
    }

    private mutating func rank(_ id: Int) {
        let key = key(of: members[id])
        ranking.place(id, key)
        archipelago?.rank(id, key)
        let boardKey = board == nil ? nil : boardKey(of: members[id])
        board?.place(id, boardKey)
    }

    /// Places where the member stands among the others' last standings.
    ///
    /// - Parameter standing: where it stands in the ranking, when that is decided on just now.
    mutating func stand(_ id: Int, at standing: Standing? = nil) {
        let key = standingKey(of: members[id], standing)
        standings.place(id, key)
        archipelago?.stand(id, key)
    }

    /// Ranks those anew whose evidence has become too old, or counts again.
    private mutating func age() {
        for id in evidence.age(reports: reports, remaining: tally.remaining, members) {
            rank(id)
            stand(id)
        }
    }
}

extension Population {
    /// What is counted over the members that were not removed.
    package struct Tally: Hashable, Sendable {
        package private(set) var members = 0
        package private(set) var removed = 0
        /// Members that reached the last step.
        package private(set) var finished = 0
        /// Members whose worker was lost, but for those that reached the last step.
        package private(set) var lost = 0
        /// Members whose worker left or was lost, but for those that reached the last step.
        package private(set) var away = 0
        /// Members that have a committed state and wait for a worker that takes any member.
        package private(set) var waiting = 0
        /// The members' steps added up.
        package private(set) var steps = 0

        /// Members that have not finished.
        var remaining: Int { members - finished }

        fileprivate mutating func add(_ member: Member, isFinished: Bool) {
            count(member, isFinished, 1)
        }

        fileprivate mutating func remove(_ member: Member, isFinished: Bool) {
            count(member, isFinished, -1)
        }

        private mutating func count(_ member: Member, _ isFinished: Bool, _ one: Int) {
            guard !member.isRemoved else {
                removed += one
                return
            }
            members += one
            finished += isFinished ? one : 0
            lost += member.isLost && !isFinished ? one : 0
            away += member.presence.isAway && !isFinished ? one : 0
            let waits = member.presence == .waiting && member.latest != nil && !isFinished
            waiting += waits ? one : 0
            steps &+= one * member.step
        }
    }
}
