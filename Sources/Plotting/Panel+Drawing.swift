import Foundation
import Histories

/// A member's line, in all panels.
package struct Line: Hashable {
    package var member: Int
    package var colour: String
    package var isBest: Bool
}

/// A rectangle in user units.
package struct Frame: Hashable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package var right: Double { x + width }
    package var bottom: Double { y + height }
}

/// What the panels of a picture have in common.
package struct PanelStyle {
    /// Best first.
    package var lines: [Line]
    /// The last step of the axis.
    package var steps: Double
    /// Points that each line of a panel may have.
    package var pointsPerLine: Int
    /// Exploits of each line of a panel that are marked at most.
    package var exploitsPerLine: Int
    /// Of circles at exploits.
    package var radius: Double
    /// Of the lines of all but the best.
    package var width: Double
}

/// Draws a panel into a frame.
package struct PanelDrawing {
    package let panel: Panel
    package let frame: Frame
    package let style: PanelStyle
    /// Tells this panel from the others of the picture.
    package let number: Int

    package func draw(into svg: inout SVG, stepLabels: Bool) {
        svg.group("g", ["class": "panel", "data-name": panel.name]) { svg in
            drawName(into: &svg)
            drawSteps(into: &svg, labels: stepLabels)
            drawValues(into: &svg)
            drawLines(into: &svg)
            drawEdges(into: &svg)
        }
    }

    // MARK: - The axes

    private func drawName(into svg: inout SVG) {
        let room = Int(frame.width / (Ink.textSize * 0.62)) - (panel.remark?.count ?? 0)
        let name = Terminal.cut(Terminal.escaped(panel.name), max(room, 8))
        svg.words(
            [
                "x": SVG.number(frame.x), "y": SVG.number(frame.y - 8), "fill": Ink.text,
                "font-weight": "bold",
            ], name, then: panel.remark,
            ["dx": "6", "fill": Ink.quiet, "font-weight": "normal"])
    }

    private func drawSteps(into svg: inout SVG, labels: Bool) {
        let room = SVG.width(TickLabel.number(style.steps), size: Ink.tickSize) + 22
        let (values, step) = Ticks.linear(
            0...style.steps, atMost: min(11, Int(frame.width / room)), whole: true)
        for (value, label) in zip(values, TickLabel.linear(values, step: step)) {
            let x = SVG.number(self.x(value))
            svg.element("path", ["d": "M\(x) \(top)V\(bottom)", "stroke": Ink.grid])
            if labels {
                svg.label(
                    label,
                    [
                        "x": x, "y": SVG.number(frame.bottom + 15), "text-anchor": "middle",
                        "font-size": SVG.number(Ink.tickSize), "fill": Ink.quiet,
                    ])
            }
        }
        if labels {
            svg.element(
                "text",
                [
                    "x": SVG.number(frame.x + frame.width / 2),
                    "y": SVG.number(frame.bottom + 30), "text-anchor": "middle",
                    "fill": Ink.text,
                ], saying: "step")
        }
    }

    private func drawValues(into svg: inout SVG) {
        let (major, minor) = Self.ticks(of: panel.axis, height: frame.height)
        for place in minor {
            let y = SVG.number(y(place: place))
            svg.element(
                "path",
                [
                    "class": "minor", "d": "M\(left) \(y)h-3.5", "stroke": Ink.axis,
                    "stroke-width": "0.6",
                ])
        }
        for tick in major {
            if case .rows = panel.axis {} else { drawGrid(at: tick.place, into: &svg) }
            svg.label(
                tick.label,
                [
                    "class": "tick", "x": SVG.number(frame.x - 7),
                    "y": SVG.number(y(place: tick.place) + 3.5), "text-anchor": "end",
                    "font-size": SVG.number(Ink.tickSize), "fill": Ink.quiet,
                ])
        }
        if case .rows(let names) = panel.axis {
            for row in names.indices.dropFirst() {
                let place = panel.axis.place(of: Double(row) - 0.5)
                drawGrid(at: place, into: &svg)
            }
        }
        svg.element(
            "path",
            [
                "d": "M\(left) \(top)V\(bottom)H\(SVG.number(frame.right))", "fill": "none",
                "stroke": Ink.axis,
            ])
    }

    private func drawGrid(at place: Double, into svg: inout SVG) {
        let y = SVG.number(y(place: place))
        svg.element("path", ["d": "M\(left) \(y)H\(SVG.number(frame.right))", "stroke": Ink.grid])
    }

    /// The ticks that an axis of this height has space for.
    package static func ticks(of axis: Axis, height: Double) -> (
        major: [Axis.Tick], minor: [Double]
    ) {
        let count =
            switch axis {
            case .rows: height / (Ink.tickSize + 2)
            case .linear, .logarithmic: min(height / spacing, mostTicks)
            }
        return axis.ticks(atMost: max(2, Int(count)))
    }

    /// Between labels of numbers, which need no more than so many.
    private static let spacing = 18.0
    private static let mostTicks = 9.0

    // MARK: - The lines

    private func drawLines(into svg: inout SVG) {
        let clip = "panel-\(number)"
        svg.group("clipPath", ["id": clip]) { svg in
            svg.element(
                "rect",
                [
                    // What stands at an edge is not cut into halves.
                    "x": SVG.number(frame.x - 3), "y": SVG.number(frame.y - 3),
                    "width": SVG.number(frame.width + 6), "height": SVG.number(frame.height + 6),
                ])
        }
        svg.group(
            "g",
            [
                "clip-path": "url(#\(clip))", "fill": "none", "stroke-linecap": "round",
                "stroke-linejoin": "round",
            ]
        ) { svg in
            // The better a member, the later, and so the higher, is its line.
            for (line, curve) in zip(style.lines, panel.curves).reversed() {
                draw(curve, of: line, into: &svg)
            }
        }
    }

    private func draw(_ curve: Curve, of line: Line, into svg: inout SVG) {
        let strokes = Thinning.thinned(
            curve.strokes, width: style.steps, budget: style.pointsPerLine
        ).map { $0.map(position) }
        let exploits = Thinning.evenly(curve.exploits, style.exploitsPerLine)
        svg.group(
            "g", ["class": "member", "data-member": "\(line.member)", "stroke": line.colour]
        ) { svg in
            let connectors = exploits.compactMap { exploit in
                exploit.to.map { [position(exploit.from), position($0)] }
            }
            if !connectors.isEmpty {
                svg.element(
                    "path",
                    [
                        "class": "connector", "d": SVG.path(connectors), "stroke-width": "0.7",
                        "stroke-dasharray": "2 2.5", "stroke-linecap": "butt",
                        "stroke-opacity": "0.75",
                    ])
            }
            if !strokes.isEmpty {
                let path = SVG.path(strokes)
                if line.isBest {
                    // A white edge sets it off from the lines below it.
                    svg.element("path", ["d": path, "stroke": "#FFFFFF", "stroke-width": "4.2"])
                }
                svg.element(
                    "path",
                    [
                        "class": "line", "d": path,
                        "stroke-width": SVG.number(line.isBest ? 2.2 : style.width),
                    ])
            }
            for exploit in exploits {
                let place = position(exploit.from)
                svg.element(
                    "circle",
                    [
                        "class": "exploit", "cx": SVG.number(place.x), "cy": SVG.number(place.y),
                        "r": SVG.number(style.radius), "fill": "#FFFFFF", "stroke-width": "0.9",
                    ])
            }
        }
    }

    /// Marks at the edges for what the axis does not show.
    private func drawEdges(into svg: inout SVG) {
        for (line, curve) in zip(style.lines, panel.curves).reversed() {
            for (x, isHigh) in columns(
                curve.strokes.joined().filter { !panel.axis.covers($0.y) })
            {
                let y = isHigh ? frame.y : frame.bottom
                let way = isHigh ? 1.0 : -1.0
                svg.element(
                    "path",
                    [
                        "class": "outside", "fill": line.colour,
                        "d":
                            "M\(SVG.number(x)) \(SVG.number(y))l-2.6 \(SVG.number(way * 4.6))h5.2z",
                    ])
            }
            for (x, isHigh) in columns(curve.unplaced) {
                let y = isHigh ? frame.y + 4 : frame.bottom - 4
                svg.element(
                    "path",
                    [
                        "class": "unplaced", "stroke": line.colour, "stroke-width": "1.1",
                        "d":
                            "M\(SVG.number(x - 2.2)) \(SVG.number(y - 2.2))l4.4 4.4m0 -4.4l-4.4 4.4",
                    ])
            }
        }
    }

    /// One place for all points that would cover each other, at either edge.
    private func columns(_ points: [Curve.Point]) -> [(x: Double, isHigh: Bool)] {
        var last = (high: -Double.infinity, low: -Double.infinity)
        var result: [(x: Double, isHigh: Bool)] = []
        for point in points.sorted(by: { $0.x < $1.x }) {
            let (x, isHigh) = (x(point.x), isHigh(point.y))
            guard x - (isHigh ? last.high : last.low) >= Self.columnWidth else { continue }
            if isHigh { last.high = x } else { last.low = x }
            result.append((x, isHigh))
        }
        return result
    }

    private static let columnWidth = 4.0

    private func isHigh(_ value: Double) -> Bool {
        value.isNaN ? panel.nanIsHigh : panel.axis.place(of: value) > 0.5
    }

    // MARK: - Positions

    private func position(_ point: Curve.Point) -> SVG.Position {
        SVG.Position(x: x(point.x), y: y(place: place(point.y)))
    }

    /// What lies outside is drawn at the edge, where it is marked.
    private func place(_ value: Double) -> Double {
        guard Curve.isPlaced(value) else { return isHigh(value) ? 1 : 0 }
        return min(max(panel.axis.place(of: value), 0), 1)
    }

    private func x(_ step: Double) -> Double { frame.x + frame.width * step / style.steps }
    private func y(place: Double) -> Double { frame.bottom - frame.height * place }
    private var left: String { SVG.number(frame.x) }
    private var top: String { SVG.number(frame.y) }
    private var bottom: String { SVG.number(frame.bottom) }
}
