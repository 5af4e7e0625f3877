import Evolution
import Messages
import Records

// Leases: who trains which member.
extension Core {
    // MARK: Requests

    mutating func join(
        _ join: WireJoin, as principal: Principal, over connection: ConnectionNumber?,
        at now: Moment
    ) throws(WireError) -> (WireReply.OneOf_Body, isDurable: Bool) {
        if join.lease != 0 {
            let lease = try use(join.lease, of: principal, over: connection)
            return (.directive(try rejoin(lease, at: now)), isDurable: false)
        }
        guard join.worker.utf8.count <= Limits.workerBytes else {
            throw WireError(
                .limit, "A worker's name has at most \(Limits.workerBytes) bytes; shorten it.")
        }
        guard !join.worker.containsZeroByte else {
            throw WireError(
                .invalid, "A worker's name has no zero bytes, which the journal cannot keep.")
        }
        try check(place: join.place)
        try keyring.checkJoin(principal, at: now)
        let id: Int
        do throws(WireError) {
            id = try populationToJoin(join, as: principal, at: now)
            if !join.space.isEmpty { try compare(join.space, with: id) }
        } catch {
            // Reading a space takes far longer than refusing it.
            if !join.space.isEmpty { keyring.countJoin(principal) }
            throw error
        }
        try checkIsNewest(join, of: principal, over: connection)
        if !join.keeps { populations[id].rotatingWorkerHeard = now.uptime }
        var directive = WireDirective()
        directive.outcome = .continue(WireContinue())
        let holder = Holder(worker: join.worker, owner: principal.id, place: join.place)
        // Of a lease that is not its own it need not know that there is one.
        let former = leases[join.former]?.record.owner == principal.id ? join.former : 0
        let earlier = endLease(ofPlaceOf: join, for: id, as: principal, at: now)
        directive.assignment =
            join.keeps
            ? keptAssignment(
                in: id, for: holder, former: earlier ?? former, by: principal, at: now)
            : nextAssignment(in: id, for: holder, former: former, earlier: earlier, at: now)
        guard case .lease(let lease) = directive.assignment else {
            return (.directive(directive), isDurable: false)
        }
        // Which of two workers of a place is the newer one is told by their connections.
        if !join.place.isEmpty { change(lease: lease.token) { _ = $0.takeUp(over: connection) } }
        keyring.countJoin(principal)
        if let exploit = exploit(since: former, of: lease, in: id) {
            directive.outcome = .exploit(exploit)
        }
        return (.directive(directive), isDurable: true)
    }

    /// Gives a worker that lost the connection, or its coordinator, the lease it had.
    private mutating func rejoin(
        _ lease: Lease, at now: Moment
    ) throws(WireError) -> WireDirective {
        let member = populations[lease.record.population].population.members[lease.record.member]
        guard lease.record.state != .lapsed, !member.isRemoved else { throw WireError.lapsedLease }
        // One that a directive ended is given too: its holder did not get that directive, and asks
        // for it with the report that it answered. One that was left has none, and takes no report.
        guard lease.isLive || !lease.record.directive.isEmpty else { throw WireError.lapsedLease }
        if lease.isLive { renew(lease.record.token, at: now) }
        var directive = WireDirective()
        directive.outcome = .continue(WireContinue())
        directive.assignment = .lease(describe(lease.record))
        return directive
    }

    /// The lease that a token names, for whoever it belongs to, and uses it over its newest
    /// connection.
    mutating func use(
        _ token: UInt64, of principal: Principal, over connection: ConnectionNumber?
    ) throws(WireError) -> Lease {
        guard let index = leases.index(forKey: token) else { throw WireError.unknownLease }
        guard leases.values[index].record.owner == principal.id else {
            throw WireError.foreignLease
        }
        guard leases.values[index].takeUp(over: connection) else { throw WireError.takenUp }
        return leases.values[index]
    }

    mutating func leave(
        _ leave: WireLeave, as principal: Principal, over connection: ConnectionNumber?,
        at now: Moment
    ) throws(WireError) -> WireReply.OneOf_Body {
        if leave.lease == 0, let place = PlaceKey(leave.place, of: principal.id) {
            if let lease = liveLease(of: place) {
                end(lease.record.token, because: .left, at: now)
            }
            return .left(WireLeft())
        }
        let lease = try use(leave.lease, of: principal, over: connection)
        if lease.isLive { end(leave.lease, because: .left, at: now) }
        return .left(WireLeft())
    }

    mutating func renew(
        _ heartbeat: WireHeartbeat, as principal: Principal, over connection: ConnectionNumber?,
        at now: Moment
    ) throws(WireError) -> WireReply.OneOf_Body {
        guard heartbeat.leases.count <= Limits.heartbeatLeases else {
            throw WireError(
                .limit,
                "A heartbeat names at most \(Limits.heartbeatLeases) leases; send several.")
        }
        var alive = WireAlive()
        for token in heartbeat.leases {
            if leases[token]?.isLive == true,
                (try? use(token, of: principal, over: connection)) != nil
            {
                renew(token, at: now)
            } else {
                alive.gone.append(token)
            }
        }
        return .alive(alive)
    }

    // MARK: Granting and ending

    /// What a worker without a lease does next: the member that has trained least, or waiting, or
    /// stopping.
    ///
    /// - Parameter former: a lease that it had, in a synchronous population: of those that have
    ///   trained least it gets that one's member, which it need not load.
    /// - Parameter earlier: the lease that the earlier worker of its place had, whose member it gets.
    mutating func nextAssignment(
        in population: Int, for holder: Holder, keeps: Bool = false, former: UInt64 = 0,
        earlier: UInt64? = nil, after predecessor: UInt64? = nil, at now: Moment
    ) -> WireDirective.OneOf_Assignment {
        if let refusal = refusesToTrain(population) { return refusal }
        if let member = takeOver(earlier, in: population) ?? takeAgain(former, in: population) {
            return .lease(
                grant(
                    member, of: population, to: holder, keeps: keeps, after: predecessor, at: now))
        }
        if let member = populations[population].takeNext() {
            return .lease(
                grant(
                    member, of: population, to: holder, keeps: keeps, after: predecessor, at: now))
        }
        if populations[population].population.isFinished {
            return stop("Every member of '\(populations[population].name)' has finished.")
        }
        return wait(settings.wait)
    }

    /// What a worker does that keeps its member: it goes on with the one that it had while nobody
    /// else has that, and begins with a new one in a population that grows.
    private mutating func keptAssignment(
        in population: Int, for holder: Holder, former: UInt64, by principal: Principal,
        at now: Moment
    ) -> WireDirective.OneOf_Assignment {
        let lease = leases[former].flatMap { $0.record.population == population ? $0 : nil }
        if let lease, let assignment = heldAssignment(lease, at: now) { return assignment }
        if let refusal = refusesToTrain(population) { return refusal }
        if let lease {
            let member = lease.record.member
            // Whoever knows the token is its holder.
            if leases[former]?.isLive == true { end(former, because: .left, at: now) }
            if populations[population].population.members[member].isRemoved {
                return stop("Member \(member) was removed.")
            }
            if populations[population].population.isFinished(member) {
                return stop("Member \(member) has finished.")
            }
            if populations[population].take(member) {
                return .lease(
                    grant(member, of: population, to: holder, keeps: true, at: now))
            }
        }
        guard populations[population].specification.grows else {
            return nextAssignment(in: population, for: holder, keeps: true, at: now)
        }
        guard populations[population].population.members.count < Limits.members else {
            return stop(
                """
                The population '\(populations[population].name)' has \(Limits.members) members, and \
                there may be no more; join another one.
                """)
        }
        do throws(WireError) {
            if let made = try keyring.countMade(members: 1, by: principal) { record(.key(made)) }
        } catch {
            return stop(error.message)
        }
        let member = newMember(of: population, at: now)
        return .lease(grant(member, of: population, to: holder, keeps: true, at: now))
    }

    /// What every worker is told while nobody trains.
    private func refusesToTrain(_ population: Int) -> WireDirective.OneOf_Assignment? {
        switch populations[population].population.status {
        case .active: nil
        case .paused: wait(settings.pause)
        case .ended(let ending):
            stop(
                ending.map { populations[population].population.sentence($0) }
                    ?? "The population '\(populations[population].name)' was ended.")
        }
    }

    func stop(_ reason: String) -> WireDirective.OneOf_Assignment {
        var stop = WireStop()
        stop.reason = reason
        return .stop(stop)
    }

    func wait(_ time: Duration) -> WireDirective.OneOf_Assignment {
        var wait = WireWait()
        wait.milliseconds = UInt32(time.milliseconds)
        return .wait(wait)
    }

    mutating func grant(
        _ member: Int, of population: Int, to holder: Holder, keeps: Bool = false,
        after predecessor: UInt64? = nil, at now: Moment
    ) -> WireLease {
        record(Event(member: member, kind: .leased(worker: holder.worker)), of: population, at: now)
        var record = LeaseRecord(
            token: newToken(), population: population, member: member, worker: holder.worker,
            sequence: 0, state: .live, directive: [], time: now.wall)
        record.keeps = keeps
        record.owner = holder.owner
        record.place = holder.place
        if let place = record.placeKey { placed[place] = record.token }
        // The holder of the one before has it over the same connection.
        leases[record.token] = Lease(
            record: record, deadline: now.uptime + settings.lease, predecessor: predecessor,
            connection: predecessor.flatMap { leases[$0]?.connection })
        deadlines.insert(Deadline(time: now.uptime + settings.lease, token: record.token))
        populations[population].hold(member, under: record.token, isKept: keeps)
        training += 1
        rewrite(lease: record.token)
        return describe(record)
    }

    /// Tokens are secrets of their holders, and never 0, which means none.
    private mutating func newToken() -> UInt64 {
        while true {
            let token = tokens.next()
            if token != 0, leases[token] == nil { return token }
        }
    }

    /// Ends a live lease. Its member waits for another worker, unless it has finished.
    mutating func end(_ token: UInt64, because reason: ReleaseReason, at now: Moment) {
        guard var lease = leases[token], lease.isLive else {
            preconditionFailure("only a live lease ends")
        }
        let population = lease.record.population
        record(Event(member: lease.record.member, kind: .released(reason)), of: population, at: now)
        populations[population].endLease(of: lease.record.member, isKept: lease.record.keeps)
        training -= 1
        lease.record.state = reason == .lapsed || reason == .removed ? .lapsed : .ended
        // The directive that ends it is kept when it is made. Otherwise what the last one says to
        // load may be released now.
        lease.record.directive = []
        if let predecessor = lease.predecessor {
            // Its directive gave this lease. It arrived, or says to load what may be released now.
            lease.predecessor = nil
            if lease.record.place.isEmpty {
                forget(lease: predecessor)
            } else {
                // Its holder is known by it, should the place be another worker's by then.
                rewrite(lease: predecessor) { $0.record.directive = [] }
            }
        }
        lease.record.time = now.wall
        leases[token] = lease
        rewrite(lease: token)
        remembered.append((now.uptime, .lease(token)))
        if !lease.record.keeps {
            populations[population].rotatingWorkerHeard = now.uptime
        } else if reason != .removed {
            // Nobody else may come for it. Whoever is removed is so first.
            closeGeneration(of: population, at: now)
        }
    }

    mutating func renew(_ token: UInt64, at now: Moment) {
        let deadline = now.uptime + settings.lease
        change(lease: token) { $0.deadline = deadline }
    }

    /// Changes a lease where it lies, if there is one of this token.
    mutating func change(lease token: UInt64, _ body: (inout Lease) -> Void) {
        guard let index = leases.index(forKey: token) else { return }
        body(&leases.values[index])
    }

    /// All that a worker needs to train a member under a lease.
    func describe(_ record: LeaseRecord) -> WireLease {
        let population = populations[record.population].population
        let member = population.members[record.member]
        let specification = population.specification
        var lease = WireLease()
        lease.token = record.token
        lease.member = UInt64(member.id)
        lease.step = UInt64(member.latest?.step ?? 0)
        lease.targetStep = UInt64(population.targetStep(of: member.id))
        lease.hyperparameters = [WireHyperparameter](
            member.hyperparameters, space: specification.space)
        lease.checkpoint = member.latest?.checkpoint ?? ""
        lease.sequence = UInt64(record.sequence)
        lease.population = populations[record.population].name
        lease.maxSteps = UInt64(specification.maxSteps ?? 0)
        lease.inherited = member.isInherited
        lease.conditional = specification.space.conditionalNames
        return lease
    }

    // MARK: Time

    /// Lets leases lapse whose holders were not heard of, and forgets what nobody asks for again.
    mutating func tick(at now: Moment) {
        let gap = now.uptime - lastTick
        lastTick = now.uptime
        // The coordinator itself stood still: nobody could be heard of meanwhile.
        if gap > settings.heartbeat { extendDeadlines(by: gap) }
        while let first = deadlines.min, first.time <= now.uptime {
            _ = deadlines.popMin()
            guard let lease = leases[first.token], lease.isLive else { continue }
            if lease.deadline > now.uptime {
                deadlines.insert(Deadline(time: lease.deadline, token: first.token))
            } else {
                logger.info(
                    "a lease lapsed",
                    metadata: [
                        "population": "\(populations[lease.record.population].name)",
                        "member": "\(lease.record.member)",
                        "worker": "\(lease.record.worker.escapingControls)",
                    ])
                end(first.token, because: .lapsed, at: now)
            }
        }
        expireKeys(at: now)
        lookAtPopulations(at: now)
        forget(at: now)
    }

    /// All that happens to a population is followed at once. This is about time, so that not every
    /// turn looks at every population.
    private mutating func lookAtPopulations(at now: Moment) {
        if let last = lastLookAtPopulations, now.uptime - last < settings.tick { return }
        lastLookAtPopulations = now.uptime
        closeOverdueGenerations(at: now)
        endOverdue(at: now)
    }

    /// Goes on after a time in which nothing was accepted.
    mutating func resume(at now: Moment) {
        extendDeadlines(by: now.uptime - lastTick)
        lastTick = now.uptime
    }

    private mutating func extendDeadlines(by gap: Duration) {
        logger.warning(
            "the coordinator stood still; every lease is extended", metadata: ["gap": "\(gap)"])
        for token in Array(leases.keys) { leases[token]?.deadline += gap }
        for index in populations.indices {
            populations[index].opened += gap
            populations[index].rotatingWorkerHeard? += gap
        }
    }

    private mutating func forget(at now: Moment) {
        while let first = remembered.first, first.time < now.uptime - settings.retention {
            remembered.removeFirst()
            switch first.what {
            case .lease(let token) where isAwaited(token):
                remembered.append((now.uptime, first.what))
            case .lease(let token): forget(lease: token)
            case .answer(let key):
                answers[key] = nil
                record(.forgetAnswer(key: key))
            }
        }
    }

    /// Whether the worker that kept its member under this lease may still ask for it, as it does all
    /// through a pause.
    private func isAwaited(_ token: UInt64) -> Bool {
        guard let lease = leases[token], lease.record.keeps else { return false }
        let hosted = populations[lease.record.population]
        return hosted.holders[lease.record.member] == nil
            && !hosted.population.members[lease.record.member].isRemoved
    }

    /// Forgets a lease that ended. A live one stays.
    mutating func forget(lease token: UInt64) {
        guard let lease = leases[token], !lease.isLive else { return }
        remove(lease: token)
    }
}
