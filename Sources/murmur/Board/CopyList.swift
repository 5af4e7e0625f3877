import Histories

/// The lines of who copied whom, how long ago, and what came of it.
struct CopyList {
    var width: Int
    var glyphs: Glyphs

    func lines(_ copies: [BoardView.Copy]) -> [StyledLine] {
        let ages = copies.map { Self.age($0.age) }
        let ageWidth = ages.reduce(Self.usualAge) { max($0, Terminal.width($1)) }
        let long = copies.map { sentence($0, withStep: true) }
        let isTooLong = long.contains { ageWidth + Self.gap.count + Terminal.width($0) > width }
        let sentences = isTooLong ? copies.map { sentence($0, withStep: false) } : long
        let sentenceWidth = sentences.map(Terminal.width).max() ?? 0
        return copies.indices.map { index in
            var line = StyledLine(Terminal.fitted(ages[index], ageWidth, right: true), .dim)
            line.append(Self.gap + Terminal.fitted(sentences[index], sentenceWidth))
            append(copies[index].changes, to: &line)
            return line
        }
    }

    private func sentence(_ copy: BoardView.Copy, withStep: Bool) -> String {
        let (score, donorScore) = NumberText.scores(copy.score, copy.donorScore)
        let step = withStep ? " at step \(copy.step)" : ""
        return "\(copy.member) copied \(copy.donor)\(step): \(score) \(glyphs.arrow) \(donorScore)"
    }

    /// As many changes as there is room for, and how many more there are. Names give way first.
    private func append(_ changes: [BoardView.Change], to line: inout StyledLine) {
        let room = width - line.width
        let lengths = (Self.shortestName...Self.longestName).reversed()
        let candidates = lengths.map { fitted(changes, nameLength: $0, room: room) }
        let best = candidates.map(\.count).max()
        line.append(candidates.first { $0.count == best }?.text ?? "", .cyan)
    }

    private func fitted(
        _ changes: [BoardView.Change], nameLength: Int, room: Int
    ) -> (text: String, count: Int) {
        let texts = changes.map { text($0, nameLength: nameLength) }
        for count in (0...texts.count).reversed() {
            var shown = texts.prefix(count)
            if count < texts.count { shown.append("+\(texts.count - count)") }
            let text = shown.isEmpty ? "" : " " + Self.gap + shown.joined(separator: Self.gap)
            if Terminal.width(text) <= room { return (text, count) }
        }
        return ("", 0)
    }

    private func text(_ change: BoardView.Change, nameLength: Int) -> String {
        func short(_ text: String) -> String { Terminal.cut(Terminal.escaped(text), nameLength) }
        return switch change {
        case .scaled(let name, let factor):
            "\(short(name)) \(glyphs.times)\(NumberText.factor(factor))"
        case .set(let name, let value): "\(short(name)) \(glyphs.arrow) \(short(value))"
        case .drawn(let name): "\(short(name)) \(glyphs.anew)"
        }
    }

    /// In one unit.
    private static func age(_ age: Duration) -> String {
        let seconds = Int(age / .seconds(1))
        return switch seconds {
        case ..<1: "now"
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) m"
        case ..<86_400: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    private static let gap = "  "
    /// Lines do not move while an age grows.
    private static let usualAge = "59 s".count
    private static let longestName = 16
    private static let shortestName = 6
}
