import Histories
import Murmuration

extension FollowedPopulation {
    /// The last event that was taken in.
    var last: UInt64 { overview.last }

    /// What happened since an event, as a stream says it; `nil` for nothing. Without an event all that
    /// comes is new.
    func news(since: UInt64?, most: Int) -> (events: String?, sequence: UInt64) {
        let last = step(since)
        guard let since, since != last else { return (nil, last) }
        if let known = newsStep.texts[since] { return (known, last) }
        let text = news(since: since, through: last, most: most)
        newsStep.texts[since] = text
        return (text, last)
    }

    private func news(since: UInt64, through last: UInt64, most: Int) -> String {
        let recent = overview.recent
        // Another journal, or more than is remembered.
        guard since < last, recent.isComplete || (recent.events.first?.sequence ?? 0) <= since + 1
        else { return #"{"reload":true}"# }
        let all = recent.events.reversed().prefix { $0.sequence > since }
            .drop { $0.sequence > last }.reversed()
        let explanation = Explanation(population: overview.population)
        let shown = all.suffix(most).map { items.text(of: $0, explanation) }
        return #"{"committed":\#(last),"events":[\#(shown.joined(separator: ","))],"#
            + #""skipped":\#(all.count - shown.count)}"#
    }

    /// Up to where streams tell now. It goes on in steps: those that were told the same are told the
    /// same next, and it is written once.
    ///
    /// - Parameter since: what the stream that asks told last.
    private func step(_ since: UInt64?) -> UInt64 {
        let isBehind = since.map { $0 > newsStep.sequence } ?? true
        let isOver = ContinuousClock.now - newsStep.time >= NewsStep.length
        // Of another journal it may be ahead.
        if newsStep.sequence > last || newsStep.sequence < last && (isOver || isBehind) {
            newsStep = NewsStep(sequence: last)
        }
        return newsStep.sequence
    }
}

/// Up to where streams tell of events, and what they say by what they told last.
struct NewsStep {
    var sequence: UInt64 = 0
    var time = ContinuousClock.now
    var texts: [UInt64: String] = [:]

    static let length = Duration.milliseconds(500)
}

/// Events as they were written for one browser, for the others.
struct EventItems {
    private var texts: [UInt64: String] = [:]
    private static let most = 1000

    mutating func text(of event: Event, _ explanation: Explanation) -> String {
        if let known = texts[event.sequence] { return known }
        let text = EventAnswer.item(event, explanation)
        if texts.count == Self.most { texts = [:] }
        texts[event.sequence] = text
        return text
    }
}
