import Foundation

/// Times as events have them: ISO 8601 in UTC, to the millisecond.
enum TimeText {
    static func text(_ time: Date) -> String {
        // Formatting cuts off what is below a millisecond, and a time is seldom exact.
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(time + 0.0005)
    }
}
