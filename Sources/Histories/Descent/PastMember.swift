import Evolution
import Murmuration

/// A member as it was at some point of its history.
///
/// It runs forward through the same code that decided on its reports, so a decline undoes here
/// exactly what it undid then.
package struct PastMember {
    private var member: Evolution.Member

    package init(_ id: Int) {
        member = Evolution.Member(id: id, hyperparameters: [])
    }

    /// Its committed state, when it has one.
    package var latest: StateName? { member.latest.map(StateName.init) }
    /// The step of its committed state, 0 without one.
    package var committedStep: Int { member.latest?.step ?? 0 }
    /// The score of its committed state.
    package var committedScore: Double? { member.latest?.score }
    /// It became its donor and has reported nothing of its own since.
    package var isInherited: Bool { member.isInherited }

    package mutating func apply(_ event: Murmuration.Event) { apply(event.kind) }

    /// The state that a report makes, and the one that it was trained from; `nil` without a
    /// checkpoint.
    package func commit(
        _ report: Murmuration.Event.Report
    ) -> (state: StateName, base: StateName?)? {
        guard report.checkpoint != nil else { return nil }
        var committed = member
        committed.commit(Reported(report))
        return committed.latest.map { (StateName($0), committed.previous.map(StateName.init)) }
    }

    /// What ranks it: its own last measurement.
    package var measured: (step: Int, score: Double)? {
        member.measured.map { (step: $0.step, score: $0.score) }
    }

    /// With the last exploit undone.
    package var afterDecline: PastMember {
        var copy = self
        copy.member.apply(.declined(reason: "", fallback: .previous))
        return copy
    }

    package mutating func apply(_ kind: Murmuration.Event.Kind) {
        if let kind = Evolution.Event.Kind(kind) { member.apply(kind) }
    }
}

/// A committed state: who made it, and which of that member's reports it was.
package struct StateName: Hashable {
    package var member: Int
    package var report: Int

    package init(member: Int, report: Int) {
        self.member = member
        self.report = report
    }

    fileprivate init(_ state: CommittedState) {
        self.init(member: state.member, report: state.report)
    }
}

// What a member trains with decides nothing about its descent, so it is left out.

extension Evolution.Event.Kind {
    /// `nil` for what leaves a member as it is.
    fileprivate init?(_ kind: Murmuration.Event.Kind) {
        switch kind {
        case .created: self = .created(hyperparameters: [])
        case .leased(let worker): self = .leased(worker: worker)
        case .reported(let report): self = .reported(Reported(report))
        case .declined(let reason, let fallback):
            self = .declined(reason: reason, fallback: Fallback(fallback))
        case .exploited(let exploited): self = .exploited(Exploited(exploited))
        case .released, .removed, .paused, .resumed, .ended, .changed, .generationClosed:
            return nil
        }
    }
}

extension Exploited {
    fileprivate init(_ exploited: Murmuration.Event.Exploited) {
        self.init(
            generation: exploited.generation, report: exploited.report, step: exploited.step,
            score: exploited.score, standing: Standing(exploited.standing),
            exploit: Exploit(exploited.exploit))
    }
}

extension Standing {
    fileprivate init(_ standing: Murmuration.Event.Standing) {
        self.init(rank: standing.rank, ranked: standing.ranked)
    }
}

extension Exploit {
    fileprivate init(_ exploit: Murmuration.Event.Exploit) {
        self.init(
            donor: CommittedState(
                member: exploit.donor, report: exploit.donorReport, step: exploit.step,
                score: exploit.score, hyperparameters: [], checkpoint: exploit.checkpoint),
            explored: [], operations: [])
    }
}

extension Reported {
    fileprivate init(_ report: Murmuration.Event.Report) {
        self.init(
            report: report.number, step: report.step, score: report.score,
            checkpoint: report.checkpoint, hyperparameters: [])
        declined = report.declined
        standing = report.standing.map(Standing.init)
        exploit = report.exploit.map(Exploit.init)
        generation = report.generation
    }
}

extension Fallback {
    fileprivate init(_ fallback: Murmuration.Event.Fallback) {
        switch fallback {
        case .previous: self = .previous
        case .donor(let exploit): self = .donor(Exploit(exploit))
        case .start: self = .start
        }
    }
}
