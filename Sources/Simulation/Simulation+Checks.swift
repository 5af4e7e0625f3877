import Coordinator
import Evolution
import Messages
import Records

// What must hold, after each turn and at the end.
extension Simulation {
    /// Looks at what the journal has since the last time.
    func followCommitted() throws {
        for record in storage.tables.populations.dropFirst(replays.count) {
            replays.append(try SimulatedReplay(record))
        }
        for record in storage.tables.events.dropFirst(followed) {
            let (name, held) = (
                replays[record.population].name, replays[record.population].held
            )
            say("  event \(record.sequence), \(name): \(record.event.story)")
            try checkPlace(record)
            try replays[record.population].follow(record.event, oracle: &oracle, at: clock)
            followed += 1
            try checkReleases(of: record, held: held)
            count(record.event)
            try checkSpace(record)
        }
    }

    /// What the coordinator draws and explores is in the search space. No worker sets anything else.
    private func checkSpace(_ record: EventRecord) throws {
        let space = replays[record.population].population.specification.space
        var chosen = record.event.exploit.map { [$0.explored] } ?? []
        if case .created(let hyperparameters) = record.event.kind {
            chosen.append(hyperparameters)
        }
        for values in chosen {
            for (hyperparameter, value) in zip(space.hyperparameters, values) {
                try expect(
                    hyperparameter.domain.contains(value),
                    "\(value) is no value of \(hyperparameter.name)")
            }
            try expect(space.keeps(values), "\(values) break a constraint")
        }
        guard let exploit = record.event.exploit else { return }
        let configuration = Configuration(exploit.explored, in: space)
        for place in configuration.values.indices where !configuration.isActive(place) {
            try expect(
                exploit.operations[place] == .local
                    || exploit.explored[place] == exploit.donor.hyperparameters[place],
                "\(space.hyperparameters[place].name) is explored, and does not count")
        }
    }

    /// Once a worker has got a member, none that was there before it commits anything.
    ///
    /// Nor does one get a member then. A coordinator that has started since knows no connections, by
    /// which it tells who is newer, until the newer one is heard of again.
    private func checkPlace(_ record: EventRecord) throws {
        switch record.event.kind {
        case .leased(let worker):
            if let (number, life) = SimulatedWorker.parts(of: worker), number < scenario.placed {
                try expect(
                    life >= heard[number] ?? 0, "\(worker) gets a member after its successor")
                (lives[number], heard[number]) = (life, life)
            }
        case .reported:
            let worker = replays[record.population].workers[record.event.member ?? -1] ?? ""
            if let (number, life) = SimulatedWorker.parts(of: worker), number < scenario.placed {
                try expect(
                    life == lives[number], "\(worker) commits after its successor has joined")
                heard[number] = life
            }
        default: break
        }
    }

    /// An event releases what its population held before, and no population holds after it.
    private func checkReleases(of record: EventRecord, held before: Set<String>) throws {
        let held = replays.reduce(into: Set()) { $0.formUnion($1.held) }
        let released = storage.tables.released[record.sequence] ?? []
        let left = before.subtracting(held)
        try expect(
            left.isSubset(of: released),
            "\(left.subtracting(released)) is free, and event \(record.sequence) releases less")
        try expect(
            released.isDisjoint(with: held),
            "\(released.intersection(held)) is held when event \(record.sequence) releases it")
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
        guard let process = coordinator, !process.pipeline.isStuck, let core, core.isBatchEmpty
        else { return }
        for hosted in core.populations {
            try checkReplay(hosted)
            try checkLeases(core, hosted)
            try checkTally(hosted)
        }
        try checkLeases(core)
        try checkCheckpoints(core)
        try checkCounters(process)
    }

    /// The events since the beginning lead to the live state, and the stored one is the same.
    private func checkReplay(_ hosted: HostedPopulation) throws {
        guard hosted.id < replays.count, replays[hosted.id].name == hosted.name else {
            throw violation("there is a population that the journal does not have")
        }
        let replayed = replays[hosted.id].population
        let live = hosted.population
        let stored = storage.tables.populations[hosted.id]
        try expect(live.members == replayed.members, "the events lead to other members")
        try expect(live.members == storage.tables.members[hosted.id], "other members are stored")
        try expect(live.best == replayed.best, "the events lead to another best state")
        try expect(live.best == stored.best, "another best state is stored")
        try expect(live.archive == replayed.archive, "the events lead to other best states")
        try expect(live.archive.states == stored.archive, "other best states are stored")
        try expect(
            live.generation == replayed.generation, "the events lead to another generation")
        try expect(
            stored.generation == live.generation?.number ?? 0,
            "another generation is stored")
        try expect(live.status == replayed.status, "the events lead to another status")
        try expect(live.specification == replayed.specification, "the events set something else")
        try expect(
            (live.reports, live.exploits) == (replayed.reports, replayed.exploits),
            "the events count other reports or exploits")
    }

    private func checkLeases(_ core: Core, _ hosted: HostedPopulation) throws {
        let live = core.leases.values.filter { $0.isLive && $0.record.population == hosted.id }
        let workers = replays[hosted.id].workers
        try expect(
            Set(live.map(\.record.member)).count == live.count, "a member has two live leases")
        try expect(hosted.training == live.count, "others train than have leases")
        for lease in live {
            let member = lease.record.member
            try expect(hosted.holders[member] == lease.record.token, "\(member) has no holder")
            try expect(!hosted.population.members[member].isRemoved, "\(member) was removed")
            try expect(workers[member] == lease.record.worker, "\(member) is another one's")
        }
        try expect(workers.count == live.count, "the events have other leases")
    }

    private func checkLeases(_ core: Core) throws {
        try expect(
            core.training == core.leases.values.count { $0.isLive },
            "the count of live leases is wrong")
        let stored = storage.tables.leases
        try expect(stored.count == core.leases.count, "other leases are stored")
        for (token, lease) in core.leases {
            try expect(stored[token] == lease.record, "another lease is stored")
        }
        let places = core.leases.values.filter(\.isLive).map(\.record.place).filter { !$0.isEmpty }
        try expect(Set(places).count == places.count, "a place has two live leases")
    }

    private func checkCheckpoints(_ core: Core) throws {
        let held = replays.reduce(into: Set()) { $0.formUnion($1.held) }
        for address in held {
            try expect(core.isHeld(address), "\(address) is not held")
            try expect(
                oracle.isThere(address), "\(address) is held, and a worker was told to delete it")
        }
        for release in storage.tables.releases.values {
            let isHeld = core.isHeld(release.checkpoint)
            try expect(isHeld == held.contains(release.checkpoint), "\(release) is not held")
            try expect(
                !isHeld || scenario.reusesAddresses,
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
        let before = process.before
        try expect(
            counters.populations.reduce(0) { $0 + $1.reports }
                == summary.reports - before.reports, "the count of reports is wrong")
        try expect(
            counters.populations.reduce(0) { $0 + $1.exploits }
                == summary.exploits + summary.rescues - before.exploits - before.rescues,
            "the count of exploits is wrong")
        try expect(
            counters.leasesEnded[.lapsed] ?? 0 == summary.lapses - before.lapses,
            "the count of lapses is wrong")
    }

    /// A lease that was the only thing asked for says what the journal has of its member.
    ///
    /// - Parameter sequence: of the last event before. A generation may close after the request, by
    ///   the time alone, and a lease lapse, with which the one before it is forgotten.
    func check(_ reply: WireReply, since sequence: Int) throws {
        let isChanged = storage.tables.events.dropFirst(sequence).contains {
            switch $0.event.kind {
            case .generationClosed, .released(.lapsed): true
            default: false
            }
        }
        guard !isChanged else { return }
        guard case .directive(let directive) = reply.body,
            case .lease(let lease) = directive.assignment, coordinator?.pipeline.isStuck == false
        else { return }
        guard let population = storage.tables.leases[lease.token]?.population else {
            throw violation("a lease is given that the journal does not have")
        }
        let member = storage.tables.members[population][Int(lease.member)]
        try expect(
            lease.step == member.latest?.step ?? 0
                && lease.checkpoint == member.latest?.checkpoint ?? ""
                && lease.inherited == member.isInherited,
            "a lease says something else of member \(member.id) than the journal")
    }

    // MARK: The end

    /// The faults are over, every member has finished, and no lease is left that would lapse, long enough
    /// ago that all know.
    var isFinished: Bool {
        guard isHealed, administrator.remaining.isEmpty, administrator.outstanding == nil,
            let core, core.training == 0,
            core.populations.count == scenario.populations.count,
            core.populations.allSatisfy({
                $0.population.isFinished || $0.population.tally.members == 0
            })
        else {
            finished = nil
            return false
        }
        let since = finished ?? clock
        finished = since
        return clock - since > .seconds(5)
    }

    func checkEnd() throws {
        guard let core else { throw violation("the coordinator is down at the end") }
        for monitor in monitors {
            let name = monitor.population
            guard let hosted = core.populations.first(where: { $0.name == name }) else {
                throw violation("there is no \(name) at the end")
            }
            let members = hosted.population.members.count
            let made = administrator.members[name] ?? 0
            try expect(
                hosted.population.specification.grows || members == made,
                "\(name) has \(members) members, and \(made) were made and added")
            let board = core.board(of: hosted, offset: 0, limit: core.settings.boardSize)
            try expect(monitor.board == board, "a monitor shows another board at the end")
            let lineage = storage.tables.events.filter {
                $0.population == hosted.id && $0.event.isLineage
            }
            try expect(
                monitor.lineage == Set(lineage.map { UInt64($0.sequence) }),
                "a monitor knows another lineage")
        }
        // Whoever starts with this journal has the same state.
        coordinator = nil
        _ = storage.recover(takingLate: true)
        try start()
    }
}
