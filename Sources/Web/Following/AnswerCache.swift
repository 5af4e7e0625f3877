/// Answers of a moment ago, so that many browsers cost as much as one.
struct AnswerCache {
    private struct Entry {
        var text: String
        var version: Int
        var time: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]
    private let clock = ContinuousClock()

    private static let most = 32

    /// - Parameter time: how old one may be in which something has changed since.
    mutating func find(_ key: String, version: Int, within time: Duration) -> String? {
        guard let entry = entries[key],
            entry.version == version || clock.now - entry.time < time
        else { return nil }
        return entry.text
    }

    mutating func keep(_ text: String, for key: String, version: Int) {
        if entries.count >= Self.most, entries[key] == nil {
            let oldest = entries.min { $0.value.time < $1.value.time }
            if let oldest { entries[oldest.key] = nil }
        }
        entries[key] = Entry(text: text, version: version, time: clock.now)
    }
}
