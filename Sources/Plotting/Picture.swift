import Histories
import Murmuration

/// The picture of a population: its metric over steps, and each hyperparameter over steps.
package struct Picture {
    /// Empty for none, when the caption of a paper says it.
    package var title: String
    package var subtitle: String
    /// Best first.
    package var lines: [Line]
    /// The metric's, then one for each hyperparameter.
    package var panels: [Panel]
    /// The last step that is shown.
    package var steps: Double
    /// How many lines there would be if all were drawn.
    package var members: Int
    /// What a reader must know that is not in the picture.
    package var notes: [String]

    /// - Parameters:
    ///   - order: everyone who reported, best first.
    ///   - drawn: places in that order.
    ///   - metric: an extra metric to draw instead of the score.
    package init(
        of population: Population, standings: Standings, order: [Standings.Standing],
        drawn: [Int], tracks: Tracks, metric: String?, title: String?
    ) {
        let chosen = drawn.map { tracks[order[$0].member] }
        self.title = title ?? population.name
        members = order.count
        lines = drawn.map { place in
            Line(
                member: order[place].member,
                colour: Palette.colour(place: place, of: order.count),
                isBest: place == 0 && order[place].isRanked)
        }
        subtitle = Self.subtitle(standings, order: order)
        let isMinimized = population.minimize && metric == nil
        panels =
            [
                Panel(
                    metric: metric ?? "score", remark: isMinimized ? "lower is better" : nil,
                    curves: chosen.map(Curve.init(metricOf:)), nanIsHigh: isMinimized)
            ]
            + tracks.space.dimensions.indices.map {
                Panel(hyperparameter: $0, in: tracks.space, tracks: chosen)
            }
        let last = chosen.flatMap { $0.stretches.flatMap { $0.samples.map(\.step) } }.max() ?? 0
        steps = Double(max(last, 1))
        notes = []
        notes = Self.notes(self, leftOut: tracks.space.leftOut)
    }

    /// Exploits in the picture that are not marked because of their number.
    package var exploitsPerLine: Int { max(1, Self.exploits / max(lines.count, 1)) }

    /// Points of each line in each panel.
    package var pointsPerLine: Int { max(64, Self.points / max(lines.count * panels.count, 1)) }

    /// Points in all panels together: a file of a few megabytes.
    private static let points = 240_000
    /// Exploits that are marked in each panel.
    private static let exploits = 2_000

    private static func subtitle(
        _ standings: Standings, order: [Standings.Standing]
    ) -> String {
        var parts = [
            Self.count(order.count, "member"), Self.count(standings.reports, "report"),
            Self.count(standings.exploits, "exploit"),
        ]
        if let best = order.first, best.isRanked {
            let score = NumberText.score(best.score)
            parts.append("best: member \(best.member), \(score) at step \(best.step)")
        }
        return parts.joined(separator: " · ")
    }

    private static func notes(_ picture: Picture, leftOut: Int) -> [String] {
        var notes: [String] = []
        let drawn = picture.lines.count
        if drawn < picture.members {
            notes.append(
                """
                \(drawn) of \(TickLabel.number(Double(picture.members))) members are drawn: the \
                best \(min(LineChoice.best, drawn)), and others spread evenly over the final ranks.
                """)
        }
        let outside = picture.panels.reduce(0) { $0 + $1.outside }
        if outside > 0 {
            notes.append(
                """
                \(count(outside, "value")) outside of the axes: further from the middle 90 % of \
                the values than three times its width.
                """)
        }
        let unplaced = picture.panels.reduce(0) { $0 + $1.unplaced }
        if unplaced > 0 {
            notes.append(
                "\(count(unplaced, "value")) without a place on the axis: not a finite number.")
        }
        let exploits = picture.panels[0].curves.map(\.exploits.count)
        let marked = exploits.reduce(0) { $0 + min($1, picture.exploitsPerLine) }
        let all = exploits.reduce(0, +)
        if marked < all {
            notes.append(
                "\(TickLabel.number(Double(marked))) of \(count(all, "exploit")) are marked.")
        }
        if leftOut > 0 {
            notes.append("\(count(leftOut, "more hyperparameter")) left out.")
        }
        return notes
    }

    private static func count(_ number: Int, _ what: String) -> String {
        "\(TickLabel.number(Double(number))) \(what)\(number == 1 ? "" : "s")"
    }
}
