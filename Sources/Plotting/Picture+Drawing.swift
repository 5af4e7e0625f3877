import Histories

extension Picture {
    /// The picture as an SVG document, in user units of about a pixel.
    package func svg() -> String {
        let layout = Layout(self)
        var svg = SVG()
        let (width, height) = (SVG.number(Layout.width), SVG.number(layout.height))
        svg.group(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height,
                "viewBox": "0 0 \(width) \(height)", "font-family": Ink.fonts,
                "font-size": SVG.number(Ink.textSize), "role": "img",
            ]
        ) { svg in
            svg.element("title", saying: title.isEmpty ? panels[0].name : title)
            svg.element("desc", saying: subtitle)
            svg.element("rect", ["width": width, "height": height, "fill": "#FFFFFF"])
            drawTitle(into: &svg)
            layout.legend.draw(into: &svg)
            for (index, place) in layout.places.enumerated() {
                PanelDrawing(
                    panel: panels[index], frame: place.frame, style: style, number: index
                ).draw(into: &svg, stepLabels: place.hasStepLabels)
            }
            drawNotes(from: layout.notes, into: &svg)
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg.text
    }

    private var style: PanelStyle {
        let exploits = panels[0].curves.reduce(0) { $0 + $1.exploits.count }
        return PanelStyle(
            lines: lines, steps: steps, pointsPerLine: pointsPerLine,
            exploitsPerLine: exploitsPerLine,
            radius: exploits > 400 ? 1.2 : exploits > 100 ? 1.7 : 2.3,
            width: lines.count > Palette.most ? 0.9 : 1.2)
    }

    private func drawTitle(into svg: inout SVG) {
        guard !title.isEmpty else { return }
        let x = SVG.number(Layout.margin)
        let room = Int((Layout.width - 2 * Layout.margin) / (Ink.titleSize * 0.6))
        svg.element(
            "text",
            [
                "x": x, "y": "27", "font-size": SVG.number(Ink.titleSize),
                "font-weight": "bold", "fill": Ink.text,
            ], saying: Terminal.cut(Terminal.escaped(title), room))
        svg.element("text", ["x": x, "y": "45", "fill": Ink.quiet], saying: subtitle)
    }

    private func drawNotes(from top: Double, into svg: inout SVG) {
        for (index, note) in notes.enumerated() {
            svg.element(
                "text",
                [
                    "class": "note", "x": SVG.number(Layout.margin),
                    "y": SVG.number(top + Double(index) * Layout.noteHeight),
                    "font-size": SVG.number(Ink.tickSize), "fill": Ink.quiet,
                ], saying: note)
        }
    }
}

/// Where everything in a picture is.
package struct Layout {
    package struct Place: Hashable {
        package var frame: Frame
        package var hasStepLabels: Bool
    }

    package let legend: Legend
    /// One for each panel.
    package private(set) var places: [Place] = []
    /// The base line of the first note.
    package private(set) var notes = 0.0
    package private(set) var height = 0.0

    package static let width = 760.0
    package static let margin = 20.0
    package static let noteHeight = 14.0
    private static let metricHeight = 250.0
    private static let panelHeight = 112.0
    private static let rowHeight = 22.0
    private static let tallest = 420.0
    /// Above a panel, for its name.
    private static let nameHeight = 26.0
    /// Below a panel, for the labels of steps.
    private static let stepsHeight = 36.0
    private static let betweenColumns = 26.0
    private static let betweenRows = 6.0
    /// More hyperparameters than this are in two columns.
    private static let oneColumn = 3

    package init(_ picture: Picture) {
        let top = picture.title.isEmpty ? 14.0 : 58.0
        legend = Legend(picture, top: top, width: Self.width - 2 * Self.margin)
        var y = top + legend.height
        let hyperparameters = Array(picture.panels.dropFirst())
        let columns = hyperparameters.count > Self.oneColumn ? 2 : 1
        let rows = stride(from: 0, to: hyperparameters.count, by: columns).map { start in
            Array(hyperparameters[start..<min(start + columns, hyperparameters.count)])
        }
        y += Self.nameHeight
        let spans = Self.spans(picture, columns: columns)
        let whole = (spans[0].start, Self.width - Self.margin)
        places.append(Self.place(whole, y, Self.metricHeight, hasStepLabels: true))
        y += Self.metricHeight + Self.stepsHeight
        for (index, row) in rows.enumerated() {
            let height = row.map(Self.height).max() ?? 0
            y += Self.nameHeight
            for column in row.indices {
                // Only where no other panel is below.
                let isLowest = index + 1 == rows.count || rows[index + 1].count <= column
                places.append(Self.place(spans[column], y, height, hasStepLabels: isLowest))
            }
            y += height + (index + 1 == rows.count ? Self.stepsHeight : Self.betweenRows)
        }
        notes = y + 12
        height = y + 8 + Double(picture.notes.count) * Self.noteHeight
    }

    private typealias Span = (start: Double, end: Double)

    /// From where to where the panels of each column reach. Those that stand below each other
    /// begin at the same place.
    private static func spans(_ picture: Picture, columns: Int) -> [Span] {
        (0..<columns).map { column in
            let below = picture.panels.enumerated().filter { index, _ in
                index == 0 ? column == 0 : (index - 1) % columns == column
            }
            let labels = below.map { labelWidth($0.element) }.max() ?? 0
            let middle = (width - betweenColumns) / 2
            return (
                (column == 0 ? margin : middle + betweenColumns) + labels,
                column + 1 == columns ? width - margin : middle
            )
        }
    }

    private static func place(
        _ span: Span, _ y: Double, _ height: Double, hasStepLabels: Bool
    ) -> Place {
        Place(
            frame: Frame(x: span.start, y: y, width: span.end - span.start, height: height),
            hasStepLabels: hasStepLabels)
    }

    private static func height(_ panel: Panel) -> Double {
        guard case .rows(let names) = panel.axis else { return panelHeight }
        return min(max(Double(names.count) * rowHeight, panelHeight), tallest)
    }

    /// How wide the labels at the left of a panel are, with the space between.
    private static func labelWidth(_ panel: Panel) -> Double {
        let ticks = PanelDrawing.ticks(of: panel.axis, height: height(panel)).major
        return (ticks.map { $0.label.width(size: Ink.tickSize) }.max() ?? 0) + 8
    }
}
