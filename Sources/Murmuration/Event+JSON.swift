import Foundation

extension Event {
    /// The event as one line of JSON: keys in snake case and sorted, `event` says what happened,
    /// `time` is in UTC, hyperparameters and metrics are objects, and numbers that are none are
    /// "nan", "inf" and "-inf". What there is none of is left out.
    public var json: String { JSONLine.text(Line(event: self)) }

    /// When it happened, as ISO 8601 has it, in UTC and to the millisecond.
    public var timeText: String {
        // Formatting cuts off what is below a millisecond, and a time is seldom exact.
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(time + 0.0005)
    }

    /// What happened, in a word.
    public var name: String {
        switch kind {
        case .created: "created"
        case .leased: "leased"
        case .reported: "reported"
        case .declined: "declined"
        case .released: "released"
        case .removed: "removed"
        case .paused: "paused"
        case .resumed: "resumed"
        case .ended: "ended"
        case .changed: "changed"
        case .exploited: "exploited"
        case .generationClosed: "generation_closed"
        }
    }

    fileprivate enum Key: String, CodingKey {
        case sequence, time, member, event, hyperparameters, worker, reason, before, after
        case report, step, score, checkpoint, metrics, declined, rank, ranked, place, placed,
            exploit, verdict, rule, ranking, outcome, facts
        case donor, operations, fallback, generation, reported
        case byDeadline = "by_deadline"
        case donorReport = "donor_report"
        case donorHyperparameters = "donor_hyperparameters"
    }

    private struct Line: Encodable {
        var event: Event

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(event.sequence, forKey: .sequence)
            try container.encode(event.timeText, forKey: .time)
            try container.encode(event.name, forKey: .event)
            try container.encodeIfPresent(event.member, forKey: .member)
            switch event.kind {
            case .created(let hyperparameters):
                try container.encode(hyperparameters, forKey: .hyperparameters)
            case .leased(let worker):
                try container.encode(worker, forKey: .worker)
            case .reported(let report):
                try report.encode(into: &container)
            case .declined(let reason, let fallback):
                try container.encode(reason, forKey: .reason)
                try container.encode(fallback.name, forKey: .fallback)
                try event.exploit?.encode(into: &container)
            case .released(let reason):
                try container.encode(reason, forKey: .reason)
            case .changed(let before, let after):
                try container.encode(before, forKey: .before)
                try container.encode(after, forKey: .after)
            case .exploited(let exploited):
                try container.encode(exploited.generation, forKey: .generation)
                try container.encode(exploited.report, forKey: .report)
                try container.encode(exploited.step, forKey: .step)
                try container.encode(exploited.score, forKey: .score)
                try container.encode(exploited.standing.rank, forKey: .rank)
                try container.encode(exploited.standing.ranked, forKey: .ranked)
                try exploited.verdict?.encode(into: &container)
                try exploited.exploit.encode(into: &container)
            case .generationClosed(let closed):
                try container.encode(closed.generation, forKey: .generation)
                try container.encode(closed.reported, forKey: .reported)
                if closed.isByDeadline { try container.encode(true, forKey: .byDeadline) }
            case .removed, .paused, .resumed, .ended:
                break
            }
        }
    }
}

extension Event.Report {
    fileprivate func encode(into container: inout KeyedEncodingContainer<Event.Key>) throws {
        try container.encode(number, forKey: .report)
        try container.encode(step, forKey: .step)
        try container.encode(score, forKey: .score)
        try container.encodeIfPresent(checkpoint, forKey: .checkpoint)
        try container.encode(hyperparameters, forKey: .hyperparameters)
        if !metrics.isEmpty {
            let values = metrics.map { ($0.name, $0.value) }
            try container.encode(
                Dictionary(values, uniquingKeysWith: { $1 }), forKey: .metrics)
        }
        if declined { try container.encode(true, forKey: .declined) }
        try container.encodeIfPresent(standing?.rank, forKey: .rank)
        try container.encodeIfPresent(standing?.ranked, forKey: .ranked)
        try container.encodeIfPresent(recent?.rank, forKey: .place)
        try container.encodeIfPresent(recent?.ranked, forKey: .placed)
        try container.encodeIfPresent(generation, forKey: .generation)
        try verdict?.encode(into: &container)
        try exploit?.encode(into: &container)
    }
}

extension Event.Verdict {
    fileprivate func encode(into container: inout KeyedEncodingContainer<Event.Key>) throws {
        var nested = container.nestedContainer(keyedBy: Event.Key.self, forKey: .verdict)
        try nested.encode(outcome, forKey: .outcome)
        if !rule.isEmpty { try nested.encode(rule, forKey: .rule) }
        if !ranking.isEmpty { try nested.encode(ranking, forKey: .ranking) }
        if !facts.isEmpty {
            let values = facts.map { ($0.name, $0.value) }
            try nested.encode(Dictionary(values, uniquingKeysWith: { $1 }), forKey: .facts)
        }
    }
}

extension Event.Fallback {
    /// What it is, in a word.
    var name: String {
        switch self {
        case .previous: "previous"
        case .donor: "donor"
        case .start: "start"
        }
    }
}

extension Event.Exploit {
    fileprivate func encode(into container: inout KeyedEncodingContainer<Event.Key>) throws {
        var nested = container.nestedContainer(keyedBy: Event.Key.self, forKey: .exploit)
        try nested.encode(donor, forKey: .donor)
        try nested.encode(donorReport, forKey: .donorReport)
        try nested.encode(step, forKey: .step)
        try nested.encode(score, forKey: .score)
        try nested.encode(checkpoint, forKey: .checkpoint)
        try nested.encode(donorHyperparameters, forKey: .donorHyperparameters)
        try nested.encode(hyperparameters, forKey: .hyperparameters)
        try nested.encode(Dictionary(uniqueKeysWithValues: operationsByName), forKey: .operations)
    }

    /// How each hyperparameter came from the donor's, in their order.
    package var operationsByName: [(String, Event.Operation)] {
        Array(zip(hyperparameters.names, operations))
    }
}
