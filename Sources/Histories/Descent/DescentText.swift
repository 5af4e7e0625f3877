import Murmuration

extension Stretches {
    /// One line of JSON: nodes, and edges between them.
    package var json: String {
        JSONLine.text(DescentGraph(self, kept: Array(all.indices)))
    }

    /// The lines of a graph in Graphviz's language.
    package var dot: [String] {
        var lines = [
            "digraph \(Self.quoted(population)) {", "  rankdir=LR;",
            "  node [shape=box, fontname=\"sans-serif\"];",
            "  edge [fontname=\"sans-serif\", fontsize=10];",
        ]
        for stretch in all {
            let steps = "steps \(stretch.start)–\(stretch.end)"
            var label = ["member \(stretch.member)", steps, NumberText.score(stretch.score)]
            if let now = stretch.now { label.append(now) }
            let style =
                stretch.living == 0
                ? ", color=gray, fontcolor=gray"
                : stretch.holders.isEmpty ? "" : ", style=filled, fillcolor=lightyellow"
            // Lines of a label are parted by an escape that is Graphviz's own.
            let text = label.map(Self.escaped).joined(separator: "\\n")
            lines.append("  \(Self.quoted(stretch.id)) [label=\"\(text)\"\(style)];")
        }
        for (index, stretch) in all.enumerated() {
            guard let parent = stretch.parent else { continue }
            let style = isCopy(index) ? " [style=dashed, label=\"copied\"]" : ""
            lines.append("  \(Self.quoted(all[parent].id)) -> \(Self.quoted(stretch.id))\(style);")
        }
        return lines + ["}"]
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    private static func escaped(_ text: String) -> String {
        Terminal.escaped(text).prefixing(["\\", "\""], with: "\\")
    }
}

extension Stretches.Stretch {
    /// Who has its last state, as "now 7, 4*"; a star for those that copied it. `nil` for nobody.
    package var now: String? {
        guard !holders.isEmpty else { return nil }
        let names = holders.prefix(Self.mostNames).map { isInherited(by: $0) ? "\($0)*" : "\($0)" }
        let more = holders.count - names.count
        return "now " + names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static let mostNames = 20
}
