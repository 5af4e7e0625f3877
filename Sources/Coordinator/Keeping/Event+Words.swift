import Evolution

extension Event {
    /// What was decided, for people who compare decisions.
    package var words: String {
        let whose = member.map { "member \($0)" } ?? "the population"
        switch kind {
        case .created(let values): return "\(whose) begins with \(Self.words(values))."
        case .reported(let reported):
            let reason = reported.verdict?.sentence(copied: reported.exploit.map(Self.words))
            return "\(whose), report \(reported.report): \(reason ?? "it went on.")"
        case .declined(_, .donor(let exploit)): return "\(whose) copies \(Self.words(exploit))."
        case .declined(_, .previous): return "\(whose) goes back to its state before."
        case .declined(_, .start): return "\(whose) starts anew."
        case .exploited(let exploited):
            let exploit = Self.words(exploited.exploit)
            let reason = exploited.verdict?.sentence(copied: exploit) ?? "it copies \(exploit)."
            return "\(whose), generation \(exploited.generation): \(reason)"
        case .generationClosed(let closed):
            return "generation \(closed.generation) closes with \(closed.reported) reports."
        case .leased, .released, .removed, .paused, .resumed, .ended, .changed:
            return "\(whose) is told something."
        }
    }

    private static func words(_ exploit: Exploit) -> String {
        """
        member \(exploit.donor.member) as of its report \(exploit.donor.report), with \
        \(words(exploit.explored))
        """
    }

    private static func words(_ values: [Value]) -> String {
        values.map(\.description).joined(separator: ", ")
    }
}
