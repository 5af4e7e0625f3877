import Foundation
import Histories
import Murmuration

/// A board, with what is known of how it came to it.
struct BoardAnswer: Encodable {
    var board: Leaderboard
    /// Of the last event.
    var time: Date
    var pace: Pace.Rates
    /// The newest first.
    var copies: [Copy]

    struct Copy: Encodable {
        var sequence: UInt64
        var time: String
        var member: Int?
        var donor: Int?
        var text: String

        init(_ event: Event, _ explanation: Explanation) {
            sequence = event.sequence
            time = event.timeText
            member = event.member
            donor = event.exploit?.donor
            text = explanation.text(event)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case time, copies
        case reportsPerSecond = "reports_per_second"
        case exploitsPerSecond = "exploits_per_second"
        case secondsLeft = "time_left_seconds"
    }

    func encode(to encoder: any Encoder) throws {
        try board.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(TimeText.text(time), forKey: .time)
        try container.encode(copies, forKey: .copies)
        try container.encodeIfPresent(pace.reportsPerSecond, forKey: .reportsPerSecond)
        try container.encodeIfPresent(pace.exploitsPerSecond, forKey: .exploitsPerSecond)
        try container.encodeIfPresent(pace.secondsLeft, forKey: .secondsLeft)
    }
}
