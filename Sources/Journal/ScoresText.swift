import Evolution

/// A member's last own scores as the journal writes them: how many of them are fresh, and then each
/// score's step, the score and its place among those of its step, if there is one:
/// `2 10:0.5 20:0.75:0.125`.
enum ScoresText {
    /// `nil` when there are none.
    static func write(_ scores: OwnScores) -> String? {
        if scores.entries.isEmpty { return nil }
        let entries = scores.entries.map { entry in
            "\(entry.step):\(entry.score)" + (entry.place.map { ":\($0)" } ?? "")
        }
        return ([String(scores.fresh.count)] + entries).joined(separator: " ")
    }

    /// `nil` when the text is not what `write` makes.
    static func read(_ text: String) -> OwnScores? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let fresh = Int(words[0]), words.count > 1, words.count - 1 <= OwnScores.most,
            (0..<words.count).contains(fresh)
        else { return nil }
        var entries: [OwnScores.Entry] = []
        for word in words.dropFirst() {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2 || parts.count == 3, let step = Int(parts[0]),
                (0...Specification.stepLimit).contains(step), let score = Double(parts[1])
            else { return nil }
            var entry = OwnScores.Entry(step: step, score: score)
            if parts.count == 3 {
                guard let place = Double(parts[2]), (0...1).contains(place) else { return nil }
                entry.place = place
            }
            entries.append(entry)
        }
        return OwnScores(entries, fresh: fresh)
    }
}
