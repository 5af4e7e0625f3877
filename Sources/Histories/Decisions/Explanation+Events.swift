import Murmuration

extension Explanation {
    /// What one event says, without what became of it later.
    package func text(_ event: Event) -> String {
        switch event.kind {
        case .created(let hyperparameters): return paragraph(.began(hyperparameters))
        case .reported(let report):
            // What becomes of an exploit is another event.
            var decision = MemberStory.Decision(report: report)
            decision.aftermath = .takenOver
            return paragraph(.decision(decision))
        case .changed(let before, let after):
            return paragraph(.changed(before: before, after: after))
        case .exploited(let exploited):
            return Terminal.escaped(event.summary) + ": " + words(exploited.exploit) + "."
        case .leased, .declined, .released, .removed, .paused, .resumed, .ended,
            .generationClosed:
            return Terminal.escaped(event.summary)
        }
    }
}
