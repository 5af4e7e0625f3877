/// Something that happened to a member, or to the whole population. Events hold results: applying
/// them draws nothing and computes no float, so that a replay is exact.
package struct Event: Hashable, Sendable {
    /// `nil` for what happened to the population.
    package var member: Int?
    package var kind: Kind

    package enum Kind: Hashable, Sendable {
        case created(hyperparameters: [Value])
        /// A worker took the member over; it goes on from its committed state.
        case leased(worker: String)
        case reported(Reported)
        /// The worker could not take over what it was given.
        case declined(reason: String, fallback: Fallback)
        case released(ReleaseReason)
        /// It is neither trained nor copied again.
        case removed
        /// It copies another member: what was decided on it when its generation closed.
        case exploited(Exploited)
        /// To the population: workers wait, train again, or stop.
        case paused
        case resumed
        /// By itself, for a reason, or by somebody.
        case ended(Ending?)
        /// To the population: what changed of its specification.
        case changed(before: SettingValues, after: SettingValues)
        /// To the population: the next generation is open. Who copies is said right after this.
        case generationClosed(GenerationClosed)

        /// It happened to the whole population.
        package var isOfPopulation: Bool {
            switch self {
            case .paused, .resumed, .ended, .changed, .generationClosed: true
            case .created, .leased, .reported, .declined, .released, .removed, .exploited: false
            }
        }
    }

    /// The copy that was decided: on a report, for a state that could not be
    /// loaded, or when a generation closed.
    package var exploit: Exploit? {
        switch kind {
        case .reported(let reported): reported.exploit
        case .declined(_, .donor(let exploit)): exploit
        case .exploited(let exploited): exploited.exploit
        default: nil
        }
    }

    package init(member: Int? = nil, kind: Kind) {
        self.member = member
        self.kind = kind
    }
}

/// What a member goes on from whose state could not be loaded.
package enum Fallback: Hashable, Sendable {
    /// What its state replaced. Journals before version 3 say no more than this, also where there
    /// was nothing that it replaced.
    case previous
    /// A donor's state, as after an exploit.
    case donor(Exploit)
    case start

    package var name: String {
        switch self {
        case .previous: "previous"
        case .donor: "donor"
        case .start: "start"
        }
    }

    /// - Parameter exploit: what a donor's state is copied by.
    package init?(named name: String, exploit: Exploit?) {
        switch (name, exploit) {
        case ("previous", nil): self = .previous
        case ("donor", let exploit?): self = .donor(exploit)
        case ("start", nil): self = .start
        default: return nil
        }
    }
}

/// Why a lease ended.
package enum ReleaseReason: String, CaseIterable, Hashable, Sendable {
    /// The worker was given another member.
    case switched
    case left
    /// Nothing was heard of the worker for the length of a lease.
    case lapsed
    case finished
    case removed
    /// The population was paused, or ended.
    case paused
    case ended
    /// It reported for its generation, which is still open.
    case generation

    /// The worker is gone, and the population goes on without the member until another one comes.
    package var isAbsence: Bool { self == .left || self == .lapsed }
}

/// A report and what was decided on it.
package struct Reported: Hashable, Sendable {
    /// Counts the member's reports, from 1.
    package var report: Int
    package var step: Int
    package var score: Double
    /// Without one the report is history only.
    package var checkpoint: String?
    /// In effect while this was trained.
    package var hyperparameters: [Value]
    package var metrics: [Metric] = []
    /// The exploit before it was not taken over: the member went back to its previous state first.
    package var declined = false
    /// Where the member stood, when an exploit was considered.
    package var standing: Standing?
    /// Where that standing itself stands, among those that members had when an exploit was last
    /// considered for them.
    package var recent: Standing?
    /// Why it led to an exploit or to none; `nil` in journals of before version 7.
    package var verdict: Verdict?
    package var exploit: Exploit?
    /// The generation that it counts for, in a synchronous population.
    package var generation: Int?

    package init(
        report: Int, step: Int, score: Double, checkpoint: String?, hyperparameters: [Value]
    ) {
        self.report = report
        self.step = step
        self.score = score
        self.checkpoint = checkpoint
        self.hyperparameters = hyperparameters
    }
}

package struct Metric: Hashable, Sendable {
    package var name: String
    package var value: Double

    package init(name: String, value: Double) {
        self.name = name
        self.value = value
    }
}

/// A member's place among the ranked, from 1.
package struct Standing: Hashable, Sendable {
    package var rank: Int
    package var ranked: Int

    package init(rank: Int, ranked: Int) {
        self.rank = rank
        self.ranked = ranked
    }
}

/// A donor's committed state taken over, and the hyperparameters explored around it.
package struct Exploit: Hashable, Sendable {
    /// The donor, and its state. `donor.member` trained it.
    package var donor: CommittedState
    /// What the copier trains with next.
    package var explored: [Value]
    /// How each of `explored` came from the donor's.
    package var operations: [Operation]

    package init(donor: CommittedState, explored: [Value], operations: [Operation]) {
        self.donor = donor
        self.explored = explored
        self.operations = operations
    }

    /// A donor's state as it is, with its own hyperparameters or others.
    init(takenOver donor: CommittedState, with values: [Value]) {
        self.init(of: donor, with: values, by: .local)
    }

    /// A donor's state, with what was proposed for it.
    init(proposal values: [Value], for donor: CommittedState) {
        self.init(of: donor, with: values, by: .proposed)
    }

    private init(of donor: CommittedState, with values: [Value], by operation: Operation) {
        let operations = zip(values, donor.hyperparameters).map { $0 == $1 ? .kept : operation }
        self.init(donor: donor, explored: values, operations: operations)
    }
}

package enum Operation: String, Hashable, Sendable {
    case kept
    case perturbed
    case resampled
    /// That of the best member of the copier's island.
    case local
    /// By a model of what members gained.
    case proposed
}

/// An exploit that was decided when a generation closed.
package struct Exploited: Hashable, Sendable {
    /// The generation that closed.
    package var generation: Int
    /// The member's report for it, by its number, and what that said.
    package var report: Int
    package var step: Int
    package var score: Double
    /// Where the member stood then.
    package var standing: Standing
    /// Why it copies; `nil` in journals of before version 7.
    package var verdict: Verdict?
    package var exploit: Exploit

    package init(
        generation: Int, report: Int, step: Int, score: Double, standing: Standing,
        verdict: Verdict? = nil, exploit: Exploit
    ) {
        self.verdict = verdict
        self.generation = generation
        self.report = report
        self.step = step
        self.score = score
        self.standing = standing
        self.exploit = exploit
    }
}

/// How a generation closed.
package struct GenerationClosed: Hashable, Sendable {
    /// From 1.
    package var generation: Int
    /// Members that had reported for it.
    package var reported: Int
    /// Its deadline had passed, and others were still to report.
    package var isByDeadline: Bool

    package init(generation: Int, reported: Int, isByDeadline: Bool) {
        self.generation = generation
        self.reported = reported
        self.isByDeadline = isByDeadline
    }
}
