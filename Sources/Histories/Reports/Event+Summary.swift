import Murmuration

extension Event {
    /// What happened, in a few words.
    package var summary: String {
        switch kind {
        case .created(let hyperparameters):
            "created: \(NumberText.hyperparameters(hyperparameters))"
        case .leased(let worker): "leased to \(worker)"
        case .reported(let report): report.summary
        case .declined(let reason, let fallback): fallback.sentence(reason: reason)
        case .released(let reason): "released: \(reason)"
        case .removed: "removed"
        case .paused: "paused"
        case .resumed: "resumed"
        case .ended: "ended"
        case .changed(let before, let after):
            "settings: \(after.changes(from: before).joined(separator: ", "))"
        case .exploited(let exploited):
            "copies \(exploited.exploit.donor), rank \(exploited.standing.rank) of "
                + "\(exploited.standing.ranked) when generation \(exploited.generation) closed"
        case .generationClosed(let closed): closed.summary
        }
    }
}

extension Event.Report {
    fileprivate var summary: String {
        var text = declined ? "declined the exploit; " : ""
        text += "reported \(NumberText.score(score)) at step \(step)"
        if let generation { text += " for generation \(generation)" }
        if checkpoint == nil { text += " without a checkpoint" }
        if let standing { text += ", rank \(standing.rank) of \(standing.ranked)" }
        if let exploit { text += ", copies \(exploit.donor)" }
        return text
    }
}

extension Event.GenerationClosed {
    fileprivate var summary: String {
        "generation \(generation) closed with \(NumberText.count(reported, "member"))"
            + (isByDeadline ? ", by its deadline" : "")
    }
}
