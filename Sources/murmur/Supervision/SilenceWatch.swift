import Foundation

/// Finds a training that has gone on for longer than one may without a report.
///
/// It counts the pauses between its looks, and not the time that went by: where this process or the
/// machine stands still, so does the training, or what would answer it.
struct SilenceWatch {
    let timeout: Duration
    private var seen: [String: (mark: Date, time: Duration)] = [:]

    init(timeout: Duration) { self.timeout = timeout }

    /// - Parameters:
    ///   - marks: When each training that goes on began, or reported last.
    ///   - pause: Since the last look.
    mutating func isSilent(_ marks: [String: Date], after pause: Duration) -> Bool {
        seen = marks.reduce(into: [:]) { result, mark in
            let before = seen[mark.key].flatMap { $0.mark == mark.value ? $0.time + pause : nil }
            result[mark.key] = (mark.value, before ?? .zero)
        }
        return seen.values.contains { $0.time >= timeout }
    }
}
