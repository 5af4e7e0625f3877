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
}

extension WireEvent.GenerationClosed {
    init(_ closed: Evolution.GenerationClosed) {
        self.init()
        generation = UInt64(closed.generation)
        reported = UInt64(closed.reported)
        byDeadline = closed.isByDeadline
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
        let explored = Configuration(exploit.explored, in: space)
        operations = explored.active(of: exploit.operations).map(\.rawValue)
    }
}
