import Coordinator
import Evolution
import Messages
import Records

// What must hold, after each turn and at the end.
extension Simulation {
    private var hosted: HostedPopulation? { core?.populations.first }

    /// Looks at what the journal has since the last time.
    func followCommitted() throws {
        for record in storage.tables.events.dropFirst(replay.events) {
            say("  event \(record.sequence): \(record.event.story)")
            try checkPlace(record.event)
            try replay.follow(record, in: storage, oracle: &oracle, at: clock)
            count(record.event)
        }
    }

    /// Once a worker has got a member, none that was there before it commits anything.
    private func checkPlace(_ event: Event) throws {
        switch event.kind {
        case .leased(let worker):
            if let (number, life) = SimulatedWorker.parts(of: worker), number < scenario.placed {
                try expect(
                    life >= lives[number] ?? 0, "\(worker) gets a member after its successor")
                lives[number] = life
            }
        case .reported:
            let worker = replay.workers[event.member ?? -1] ?? ""
            if let (number, life) = SimulatedWorker.parts(of: worker), number < scenario.placed {
                try expect(
                    life == lives[number], "\(worker) commits after its successor has joined")
            }
        default: break
        }
    }

    private func count(_ event: Event) {
        switch event.kind {
        case .reported(let reported):
            summary.reports += 1
            summary.exploits += reported.exploit == nil ? 0 : 1
        case .exploited: summary.exploits += 1
        case .generationClosed(let closed):
            summary.generations += 1
            summary.lateGenerations += closed.isByDeadline ? 1 : 0
        case .declined(_, .donor): summary.rescues += 1
        case .released(.lapsed): summary.lapses += 1
        default: break
        }
    }

    /// Looks at what the coordinator has in memory, when all of it is in the journal.
    func checkState() throws {
        try followCommitted()
        try oracle.checkAcknowledged(at: clock)
        guard let process = coordinator, !process.pipeline.isStuck, let core, core.isBatchEmpty,
            let hosted
        else { return }
        try checkReplay(hosted)
        try checkLeases(core, hosted)
        try checkCheckpoints(core, hosted)
        try checkTally(hosted)
        try checkCounters(process)
    }

    /// The events since the beginning lead to the live state, and the stored one is the same.
    private func checkReplay(_ hosted: HostedPopulation) throws {
        guard let replayed = replay.population else {
            throw violation("there is a population without an event")
        }
        let live = hosted.population
        try expect(live.members == replayed.members, "the events lead to other members")
        try expect(live.members == storage.tables.members[0], "other members are stored")
        try expect(live.best == replayed.best, "the events lead to another best state")
        try expect(live.best == storage.tables.populations[0].best, "another best state is stored")
        try expect(
            live.generation == replayed.generation, "the events lead to another generation")
        try expect(
            storage.tables.populations[0].generation == live.generation?.number ?? 0,
            "another generation is stored")
        try expect(live.status == replayed.status, "the events lead to another status")
        try expect(live.specification == replayed.specification, "the events set something else")
        try expect(
            (live.reports, live.exploits) == (replayed.reports, replayed.exploits),
            "the events count other reports or exploits")
    }

    private func checkLeases(_ core: Core, _ hosted: HostedPopulation) throws {
        let live = core.leases.values.filter(\.isLive)
        try expect(
            Set(live.map(\.record.member)).count == live.count, "a member has two live leases")
        try expect(hosted.training == live.count, "others train than have leases")
        let places = live.map(\.record.place).filter { !$0.isEmpty }
        try expect(Set(places).count == places.count, "a place has two live leases")
        for lease in live {
            let member = lease.record.member
            try expect(hosted.holders[member] == lease.record.token, "\(member) has no holder")
            try expect(!hosted.population.members[member].isRemoved, "\(member) was removed")
            try expect(
                replay.workers[member] == lease.record.worker, "\(member) is another one's")
        }
        try expect(replay.workers.count == live.count, "the events have other leases")
        let stored = storage.tables.leases
        try expect(stored.count == core.leases.count, "other leases are stored")
        for (token, lease) in core.leases {
            try expect(stored[token] == lease.record, "another lease is stored")
        }
    }

    private func checkCheckpoints(_ core: Core, _ hosted: HostedPopulation) throws {
        let population = hosted.population
        var held = Set([population.best?.checkpoint].compactMap(\.self))
        for member in population.members where !member.isRemoved {
            held.formUnion([member.latest, member.previous].compactMap { $0?.checkpoint })
        }
        for address in held {
            try expect(population.checkpoints.holds(address), "\(address) is not held")
            try expect(
                oracle.isThere(address), "\(address) is held, and a worker was told to delete it")
        }
        for release in storage.tables.releases.values where !scenario.reusesAddresses {
            try expect(
                !population.checkpoints.holds(release.checkpoint),
                "\(release.checkpoint) is held and released")
        }
    }

    private func checkTally(_ hosted: HostedPopulation) throws {
        let population = hosted.population
        let there = population.members.filter { !$0.isRemoved }
        let states = there.map { hosted.state(of: $0.id) }
        let tally = population.tally
        try expect(tally.members == there.count, "the count of members is wrong")
        try expect(tally.lost == states.count { $0 == .lost }, "the count of lost is wrong")
        try expect(
            tally.finished == there.count { population.isFinished($0.id) },
            "the count of finished is wrong")
        try expect(tally.steps == there.reduce(0) { $0 + $1.step }, "the sum of steps is wrong")
    }

    /// What is told to whoever operates the coordinator is what is committed.
    private func checkCounters(_ process: Process) throws {
        let counters = process.pipeline.counters
        let counted = counters.populations.first ?? Counters.OfPopulation()
        let before = process.before
        try expect(
            counted.reports == summary.reports - before.reports, "the count of reports is wrong")
        try expect(
            counted.exploits
                == summary.exploits + summary.rescues - before.exploits - before.rescues,
            "the count of exploits is wrong")
        try expect(
            counters.leasesEnded[.lapsed] ?? 0 == summary.lapses - before.lapses,
            "the count of lapses is wrong")
    }

    /// A lease that was the only thing asked for says what the journal has of its member.
    ///
    /// - Parameter sequence: of the last event before. A generation may close after the request, by
    ///   the time alone.
    func check(_ reply: WireReply, since sequence: Int) throws {
        let isChanged = storage.tables.events.dropFirst(sequence).contains {
            if case .generationClosed = $0.event.kind { true } else { false }
        }
        guard !isChanged else { return }
        guard case .directive(let directive) = reply.body,
            case .lease(let lease) = directive.assignment, coordinator?.pipeline.isStuck == false
        else { return }
        let member = storage.tables.members[0][Int(lease.member)]
        try expect(
            lease.step == member.latest?.step ?? 0
                && lease.checkpoint == member.latest?.checkpoint ?? ""
                && lease.inherited == member.isInherited,
            "a lease says something else of member \(member.id) than the journal")
    }

    // MARK: The end

    /// The faults are over, and every member has finished, long enough ago that all know.
    var isFinished: Bool {
        guard isHealed, administrator.remaining.isEmpty, administrator.outstanding == nil,
            let hosted,
            hosted.population.isFinished || hosted.population.tally.members == 0
        else {
            finished = nil
            return false
        }
        let since = finished ?? clock
        finished = since
        return clock - since > .seconds(5)
    }

    func checkEnd() throws {
        guard let core, let hosted else { throw violation("the coordinator is down at the end") }
        if !scenario.grows {
            try expect(
                hosted.population.members.count == administrator.members,
                "there are \(hosted.population.members.count) members, and "
                    + "\(administrator.members) were made and added")
        }
        let board = core.board(of: hosted, offset: 0, limit: core.settings.boardSize)
        let lineage = storage.tables.events.filter(\.event.isLineage).map { UInt64($0.sequence) }
        for monitor in monitors {
            try expect(monitor.board == board, "a monitor shows another board at the end")
            try expect(monitor.lineage == Set(lineage), "a monitor knows another lineage")
        }
        // Whoever starts with this journal has the same state.
        coordinator = nil
        _ = storage.recover(takingLate: true)
        try start()
    }
}

/// The population as its events make it, beside the coordinator.
struct SimulatedReplay {
    private(set) var population: Population?
    /// How many events it has followed.
    private(set) var events = 0
    /// Who trains each member.
    private(set) var workers: [Int: String] = [:]
    private var reference = NaiveReference()

    mutating func follow(
        _ record: EventRecord, in storage: SimulatedStorage, oracle: inout Oracle,
        at clock: Duration
    ) throws {
        let event = record.event
        var population = try population ?? begin(storage)
        switch event.kind {
        case .leased(let worker): workers[event.member ?? -1] = worker
        case .released: workers[event.member ?? -1] = nil
        case .reported(let reported):
            let member = event.member ?? -1
            try oracle.committed(
                reported, of: member, trainedBy: workers[member], at: clock)
        default: break
        }
        if let wrong = reference.follow(event, before: population, workers: workers) {
            throw Violation(time: clock, what: wrong)
        }
        self.population = nil
        population.apply(event)
        self.population = population
        events += 1
    }

    /// As it was made. What was set since is in its events.
    private func begin(_ storage: SimulatedStorage) throws -> Population {
        let text = storage.tables.populations[0].specification
        return Population(try SpaceFile.parse(text: text, source: "the simulated journal"))
    }
}
