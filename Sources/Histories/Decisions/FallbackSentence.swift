import Murmuration

extension Event {
    /// What its member did that could not load what it was given, as a sentence; `nil` for other
    /// events.
    package var fallbackSentence: String? {
        guard case .declined(let reason, let fallback) = kind, let member else { return nil }
        return "member \(member) \(fallback.sentence(reason: reason))"
    }
}

extension Event.Fallback {
    /// A sentence without its subject.
    package func sentence(reason: String) -> String {
        let because = reason.isEmpty ? "" : " (\(reason))"
        return "could not load its checkpoint\(because) and \(deed)"
    }

    private var deed: String {
        switch self {
        case .previous: "goes back to the one before"
        case .donor(let exploit): "goes on from member \(exploit.donor)'s at step \(exploit.step)"
        case .start: "starts anew"
        }
    }
}
