import Murmuration

/// Lines of descent as a tree for a terminal: a bullet for what was trained without a fork, and
/// below it those that went on from its end.
struct DescentTree {
    private let stretches: Stretches
    private let isWhole: Bool
    /// `nil` for as wide as it gets.
    private let width: Int?

    /// A larger tree shows that many lines, those that most members descend from.
    static let mostLines = 100
    /// A line with more stretches shows its first and its last ones.
    static let mostStretches = 9

    /// - Parameter isWhole: Whatever there is, however much it is.
    init(_ stretches: Stretches, isWhole: Bool, width: Int?) {
        self.stretches = stretches
        self.isWhole = isWhole
        self.width = width
    }

    func lines() -> [String] {
        let shown = shown()
        var lines = [title, ""]
        for root in stretches.roots where shown.contains(root) {
            append(root, first: "", rest: "", shown, to: &lines)
        }
        if let more = leftOut(of: stretches.roots, shown) { lines.append(more) }
        return lines + foot
    }

    private var title: String {
        let (members, stateless) = (stretches.members, stretches.stateless)
        var title = """
            \(stretches.population): \(members - stateless) of \(members) members have a state; \
            they descend from \(stretches.livingBeginnings) of \(stretches.beginnings) beginnings.
            """
        title += " \(NumberText.count(stretches.exploits)) exploits"
        if stretches.declined > 0 { title += ", \(stretches.declined) of them declined" }
        return title + "."
    }

    private var foot: [String] {
        var foot: [String] = []
        if stretches.all.isEmpty {
            foot.append("There is no line to show yet.")
        } else {
            foot += [
                "",
                """
                “10 to 30 (0.9)”: member 10 trained to step 30 and scored 0.9.  “→”: a copy of \
                what is before or above.
                “on”: went on itself.  “now”: who has this state; * has reported nothing since \
                it copied.
                """,
            ]
        }
        if !isWhole, stretches.deadStates > 0 {
            let dead = stretches.beginnings - stretches.livingBeginnings
            foot.append(
                """
                Left out: \(dead) beginnings and \(NumberText.count(stretches.deadStates)) states \
                from which no member descends any more; --all shows them.
                """)
        }
        return foot
    }

    // MARK: - Choosing

    /// The stretches from `index` on that follow each other without a fork.
    private func run(from index: Int) -> [Int] {
        var run = [index]
        while let last = run.last, stretches.all[last].holders.isEmpty,
            stretches.all[last].children.count == 1
        {
            run.append(stretches.all[last].children[0])
        }
        return run
    }

    /// The stretches with which the lines begin that are shown.
    private func shown() -> Set<Int> {
        if isWhole { return Set(stretches.all.indices) }
        var shown: Set<Int> = []
        var open = stretches.roots
        while shown.count < Self.mostLines {
            guard let next = open.indices.min(by: { stretches.isGreater(open[$0], open[$1]) })
            else { break }
            let index = open.remove(at: next)
            shown.insert(index)
            open += fork(of: run(from: index))
        }
        return shown
    }

    /// What goes on from the end of a line, what most descends from first.
    private func fork(of run: [Int]) -> [Int] { stretches.all[run[run.count - 1]].children }

    /// Says how many lines are left out, if any are.
    private func leftOut(of indices: [Int], _ shown: Set<Int>) -> String? {
        let missing = indices.filter { !shown.contains($0) }
        guard !missing.isEmpty else { return nil }
        let living = missing.reduce(0) { $0 + stretches.all[$1].living }
        return """
            … \(missing.count) more \(missing.count == 1 ? "line" : "lines"), from which \
            \(living) \(living == 1 ? "member descends" : "members descend")
            """
    }

    // MARK: - Drawing

    /// Draws a line and all that descends from it: first the branches, and then, under the line
    /// itself, the branch from which most descends. So a tree is hardly ever deep.
    private func append(
        _ root: Int, first: String, rest: String, _ shown: Set<Int>, to lines: inout [String]
    ) {
        var first = first
        var next: Int? = root
        while let index = next {
            let run = run(from: index)
            let children = fork(of: run)
            let visible = children.filter(shown.contains)
            lines += wrapped(
                words(run), first: first + "● ", rest: rest + (children.isEmpty ? "    " : "│   "))
            for child in visible.dropFirst().reversed() {
                append(child, first: rest + "├─", rest: rest + "│ ", shown, to: &lines)
            }
            if let more = leftOut(of: children, shown) { lines.append(rest + (visible.isEmpty ? "╰ " : "├ ") + more) }
            next = visible.first
            first = rest
        }
    }

    /// What a line says, in parts that stay together.
    private func words(_ run: [Int]) -> [String] {
        var words = run.map(word)
        let edge = Self.mostStretches / 2
        if !isWhole, words.count > Self.mostStretches {
            let between = words.count - 2 * edge
            words.replaceSubrange(
                edge..<(words.count - edge), with: ["→ … \(between) copies …"])
        }
        let last = stretches.all[run[run.count - 1]]
        if let now = last.now { words[words.count - 1] += "  \(now)" }
        if last.living == 0, last.children.isEmpty { words[words.count - 1] += "  died out" }
        return words
    }

    private func word(_ index: Int) -> String {
        let stretch = stretches.all[index]
        let goesOn = stretch.parent != nil && !stretches.isCopy(index)
        return (stretches.isCopy(index) ? "→ " : "") + "\(stretch.member) "
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
