import Foundation

@testable import Murmuration

/// The history of a population, written down for a test.
struct PastEvents {
    private(set) var events: [Event] = []
    private var reports: [Int: Int] = [:]

    /// A history that begins with so many members.
    init(members: Int) {
        for member in 0..<members { add(.created(["rate": 0.1]), of: member) }
    }

    mutating func add(_ kind: Event.Kind, of member: Int? = nil) {
        let sequence = UInt64(events.count + 1)
        events.append(
            Event(
                sequence: sequence,
                time: Date(timeIntervalSince1970: 1_700_000_000 + Double(sequence) / 1000),
                member: member, kind: kind))
    }

    /// A report of a member, which copies a donor's last report when there is one.
    @discardableResult
    mutating func report(
        _ member: Int, step: Int, score: Double, checkpoint: Bool = true, declined: Bool = false,
        rate: Double = 0.1, rank: (Int, Int)? = nil, verdict: Event.Verdict? = nil,
        copies donor: Event.Report? = nil,
        of donorMember: Int = 0, next: Double = 0.08,
        operation: Event.Operation = .perturbed
    ) -> Event.Report {
        reports[member, default: 0] += 1
        var report = Event.Report(
            number: reports[member] ?? 0, step: step, score: score,
            checkpoint: checkpoint ? "/c/\(member)-\(step)" : nil,
            hyperparameters: ["rate": .number(rate)], metrics: [], declined: declined)
        report.standing = rank.map { Event.Standing(rank: $0.0, ranked: $0.1) }
        report.verdict = verdict
        report.exploit = donor.map {
            Self.exploit(of: donorMember, $0, next: next, operation: operation)
        }
        add(.reported(report), of: member)
        return report
    }

    /// A member could not load the only state that it had, and copies a donor's report.
    mutating func rescue(
        _ member: Int, reason: String, copies donor: Event.Report, of donorMember: Int = 0
    ) {
        let exploit = Self.exploit(of: donorMember, donor, next: 0.08, operation: .perturbed)
        add(.declined(reason: reason, fallback: .donor(exploit)), of: member)
    }

    private static func exploit(
        of member: Int, _ donor: Event.Report, next: Double, operation: Event.Operation
    ) -> Event.Exploit {
        Event.Exploit(
            donor: member, donorReport: donor.number, step: donor.step, score: donor.score,
            checkpoint: donor.checkpoint ?? "", donorHyperparameters: donor.hyperparameters,
            hyperparameters: ["rate": .number(next)], operations: [operation])
    }
}

/// A population of the usual settings.
func population(
    minimize: Bool = false, settings: Population.Settings? = nil,
    space: [Population.Dimension]? = nil
) -> Population {
    Population(
        name: "digits", members: 5, status: .active, minimize: minimize,
        settings: settings
            ?? [
                "max_steps": 200, "interval": 10, "fraction": 0.2,
                "perturbation_factors": [0.8, 1.2],
            ],
        seed: 0, grows: false, finished: 0, training: 0, lost: 0,
        removed: 0, reports: 0, exploits: 0,
        space: space ?? [
            Population.Dimension(name: "rate", kind: .number, min: 0.01, max: 1, log: true)
        ])
}

extension Event.Verdict {
    /// Of truncation by the last score.
    static func truncation(_ outcome: String, copiers: Int) -> Self {
        Self(
            rule: "truncation", ranking: "latest", outcome: outcome,
            facts: [.init(name: "copiers", value: Double(copiers))])
    }
}
