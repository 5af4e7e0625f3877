import Histories
import Murmuration

/// Lines of descent as a tree for a terminal: a bullet for what was trained without a fork, and
/// below it those that went on from its end.
package struct DescentTree {
    private let stretches: Stretches
    private let isWhole: Bool
    /// `nil` for as wide as it gets.
    private let width: Int?
    /// By the place of a stretch: whether it is drawn.
    private let isShown: [Bool]
    /// The stretches for which those are named that have their state now.
    private let ends: Set<Int>

    /// A tree shows the lines that lead to so many states that members have now, the best ones. So
    /// it has at most twice as many bullets.
    package static let mostEnds = 50
    /// A line with more stretches shows its first and its last ones.
    package static let mostStretches = 9

    /// - Parameter isWhole: Whatever there is, however much it is.
    package init(_ stretches: Stretches, isWhole: Bool, width: Int?) {
        self.stretches = stretches
        self.isWhole = isWhole
        self.width = width
        let ends = isWhole ? stretches.ends : Array(stretches.ends.prefix(Self.mostEnds))
        self.ends = Set(ends)
        isShown = isWhole ? stretches.all.map { _ in true } : stretches.ancestry(of: ends)
    }

    package func lines() -> [String] {
        var lines = Paragraph.lines(title, width: width) + [""]
        for root in stretches.roots where isShown[root] {
            append(root, first: "", rest: "", to: &lines)
        }
        return lines + legend + leftOut.flatMap { Paragraph.lines($0, width: width) }
    }

    private var title: String {
        let (members, stateless) = (stretches.members, stretches.stateless)
        var title = """
            \(Terminal.escaped(stretches.population)): \(members - stateless) of \(members) members have a state; \
            they descend from \(stretches.livingBeginnings) of \(stretches.beginnings) beginnings.
            """
        title += " \(NumberText.count(stretches.exploits)) exploits"
        if stretches.declined > 0 { title += ", \(stretches.declined) of them declined" }
        return title + "."
    }

    private var legend: [String] {
        guard !stretches.all.isEmpty else { return ["There is no line to show yet."] }
        return [
            "",
            "“10 to 30 (0.9)”  member 10 trained to step 30 and scored 0.9",
            "“→”  a copy of what is before or above; “on”  went on itself",
            "“now”  who has this state; “*”  has reported nothing since it copied",
        ]
    }

    private var leftOut: [String] {
        guard !isWhole else { return [] }
        var lines: [String] = []
        let ends = stretches.ends.count
        if ends > Self.mostEnds {
            lines.append(
                """
                Left out: all but the \(Self.mostEnds) best of \(ends) states that members have \
                now; “+” counts the members whose line leaves here. --all shows them.
                """)
        }
        if stretches.deadStates > 0 {
            let dead = stretches.beginnings - stretches.livingBeginnings
            lines.append(
                """
                Left out: \(dead) beginnings and \(NumberText.count(stretches.deadStates)) states \
                from which no member descends any more; --all shows them.
                """)
        }
        return lines
    }

    // MARK: - Lines

    /// Stretches that follow each other without a fork that is shown.
    private struct Line {
        var stretches: [Int]
        /// What goes on from its end and is shown, what most descends from first.
        var children: [Int]
        /// Members that descend from it on lines that are not shown.
        var others: Int
    }

    private func line(from index: Int) -> Line {
        var line = Line(stretches: [index], children: [], others: 0)
        var last = index
        while true {
            line.children = stretches.all[last].children.filter { isShown[$0] }
            guard line.children.count == 1, !ends.contains(last) else { break }
            last = line.children[0]
            line.stretches.append(last)
        }
        let named = ends.contains(last) ? stretches.all[last].holders.count : 0
        line.others =
            stretches.all[index].living
            - line.children.reduce(named) { $0 + stretches.all[$1].living }
        return line
    }

    /// Draws a line and all that descends from it: first the branches, and then, under the line
    /// itself, the branch from which most descends. So a tree is hardly ever deep.
    private func append(_ root: Int, first: String, rest: String, to lines: inout [String]) {
        var first = first
        var next: Int? = root
        while let index = next {
            let line = line(from: index)
            lines += wrapped(
                words(line), first: first + "● ",
                rest: rest + (line.children.isEmpty ? "    " : "│   "))
            for child in line.children.dropFirst().reversed() {
                append(child, first: rest + "├─", rest: rest + "│ ", to: &lines)
            }
            next = line.children.first
            first = rest
        }
    }

    // MARK: - Words

    /// What a line says, in parts that stay together.
    private func words(_ line: Line) -> [String] {
        var words: [String] = []
        var first = line.stretches[0]
        for (place, index) in line.stretches.enumerated() {
            let next = place + 1 < line.stretches.count ? line.stretches[place + 1] : nil
            // What one member trained is one word, also where others left it.
            if let next, !stretches.isCopy(next) { continue }
            words.append(word(from: first, to: index))
            first = next ?? first
        }
        let edge = Self.mostStretches / 2
        if !isWhole, words.count > Self.mostStretches {
            let between = words.count - 2 * edge
            words.replaceSubrange(
                edge..<(words.count - edge), with: ["→ … \(between) copies …"])
        }
        let index = line.stretches[line.stretches.count - 1]
        let last = stretches.all[index]
        var end = ""
        if let now = last.now, ends.contains(index) { end += "  \(now)" }
        if line.others > 0 {
            end += "  + \(line.others) \(line.others == 1 ? "member" : "members")"
        }
        if last.living == 0, last.children.isEmpty { end += "  died out" }
        words[words.count - 1] += end
        return words
    }

    private func word(from first: Int, to last: Int) -> String {
        let goesOn = stretches.all[first].parent != nil && !stretches.isCopy(first)
        let stretch = stretches.all[last]
        return (stretches.isCopy(first) ? "→ " : "") + "\(stretch.member) "
            + (goesOn ? "on " : "") + "to \(stretch.end) (\(NumberText.score(stretch.score)))"
    }

    private func wrapped(_ words: [String], first: String, rest: String) -> [String] {
        var lines = [first]
        for (number, word) in words.enumerated() {
            let line = lines[lines.count - 1]
            if let width, number > 0, Terminal.width(line) + 1 + Terminal.width(word) > width {
                lines.append(rest + word)
            } else {
                lines[lines.count - 1] = line + (number > 0 ? " " : "") + word
            }
        }
        return lines
    }
}
