import Evolution
import Messages

// The other way round, which only tests need: what an event says on the wire is all that it says.
extension WireEvent {
    /// The event in the words of evolution.
    func event(in space: SearchSpace) throws(WireError) -> Event {
        let kind = try kind(in: space)
        return Event(member: kind.isOfPopulation ? nil : try index(member), kind: kind)
    }

    private func kind(in space: SearchSpace) throws(WireError) -> Event.Kind {
        switch kind {
        case .created(let created):
            return .created(hyperparameters: try created.hyperparameters.values(in: space))
        case .leased(let leased): return .leased(worker: leased.worker)
        case .reported(let reported): return .reported(try reported.report(in: space))
        case .declined(let declined):
            return .declined(reason: declined.reason, fallback: try declined.fallback(in: space))
        case .released(let released):
            guard let reason = ReleaseReason(rawValue: released.reason) else {
                throw unknown("reason", released.reason)
            }
            return .released(reason)
        case .removed: return .removed
        case .paused: return .paused
        case .resumed: return .resumed
        case .ended: return .ended(nil)
        case .changed(let changed):
            return .changed(
                before: try changed.before.values(), after: try changed.after.values())
        case .exploited(let decided): return .exploited(try decided.exploited(in: space))
        case .generationClosed(let closed): return .generationClosed(try closed.closed())
        case nil:
            throw WireError(
                .unsupported, "The event is of a kind that this version does not know; update it.")
        }
    }
}

extension WireEvent.Reported {
    fileprivate func report(in space: SearchSpace) throws(WireError) -> Evolution.Reported {
        var result = Evolution.Reported(
            report: try index(report), step: try index(step), score: score,
            checkpoint: checkpoint.isEmpty ? nil : checkpoint,
            hyperparameters: try hyperparameters.values(in: space))
        result.metrics = metrics.map { Metric(name: $0.name, value: $0.value) }
        result.declined = declined
        if rank > 0 { result.standing = Standing(rank: try index(rank), ranked: try index(ranked)) }
        if place > 0 { result.recent = Standing(rank: try index(place), ranked: try index(placed)) }
        if hasVerdict { result.verdict = verdict.decided }
        if hasExploit { result.exploit = try exploit.exploit(in: space) }
        if generation > 0 { result.generation = try index(generation) }
        return result
    }
}

extension WireEvent.Declined {
    fileprivate func fallback(in space: SearchSpace) throws(WireError) -> Fallback {
        switch fallback {
        case .unspecified, .previous: .previous
        case .donor: .donor(try exploit.exploit(in: space))
        case .start: .start
        case .UNRECOGNIZED(let number): throw unknown("fallback", "\(number)")
        }
    }
}

extension WireEvent.Exploited {
    fileprivate func exploited(in space: SearchSpace) throws(WireError) -> Evolution.Exploited {
        Exploited(
            generation: try index(generation), report: try index(report),
            step: try index(step), score: score,
            standing: Standing(rank: try index(rank), ranked: try index(ranked)),
            verdict: hasVerdict ? verdict.decided : nil, exploit: try exploit.exploit(in: space))
    }
}

extension WireEvent.Verdict {
    fileprivate var decided: Evolution.Verdict {
        Evolution.Verdict(
            rule: rule, ranking: ranking, outcome: outcome,
            facts: facts.map { Evolution.Verdict.Fact($0.name, $0.value) })
    }
}

extension WireEvent.GenerationClosed {
    fileprivate func closed() throws(WireError) -> Evolution.GenerationClosed {
        Evolution.GenerationClosed(
            generation: try index(generation), reported: try index(reported),
            isByDeadline: byDeadline)
    }
}

extension WireEvent.Exploit {
    fileprivate func exploit(in space: SearchSpace) throws(WireError) -> Exploit {
        let state = CommittedState(
            member: try index(donor), report: try index(donorReport), step: try index(step),
            score: score, hyperparameters: try donorHyperparameters.values(in: space),
            checkpoint: checkpoint)
        var how: [Evolution.Operation] = []
        for name in operations {
            guard let operation = Evolution.Operation(rawValue: name) else {
                throw unknown("operation", name)
            }
            how.append(operation)
        }
        return Exploit(
            donor: state, explored: try hyperparameters.values(in: space), operations: how)
    }
}

private func index(_ number: UInt64) throws(WireError) -> Int {
    guard let index = Int(exactly: number) else {
        throw WireError(.invalid, "The event holds the number \(number), which is too large.")
    }
    return index
}

private func unknown(_ what: String, _ name: String) -> WireError {
    WireError(
        .unsupported,
        "The event has the \(what) \"\(name.prefix(Limits.nameBytes))\", which this version does not "
            + "know; update it.")
}
