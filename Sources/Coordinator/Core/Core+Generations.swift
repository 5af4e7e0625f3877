import Evolution
import Logging
import Messages
import Records

// The generations of synchronous populations.
extension Core {
    /// Closes the open generation of a population when there is nobody that it waits for.
    mutating func closeGeneration(of index: Int, at now: Moment) {
        guard populations[index].population.generation != nil,
            populations[index].isGenerationComplete(mayRotate: mayRotate(index, at: now))
        else { return }
        close(index, isByDeadline: false, at: now)
    }

    /// Whether there are workers that may be given any member. While all keep theirs, nobody comes
    /// for the others.
    private func mayRotate(_ index: Int, at now: Moment) -> Bool {
        populations[index].rotatingWorkers > 0
            || populations[index].rotatingWorkerHeard.map { now.uptime - $0 < settings.lease }
                ?? false
    }

    /// Closes the generations whose missing members nobody comes for any more, and those whose
    /// deadline has passed. One that nobody has reported for has all of its time again, and a pause
    /// stops it.
    mutating func closeOverdueGenerations(at now: Moment) {
        for index in populations.indices where populations[index].population.generation != nil {
            if populations[index].population.status == .active {
                closeGeneration(of: index, at: now)
            }
            let hosted = populations[index]
            guard let deadline = hosted.specification.generationDeadline,
                hosted.population.status == .active,
                now.uptime - hosted.opened >= .seconds(deadline)
            else { continue }
            close(index, isByDeadline: true, at: now)
            populations[index].opened = now.uptime
        }
    }

    private mutating func close(_ index: Int, isByDeadline: Bool, at now: Moment) {
        let events = populations[index].population.closing(isByDeadline: isByDeadline)
        guard !events.isEmpty else { return }
        // One after the other: each releases checkpoints of its own.
        for event in events { record(event, of: index, at: now) }
        populations[index].opened = now.uptime
        populations[index].queueMembers()
        logger.debug(
            "a generation closed",
            metadata: [
                "population": "\(populations[index].name)", "exploits": "\(events.count - 1)",
            ])
    }

    /// Whether a worker that waits has its lease meanwhile; see `heldAssignment`.
    func isHeldWhileWaiting(_ lease: LeaseRecord) -> Bool {
        lease.keeps && populations[lease.population].population.generation != nil
    }

    /// What a worker does that keeps its member in a synchronous population: it waits until its
    /// generation closes, or a pause is over, and then goes on under the same lease.
    ///
    /// It has the lease all the while, and asking renews it, so that it shows when the worker is
    /// gone.
    ///
    /// - Returns: `nil` when there is no such lease, or it is over.
    mutating func heldAssignment(
        _ lease: Lease, at now: Moment
    ) -> WireDirective.OneOf_Assignment? {
        let (token, member) = (lease.record.token, lease.record.member)
        let population = populations[lease.record.population].population
        guard population.generation != nil, !population.members[member].isRemoved,
            !population.isFinished(member)
        else { return nil }
        guard lease.isLive else {
            // It lapsed while the worker waited, and the member has nothing to train yet.
            let isFree = populations[lease.record.population].holders[member] == nil
            return isFree && population.status == .active && population.hasReported(member)
                ? wait(settings.wait) : nil
        }
        renew(token, at: now)
        switch population.status {
        case .active:
            return population.hasReported(member)
                ? wait(settings.wait) : .lease(describe(lease.record))
        case .paused: return wait(settings.pause)
        case .ended:
            end(token, because: .ended, at: now)
            return nil
        }
    }

    /// What was decided, when its generation closed, for a member that its worker has again.
    ///
    /// - Parameter former: the lease that the worker had.
    func exploit(since former: UInt64, of lease: WireLease, in index: Int) -> WireExploit? {
        let population = populations[index].population
        guard population.generation != nil, let record = leases[former]?.record,
            record.population == index, record.member == Int(lease.member)
        else { return nil }
        return Exploit(takenOverBy: population.members[record.member]).map {
            WireExploit($0, space: population.specification.space)
        }
    }

    /// Takes the member out of the queue that a worker of a synchronous population had before, when
    /// none that waits has trained less: the worker need not load it.
    mutating func takeAgain(_ former: UInt64, in index: Int) -> Int? {
        let population = populations[index].population
        guard population.generation != nil, let record = leases[former]?.record,
            record.population == index, let next = populations[index].nextStep(),
            population.members[record.member].latest?.step ?? 0 <= next,
            populations[index].take(record.member)
        else { return nil }
        return record.member
    }
}
