import Evolution
import Logging
import Messages
import Records

// Reports: one report, one complete decision.
extension Core {
    /// - Returns: the directive, serialized.
    mutating func report(
        _ wire: WireReport, as principal: Principal, over connection: ConnectionNumber?,
        at now: Moment
    ) throws(WireError) -> [UInt8] {
        #if DEBUG
            let wire = disguise(wire)
        #endif
        let lease = try use(wire.lease, of: principal, over: connection)
        if lease.isLive { renew(wire.lease, at: now) }
        guard lease.record.state != .lapsed else { throw WireError.lapsedLease }
        let last = UInt64(lease.record.sequence)
        if wire.sequence == last, last > 0 {
            // The digest of what an older version accepted is not known.
            guard lease.record.digest == 0 || lease.record.digest == wire.digest else {
                throw WireError.otherReport
            }
            let directive = try storedDirective(lease.record)
            batch.retries += 1
            return directive.bytes
        }
        guard wire.sequence > last else {
            throw WireError(
                .staleSequence,
                "Report \(wire.sequence) of this lease comes after report \(last); drop it.")
        }
        guard lease.isLive else { throw WireError.lapsedLease }
        // What came between was acknowledged by a journal that an older copy took the place of.
        guard wire.sequence == last + 1 else {
            throw WireError(
                .staleSequence,
                """
                Report \(last + 1) of this lease is next, not \(wire.sequence), as after going back to a \
                copy of the journal; drop it, and join with this lease.
                """)
        }
        return try accept(wire, under: lease, at: now)
    }

    private mutating func accept(
        _ wire: WireReport, under lease: Lease, at now: Moment
    ) throws(WireError) -> [UInt8] {
        let (population, member) = (lease.record.population, lease.record.member)
        let report = try read(wire, of: member, in: population)

        warnOfReuse(report.checkpoint, by: member, of: population)
        acknowledge(wire.released, in: population)
        let event = populations[population].population.report(report)
        guard case .reported(let reported) = event.kind else {
            preconditionFailure("a report makes a reported event")
        }
        recordApplied(event, of: population, at: now)
        noteArrival(of: lease)
        closeGeneration(of: population, at: now)
        endIfOver(population, at: now)

        let exploit = exploit(after: reported, of: member, in: population)
        let assignment = assignment(
            after: reported, isExploit: exploit != nil, under: lease.record, at: now)
        let isTrained = if case .same = assignment { true } else { false }
        let bytes = WireDirective.bytes(
            exploit: exploit, space: populations[population].population.specification.space,
            assignment: assignment, released: tellReleased(to: member, of: population))
        if !isTrained, populations[population].population.isFinished(member) {
            // No further report of its own will say what became of them.
            handOverReleases(of: member, in: population)
        }
        let (sequence, digest) = (Int(wire.sequence), wire.digest)
        rewrite(lease: lease.record.token) {
            $0.record.sequence = sequence
            $0.record.digest = digest
            $0.record.directive = bytes
            $0.record.time = now.wall
        }
        return bytes
    }

    /// The holder of a lease has it, so that nobody asks again for the directive that gave it.
    private mutating func noteArrival(of lease: Lease) {
        guard let predecessor = lease.predecessor else { return }
        change(lease: lease.record.token) { $0.predecessor = nil }
        forget(lease: predecessor)
    }

    /// Checks a report against the member it is for.
    private func read(
        _ wire: WireReport, of number: Int, in population: Int
    ) throws(WireError) -> Report {
        let space = populations[population].population.specification.space
        let isDeclined = wire.effect == .declined
        let report = try Report(
            wire, member: number, space: space,
            kept: assigned(to: number, of: population, isDeclined: isDeclined))
        let isInherited = populations[population].population.members[number].isInherited
        if isInherited, wire.effect == .unspecified {
            throw WireError(
                .invalid,
                """
                Member \(number) was told to copy another one; say with the report whether that \
                was applied or declined.
                """)
        }
        if report.metrics.count < wire.metrics.count {
            logger.notice(
                "metrics of a report are left out, for an event has no room for them",
                metadata: [
                    "population": "\(populations[population].name)", "member": "\(number)",
                    "taken": "\(report.metrics.count)", "sent": "\(wire.metrics.count)",
                ])
        }
        guard let values = report.hyperparameters else { return report }
        if values != assigned(to: number, of: population, isDeclined: isDeclined) {
            logger.notice(
                "a worker trains with other hyperparameters than it was given",
                metadata: [
                    "population": "\(populations[population].name)", "member": "\(number)",
                    "step": "\(report.step)",
                ])
        }
        return report
    }

    /// What a member trains with, unless its worker set something else.
    ///
    /// - Parameter isDeclined: It did not take over what it was told to.
    private func assigned(to number: Int, of population: Int, isDeclined: Bool) -> [Value] {
        let member = populations[population].population.members[number]
        return isDeclined && member.isInherited
            ? member.previous?.hyperparameters ?? member.hyperparameters : member.hyperparameters
    }

    /// What was decided on a report, or when the generation closed with it.
    private func exploit(
        after reported: Reported, of member: Int, in population: Int
    ) -> Exploit? {
        guard reported.generation != nil else { return reported.exploit }
        return Exploit(takenOverBy: populations[population].population.members[member])
    }

    /// The worker keeps its member, unless that has finished, or has to wait for its generation, or
    /// another one has trained less.
    private mutating func assignment(
        after reported: Reported, isExploit: Bool, under record: LeaseRecord, at now: Moment
    ) -> WireDirective.OneOf_Assignment {
        let index = record.population
        let next = populations[index].afterReport(
            of: record.member, after: reported, isExploit: isExploit, isKept: record.keeps)
        let reason: ReleaseReason
        switch next {
        case .trains(let step):
            var same = WireSame()
            same.targetStep = UInt64(step)
            return .same(same)
        case .ends(.paused) where isHeldWhileWaiting(record): return wait(settings.pause)
        case .ends(.generation) where isHeldWhileWaiting(record): return wait(settings.wait)
        case .ends(let ending): reason = ending
        }
        end(record.token, because: reason, at: now)
        if record.keeps, reason == .finished {
            return stop("Member \(record.member) has finished.")
        }
        // Whoever keeps its member goes on with it along its schedule.
        if record.keeps, reason == .switched, populations[index].take(record.member) {
            return .lease(
                grant(
                    record.member, of: index, to: Holder(record), keeps: true,
                    after: record.token, at: now))
        }
        return nextAssignment(in: index, for: Holder(record), after: record.token, at: now)
    }

    private func storedDirective(_ record: LeaseRecord) throws(WireError) -> WireDirective {
        guard !record.directive.isEmpty else {
            // The lease was given up since, or what the report led to was declined.
            guard record.state == .live else { throw WireError.lapsedLease }
            throw WireError(
                .staleSequence,
                "Report \(record.sequence) of this lease was answered and declined; drop it.")
        }
        guard var directive = WireDirective(bytes: record.directive) else {
            logger.error(
                "a stored directive cannot be read", metadata: ["lease": "\(record.member)"])
            throw WireError(
                .unavailable, "The coordinator's journal is damaged; restore it from a backup.")
        }
        // The same address may have been reported again since.
        directive.released.removeAll { isHeld($0.checkpoint) }
        return directive
    }

    mutating func decline(
        _ decline: WireDecline, as principal: Principal, over connection: ConnectionNumber?,
        at now: Moment
    ) throws(WireError) -> WireDirective {
        let lease = try use(decline.lease, of: principal, over: connection)
        guard lease.isLive else { throw WireError.lapsedLease }
        guard decline.reason.utf8.count <= Limits.reasonBytes else {
            throw WireError(
                .limit, "A reason has at most \(Limits.reasonBytes) bytes; shorten it.")
        }
        guard !decline.reason.containsZeroByte else {
            throw WireError(.invalid, "A reason has no zero bytes, which the journal cannot keep.")
        }
        renew(decline.lease, at: now)
        // Its answer is kept, as a join's is: one lease would do to fill the memory.
        try keyring.checkJoin(principal, at: now)
        keyring.countJoin(principal)
        let (population, member) = (lease.record.population, lease.record.member)
        let event = populations[population].population.decline(member, reason: decline.reason)
        recordApplied(event, of: population, at: now)
        guard case .declined(_, let fallback) = event.kind else {
            preconditionFailure("a decline makes a declined event")
        }
        // What the last directive says to load may be released now, and arrived.
        rewrite(lease: decline.lease) { $0.record.directive = [] }
        noteArrival(of: lease)
        // It may be back at where it had finished.
        closeGeneration(of: population, at: now)
        logger.notice(
            "a worker declined what it was given",
            metadata: [
                "population": "\(populations[population].name)", "member": "\(member)",
                "reason": "\(decline.reason.escapingControls)", "fallback": "\(fallback.name)",
            ])
        var directive = WireDirective()
        directive.outcome = .continue(WireContinue())
        guard populations[population].population.isFinished(member) else {
            let isWaiting =
                populations[population].population.hasReported(member)
                && isHeldWhileWaiting(lease.record)
            directive.assignment =
                isWaiting ? wait(settings.wait) : .lease(describe(lease.record))
            return directive
        }
        // What it goes on from, such as its donor's state, is at the last step already.
        handOverReleases(of: member, in: population)
        end(decline.lease, because: .finished, at: now)
        directive.assignment =
            lease.record.keeps
            ? stop("Member \(member) has finished.")
            : nextAssignment(in: population, for: Holder(lease.record), at: now)
        return directive
    }
}
