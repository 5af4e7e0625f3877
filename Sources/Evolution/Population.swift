/// A set of members that evolves by the training rules.
///
/// It knows no clock and no file: reports go in, events come out, and the same events applied to
/// an empty population make an equal one. A report costs O(log n) in the population's size.
package struct Population: Sendable {
    package let specification: Specification
    package private(set) var members: [Member] = []
    /// How many reports were made, by all members.
    package private(set) var reports = 0
    /// How many exploits were decided, including those that were declined later.
    package private(set) var exploits = 0
    /// How many members reached the last step.
    package private(set) var finished = 0
    /// The members' steps added up.
    package private(set) var totalSteps = 0
    private(set) var ranking = Ranking()

    /// A population without members.
    ///
    /// The specification must be valid; see `Specification.validate()`.
    package init(_ specification: Specification) {
        self.specification = specification
    }

    /// A population as a journal has it: its members' present state, in the order of their
    /// numbers, and the counts.
    package init(_ specification: Specification, members: [Member], reports: Int, exploits: Int) {
        self.specification = specification
        self.members = members
        self.reports = reports
        self.exploits = exploits
        for (id, member) in members.enumerated() {
            precondition(member.id == id, "Members are given in the order of their numbers.")
            finished += isFinished(id) ? 1 : 0
            totalSteps &+= member.step
            ranking.place(id, key(of: member))
        }
    }

    /// What makes the next member. Nothing changes until it is applied.
    package func creation() -> Event {
        let id = members.count
        let hyperparameters = specification.initialHyperparameters(of: id)
        return Event(member: id, kind: .created(hyperparameters: hyperparameters))
    }

    /// Takes a report, decides on it, and returns what happened, which is already applied.
    ///
    /// The member must exist and, if the report has hyperparameters, there must be one for each
    /// of the space. `declined` counts only while the member is its donor.
    package mutating func report(_ report: Report) -> Event {
        let id = report.member
        var reported = recorded(report)
        change(id) { $0.commit(reported) }
        if isConsidered(reported, of: members[id]), let rank = ranking.rank(of: id) {
            reported.standing = Standing(rank: rank, ranked: ranking.count)
            reported.exploit = exploit(by: id, at: rank, report: reported.report)
            change(id) { $0.settle(reported) }
        }
        count(reported)
        return Event(member: id, kind: .reported(reported))
    }

    /// Applies an event exactly as it was stored: nothing is decided or drawn again.
    package mutating func apply(_ event: Event) {
        if case .created(let hyperparameters) = event.kind {
            precondition(event.member == members.count, "Members are made in order.")
            members.append(Member(id: event.member, hyperparameters: hyperparameters))
            finished += isFinished(event.member) ? 1 : 0
            return
        }
        change(event.member) { $0.apply(event.kind) }
        if case .reported(let reported) = event.kind { count(reported) }
    }

    /// The step at which a member that goes on from where it is reports next: the end of its
    /// interval, or the last step.
    package func targetStep(of member: Int) -> Int {
        let member = members[member]
        let interval = specification.interval
        let intervals = max(0, member.step - member.considered) / interval + 1
        let target = member.considered + intervals * interval
        return min(target, specification.maxSteps ?? target)
    }

    /// Whether the member reached the last step.
    package func isFinished(_ member: Int) -> Bool { isFinished(members[member]) }

    /// The member's place on the leaderboard, from 1; `nil` without a committed state.
    package func rank(of member: Int) -> Int? { ranking.rank(of: member) }

    private func isFinished(_ member: Member) -> Bool {
        specification.maxSteps.map { member.step >= $0 } ?? false
    }

    /// What the report says, before anything is decided on it.
    private func recorded(_ report: Report) -> Reported {
        let member = members[report.member]
        let declined = report.declined && member.isInherited
        let assigned =
            declined
            ? member.previous?.hyperparameters ?? member.hyperparameters
            : member.hyperparameters
        let domains = specification.space.hyperparameters
        let inEffect = report.hyperparameters ?? assigned
        precondition(inEffect.count == domains.count, "There is a value for each hyperparameter.")
        var reported = Reported(
            report: member.reports + 1, step: report.step, score: report.score,
            checkpoint: report.checkpoint,
            hyperparameters: zip(domains, inEffect).map { $0.domain.typed($1) })
        reported.metrics = report.metrics
        reported.declined = declined
        return reported
    }

    private mutating func count(_ reported: Reported) {
        reports += 1
        exploits += reported.exploit == nil ? 0 : 1
    }

    /// The only place where a member changes: it keeps the sums and the ranking in step.
    private mutating func change(_ id: Int, _ body: (inout Member) -> Void) {
        finished -= isFinished(id) ? 1 : 0
        totalSteps &-= members[id].step
        body(&members[id])
        finished += isFinished(id) ? 1 : 0
        totalSteps &+= members[id].step
        ranking.place(id, key(of: members[id]))
    }
}
