import Foundation
import Messages

/// Something that happened to a member, or to its whole population, as the journal has it.
public struct Event: Hashable, Sendable {
    /// Its place in the journal.
    public var sequence: UInt64
    public var time: Date
    /// `nil` for what happened to the population.
    public var member: Int?
    public var kind: Kind

    public enum Kind: Hashable, Sendable {
        case created(Hyperparameters)
        /// A worker took the member over.
        case leased(worker: String)
        case reported(Report)
        /// The worker could not take over what it was given.
        case declined(reason: String, fallback: Fallback)
        /// The worker has it no longer: switched, left, lapsed, finished, removed, paused, ended,
        /// generation.
        case released(reason: String)
        case removed
        case paused
        case resumed
        case ended
        case changed(before: Population.Settings, after: Population.Settings)
        /// It copies another member, as was decided when its generation closed.
        case exploited(Exploited)
        /// The next generation is open. Who copies follows.
        case generationClosed(GenerationClosed)
    }

    /// What a member goes on from that could not load what it was given.
    public enum Fallback: Hashable, Sendable {
        /// The state that it had before.
        case previous
        /// Another member's state, since it had none before.
        case donor(Exploit)
        /// A fresh start.
        case start
    }

    /// A report, and what was decided on it.
    public struct Report: Hashable, Sendable {
        /// Counts the member's reports, from 1.
        public var number: Int
        public var step: Int
        public var score: Double
        /// Without one the report is history only.
        public var checkpoint: String?
        /// In effect while this was trained.
        public var hyperparameters: Hyperparameters
        /// By name, in the order in which they were sent.
        public var metrics: [Metric]
        /// The exploit before it was not taken over.
        public var declined: Bool
        /// Where the member stood, when an exploit was considered.
        public var standing: Standing?
        /// Where that standing itself stands, among those that members had when an exploit was last
        /// considered for them.
        public var recent: Standing?
        /// Why it led to an exploit or to none; `nil` for what was decided before this was recorded.
        public var verdict: Verdict?
        public var exploit: Exploit?
        /// The generation that it counts for, in a synchronous population.
        public var generation: Int?
    }

    /// An exploit that was decided when a generation closed.
    public struct Exploited: Hashable, Sendable {
        /// The generation that closed.
        public var generation: Int
        /// The member's report for it, by its number, and what that said.
        public var report: Int
        public var step: Int
        public var score: Double
        /// Where the member stood then.
        public var standing: Standing
        /// Why; `nil` for what was decided before this was recorded.
        public var verdict: Verdict?
        public var exploit: Exploit
    }

    /// What decided.
    public struct Verdict: Hashable, Sendable {
        /// The selection rule, by its name; empty when none was asked.
        public var rule: String
        /// The ranking that places are by, by its name; empty when none was asked.
        public var ranking: String
        /// In a word, such as `copied` or `not_among_worst`.
        public var outcome: String
        /// What decided, by name, in the rule's order.
        public var facts: [Metric]
    }

    /// How a generation closed.
    public struct GenerationClosed: Hashable, Sendable, Codable {
        /// From 1.
        public var generation: Int
        /// Members that had reported for it.
        public var reported: Int
        /// Its deadline had passed, and others were still to report.
        public var isByDeadline: Bool
    }

    public struct Metric: Hashable, Sendable, Codable {
        public var name: String
        public var value: Double
    }

    /// A place among the ranked members, from 1.
    public struct Standing: Hashable, Sendable, Codable {
        public var rank: Int
        public var ranked: Int
    }

    /// A donor's committed state taken over, and the hyperparameters explored around it.
    public struct Exploit: Hashable, Sendable {
        public var donor: Int
        /// The donor's report that made the state that was copied.
        public var donorReport: Int
        /// The donor's, which the member goes on from.
        public var step: Int
        public var score: Double
        public var checkpoint: String
        public var donorHyperparameters: Hyperparameters
        /// What the member trains with next.
        public var hyperparameters: Hyperparameters
        /// How each hyperparameter came from the donor's, in their order.
        public var operations: [Operation]
    }

    public enum Operation: String, Hashable, Sendable, Codable {
        case kept, perturbed, resampled, local, proposed
    }

    public var report: Report? { if case .reported(let report) = kind { report } else { nil } }

    /// The copy that was decided: on a report, for a state that could not be loaded, or when a
    /// generation closed.
    public var exploit: Exploit? {
        switch kind {
        case .reported(let report): report.exploit
        case .declined(_, .donor(let exploit)): exploit
        case .exploited(let exploited): exploited.exploit
        default: nil
        }
    }

    /// Whether it changes who descends from whom: a copy, or a state that was not taken over. Such
    /// events are broadcast.
    var isLineage: Bool {
        switch kind {
        case .reported(let report): report.exploit != nil || report.declined
        case .declined, .exploited: true
        case .created, .leased, .released, .removed, .paused, .resumed, .ended, .changed,
            .generationClosed:
            false
        }
    }
}

/// A stretch of a member's line of descent that was trained with one set of hyperparameters.
public struct Segment: Hashable, Sendable {
    /// Who trained it.
    public var member: Int
    /// Trained from after this step.
    public var start: Int
    /// Up to and including this one.
    public var end: Int
    public var hyperparameters: Hyperparameters
}

// MARK: - On the wire

extension Event {
    /// `nil` for a kind that this version does not know.
    package init?(_ wire: WireEvent) {
        sequence = wire.sequence
        time = Date(timeIntervalSince1970: Double(wire.timeMilliseconds) / 1000)
        member = Int(clamping: wire.member)
        switch wire.kind {
        case .created(let created): kind = .created(Hyperparameters(created.hyperparameters))
        case .leased(let leased): kind = .leased(worker: leased.worker)
        case .reported(let reported): kind = .reported(Report(reported))
        case .declined(let declined):
            // What a newer coordinator may do besides is not known here.
            guard let fallback = Fallback(declined) else { return nil }
            kind = .declined(reason: declined.reason, fallback: fallback)
        case .released(let released): kind = .released(reason: released.reason)
        case .removed: kind = .removed
        case .paused: kind = .paused
        case .resumed: kind = .resumed
        case .ended: kind = .ended
        case .changed(let changed):
            kind = .changed(
                before: Population.Settings(changed.before.all),
                after: Population.Settings(changed.after.all))
        case .exploited(let copied): kind = .exploited(Exploited(copied))
        case .generationClosed(let closed): kind = .generationClosed(GenerationClosed(closed))
        case nil: return nil
        }
        switch kind {
        case .paused, .resumed, .ended, .changed, .generationClosed: member = nil
        case .created, .leased, .reported, .declined, .released, .removed, .exploited: break
        }
    }
}

extension Event.Exploited {
    fileprivate init(_ wire: WireEvent.Exploited) {
        generation = Int(clamping: wire.generation)
        report = Int(clamping: wire.report)
        step = Int(clamping: wire.step)
        score = wire.score
        standing = Event.Standing(
            rank: Int(clamping: wire.rank), ranked: Int(clamping: wire.ranked))
        if wire.hasVerdict { verdict = Event.Verdict(wire.verdict) }
        exploit = Event.Exploit(wire.exploit)
    }
}

extension Event.Verdict {
    fileprivate init(_ wire: WireEvent.Verdict) {
        rule = wire.rule
        ranking = wire.ranking
        outcome = wire.outcome
        facts = wire.facts.map { Event.Metric(name: $0.name, value: $0.value) }
    }
}

extension Event.GenerationClosed {
    fileprivate init(_ wire: WireEvent.GenerationClosed) {
        generation = Int(clamping: wire.generation)
        reported = Int(clamping: wire.reported)
        isByDeadline = wire.byDeadline
    }
}

extension Event.Report {
    fileprivate init(_ wire: WireEvent.Reported) {
        number = Int(clamping: wire.report)
        step = Int(clamping: wire.step)
        score = wire.score
        checkpoint = wire.checkpoint.isEmpty ? nil : wire.checkpoint
        hyperparameters = Hyperparameters(wire.hyperparameters)
        metrics = wire.metrics.map { Event.Metric(name: $0.name, value: $0.value) }
        declined = wire.declined
        if wire.rank > 0 {
            standing = Event.Standing(
                rank: Int(clamping: wire.rank), ranked: Int(clamping: wire.ranked))
        }
        if wire.place > 0 {
            recent = Event.Standing(
                rank: Int(clamping: wire.place), ranked: Int(clamping: wire.placed))
        }
        if wire.hasVerdict { verdict = Event.Verdict(wire.verdict) }
        if wire.hasExploit { exploit = Event.Exploit(wire.exploit) }
        if wire.generation > 0 { generation = Int(clamping: wire.generation) }
    }
}

extension Event.Fallback {
    fileprivate init?(_ wire: WireEvent.Declined) {
        switch wire.fallback {
        case .unspecified, .previous: self = .previous
        case .donor: self = .donor(Event.Exploit(wire.exploit))
        case .start: self = .start
        case .UNRECOGNIZED: return nil
        }
    }
}

extension Event.Exploit {
    fileprivate init(_ wire: WireEvent.Exploit) {
        donor = Int(clamping: wire.donor)
        donorReport = Int(clamping: wire.donorReport)
        step = Int(clamping: wire.step)
        score = wire.score
        checkpoint = wire.checkpoint
        donorHyperparameters = Hyperparameters(wire.donorHyperparameters)
        hyperparameters = Hyperparameters(wire.hyperparameters)
        // A newer coordinator's operation is one that changed the value.
        operations = wire.operations.map { Event.Operation(rawValue: $0) ?? .perturbed }
    }
}

extension Segment {
    package init(_ wire: WireSchedule.Segment) {
        member = Int(clamping: wire.member)
        start = Int(clamping: wire.start)
        end = Int(clamping: wire.end)
        hyperparameters = Hyperparameters(wire.hyperparameters)
    }
}
