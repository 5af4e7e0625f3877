/// Says which line is whose, and what the marks mean.
package struct Legend {
    private let items: [Placed]
    package let height: Double

    private struct Placed {
        var item: Item
        var x: Double
        var y: Double
    }

    private enum Item {
        case text(String)
        case line(String, colour: String, isBest: Bool)
        /// The colours from the best to the worst.
        case scale
        case exploit
        case outside
        case unplaced

        var words: String {
            switch self {
            case .text(let words), .line(let words, _, _): words
            case .scale: "the others by their final rank, from the second to the last"
            case .exploit: "exploit, and where it goes on"
            case .outside: "outside of the axis"
            case .unplaced: "not a finite number"
            }
        }

        /// Of what is drawn before the words.
        var swatch: Double {
            switch self {
            case .text: 0
            case .line: 20
            case .scale: 90
            case .exploit: 34
            case .outside, .unplaced: 12
            }
        }
    }

    private static let rowHeight = 16.0
    private static let space = 14.0

    package init(_ picture: Picture, top: Double, width: Double) {
        let members = Self.members(picture)
        let marks = Self.marks(picture)
        var items: [Placed] = []
        var (x, y) = (Layout.margin, top + 8)
        func place(_ item: Item) {
            let needed = item.swatch + SVG.width(item.words, size: Ink.tickSize) + Self.space
            if x > Layout.margin, x + needed - Self.space > Layout.margin + width { newRow() }
            items.append(Placed(item: item, x: x, y: y))
            x += needed
        }
        func newRow() {
            x = Layout.margin
            y += Self.rowHeight
        }
        for item in members { place(item) }
        if !marks.isEmpty {
            newRow()
            for item in marks { place(item) }
        }
        self.items = items
        height = y - top + 8
    }

    private static func members(_ picture: Picture) -> [Item] {
        let best = picture.lines.first { $0.isBest }
        guard picture.members > Palette.most else {
            return [.text("member")]
                + picture.lines.map {
                    .line(
                        $0.isBest ? "\($0.member) (best)" : "\($0.member)", colour: $0.colour,
                        isBest: $0.isBest)
                }
        }
        let first = best.map {
            [Item.line("member \($0.member), the best", colour: $0.colour, isBest: true)]
        }
        return (first ?? []) + [.scale]
    }

    private static func marks(_ picture: Picture) -> [Item] {
        var marks: [Item] = []
        if picture.panels.contains(where: { $0.curves.contains { !$0.exploits.isEmpty } }) {
            marks.append(.exploit)
        }
        if picture.panels.contains(where: { $0.outside > 0 }) { marks.append(.outside) }
        if picture.panels.contains(where: { $0.unplaced > 0 }) { marks.append(.unplaced) }
        return marks
    }

    package func draw(into svg: inout SVG) {
        svg.group(
            "g",
            [
                "class": "legend", "font-size": SVG.number(Ink.tickSize), "fill": Ink.text,
            ]
        ) { svg in
            for placed in items {
                draw(placed, into: &svg)
                svg.element(
                    "text",
                    [
                        "x": SVG.number(placed.x + placed.item.swatch),
                        "y": SVG.number(placed.y + 3.5),
                    ], saying: placed.item.words)
            }
        }
    }

    private func draw(_ placed: Placed, into svg: inout SVG) {
        let (x, y) = (SVG.number(placed.x), SVG.number(placed.y))
        switch placed.item {
        case .text: break
        case .line(_, let colour, let isBest):
            svg.element(
                "path",
                [
                    "class": "key", "d": "M\(x) \(y)h15", "stroke": colour,
                    "stroke-width": isBest ? "2.2" : "1.4",
                ])
        case .scale:
            for part in 0..<Self.scaleParts {
                let width = (placed.item.swatch - 8) / Double(Self.scaleParts)
                svg.element(
                    "rect",
                    [
                        "x": SVG.number(placed.x + Double(part) * width),
                        "y": SVG.number(placed.y - 4), "height": "8",
                        // No gaps where one colour meets the next.
                        "width": SVG.number(width + (part < Self.scaleParts - 1 ? 0.3 : 0)),
                        "fill": Palette.scale(Double(part) / Double(Self.scaleParts - 1)),
                    ])
            }
        case .exploit:
            svg.element(
                "path",
                [
                    "d": "M\(x) \(y)m3 0h24", "stroke": Ink.quiet, "stroke-width": "0.7",
                    "stroke-dasharray": "2 2.5",
                ])
            svg.element(
                "circle",
                [
                    "cx": SVG.number(placed.x + 3), "cy": y, "r": "2.3", "fill": "#FFFFFF",
                    "stroke": Ink.quiet, "stroke-width": "0.9",
                ])
        case .outside:
            svg.element(
                "path",
                ["d": "M\(x) \(y)m3.6 -2.4l-2.6 4.6h5.2z", "fill": Ink.quiet])
        case .unplaced:
            svg.element(
                "path",
                [
                    "d": "M\(x) \(y)m1.4 -2.2l4.4 4.4m0 -4.4l-4.4 4.4", "stroke": Ink.quiet,
                    "stroke-width": "1.1",
                ])
        }
    }

    private static let scaleParts = 24
}
