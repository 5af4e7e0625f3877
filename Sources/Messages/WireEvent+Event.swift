import Evolution

extension WireEvent {
    /// - Parameters:
    ///   - sequence: its place in the journal.
    ///   - time: milliseconds since 1970 UTC.
    package init(_ event: Event, sequence: Int, time: Int64, space: SearchSpace) {
        self.init()
        self.sequence = UInt64(sequence)
        timeMilliseconds = time
        if let member = event.member { self.member = UInt64(member) }
        switch event.kind {
        case .created(let hyperparameters):
            created.hyperparameters = [WireHyperparameter](hyperparameters, space: space)
        case .leased(let worker): leased.worker = worker
        case .reported(let report): reported = Reported(report, space: space)
        case .declined(let reason, let fallback):
            declined = Declined(reason: reason, fallback, space: space)
        case .released(let reason): released.reason = reason.rawValue
        case .removed: removed = Removed()
        case .paused: paused = WirePause()
        case .resumed: resumed = WireResume()
        case .ended: ended = WireEnd()
        case .changed(let before, let after):
            changed.before = WireSettings(before)
            changed.after = WireSettings(after)
        case .exploited(let decided): exploited = Exploited(decided, space: space)
        case .generationClosed(let closed): generationClosed = GenerationClosed(closed)
        }
    }

    /// The event in the words of evolution.
    package func event(in space: SearchSpace) throws(WireError) -> Event {
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
        case .ended: return .ended
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
    init(_ report: Evolution.Reported, space: SearchSpace) {
        self.init()
        self.report = UInt64(report.report)
        step = UInt64(report.step)
        score = report.score
        checkpoint = report.checkpoint ?? ""
        hyperparameters = [WireHyperparameter](report.hyperparameters, space: space)
        metrics = report.metrics.map { metric in
            var wire = WireMetric()
            wire.name = metric.name
            wire.value = metric.value
            return wire
        }
        declined = report.declined
        if let standing = report.standing {
            rank = UInt64(standing.rank)
            ranked = UInt64(standing.ranked)
        }
        if let recent = report.recent {
            place = UInt64(recent.rank)
            placed = UInt64(recent.ranked)
        }
        if let verdict = report.verdict { self.verdict = WireEvent.Verdict(verdict) }
        if let exploit = report.exploit {
            self.exploit = WireEvent.Exploit(exploit, space: space)
        }
        generation = UInt64(report.generation ?? 0)
    }

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
    init(reason: String, _ fallback: Fallback, space: SearchSpace) {
        self.init()
        self.reason = reason
        switch fallback {
        case .previous: self.fallback = .previous
        case .donor(let exploit):
            self.fallback = .donor
            self.exploit = WireEvent.Exploit(exploit, space: space)
        case .start: self.fallback = .start
        }
    }

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
    init(_ exploited: Evolution.Exploited, space: SearchSpace) {
        self.init()
        generation = UInt64(exploited.generation)
        report = UInt64(exploited.report)
        step = UInt64(exploited.step)
        score = exploited.score
        rank = UInt64(exploited.standing.rank)
        ranked = UInt64(exploited.standing.ranked)
        if let verdict = exploited.verdict { self.verdict = WireEvent.Verdict(verdict) }
        exploit = WireEvent.Exploit(exploited.exploit, space: space)
    }

    fileprivate func exploited(in space: SearchSpace) throws(WireError) -> Evolution.Exploited {
        Exploited(
            generation: try index(generation), report: try index(report),
            step: try index(step), score: score,
            standing: Standing(rank: try index(rank), ranked: try index(ranked)),
            verdict: hasVerdict ? verdict.decided : nil, exploit: try exploit.exploit(in: space))
    }
}

extension WireEvent.Verdict {
    init(_ verdict: Evolution.Verdict) {
        self.init()
        rule = verdict.rule
        ranking = verdict.ranking
        outcome = verdict.outcome
        facts = verdict.facts.map { fact in
            var wire = Fact()
            wire.name = fact.name
            wire.value = fact.value
            return wire
        }
    }

    package var decided: Evolution.Verdict {
        Evolution.Verdict(
            rule: rule, ranking: ranking, outcome: outcome,
            facts: facts.map { Evolution.Verdict.Fact($0.name, $0.value) })
    }
}

extension WireEvent.GenerationClosed {
    init(_ closed: Evolution.GenerationClosed) {
        self.init()
        generation = UInt64(closed.generation)
        reported = UInt64(closed.reported)
        byDeadline = closed.isByDeadline
    }

    fileprivate func closed() throws(WireError) -> Evolution.GenerationClosed {
        Evolution.GenerationClosed(
            generation: try index(generation), reported: try index(reported),
            isByDeadline: byDeadline)
    }
}

extension WireEvent.Exploit {
    init(_ exploit: Exploit, space: SearchSpace) {
        self.init()
        donor = UInt64(exploit.donor.member)
        donorReport = UInt64(exploit.donor.report)
        step = UInt64(exploit.donor.step)
        score = exploit.donor.score
        checkpoint = exploit.donor.checkpoint
        donorHyperparameters = [WireHyperparameter](exploit.donor.hyperparameters, space: space)
        hyperparameters = [WireHyperparameter](exploit.explored, space: space)
        operations = exploit.operations.map(\.rawValue)
    }

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
