import Foundation
import Histories
import Murmuration

/// A page of what happened, the newest first.
struct EventAnswer {
    var committed: UInt64
    var events: [Event]
    var more: Bool

    /// One line of JSON. Each event is as the history has it, with a sentence.
    func json(_ explanation: Explanation) -> String {
        let items = events.map { Self.item($0, explanation) }.joined(separator: ",")
        return #"{"committed":\#(committed),"events":[\#(items)],"more":\#(more)}"#
    }

    static func item(_ event: Event, _ explanation: Explanation) -> String {
        let text = JSONLine.text(explanation.text(event))
        // An event's line is an object that is never empty.
        return event.json.dropLast() + #","text":\#(text)}"#
    }
}
