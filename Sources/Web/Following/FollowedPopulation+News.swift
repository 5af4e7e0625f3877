import Histories
import Murmuration

extension FollowedPopulation {
    /// The last event that was taken in.
    var last: UInt64 { overview.last }

    /// What happened since an event, as a stream says it; `nil` for nothing. Without an event all that
    /// comes is new.
    func news(since: UInt64?, most: Int) -> (events: String?, sequence: UInt64) {
        let last = overview.last
        guard let since, since != last else { return (nil, last) }
        let recent = overview.recent
        // Another journal, or more than is remembered.
        guard since < last, recent.isComplete || (recent.events.first?.sequence ?? 0) <= since + 1
        else { return (#"{"reload":true}"#, last) }
        let all = recent.events.reversed().prefix { $0.sequence > since }.reversed()
        let explanation = Explanation(population: overview.population)
        let shown = all.suffix(most).map { items.text(of: $0, explanation) }
        let text =
            #"{"committed":\#(last),"events":[\#(shown.joined(separator: ","))],"#
            + #""skipped":\#(all.count - shown.count)}"#
        return (text, last)
    }
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
