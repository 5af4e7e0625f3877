/// Leaves out points that nobody can see, so that a picture of many reports stays small.
package enum Thinning {
    /// The strokes, with at most so many points in all.
    ///
    /// Of the points within a column it keeps the first, the lowest, the highest and the last, so
    /// that what is drawn covers the same area. The columns are as narrow as the budget allows.
    package static func thinned(
        _ strokes: [[Curve.Point]], width: Double, budget: Int
    ) -> [[Curve.Point]] {
        var result = strokes
        var columns = finest
        while count(result) > budget, columns >= 1 {
            result = strokes.map { thinned($0, column: width / columns) }
            columns /= 2
        }
        guard count(result) > budget else { return result }
        // So many strokes that even their ends are too many.
        return evenly(result.map { $0.count > 2 ? [$0[0], $0[$0.count - 1]] : $0 }, budget / 2)
    }

    /// At most so many elements, the first and the last among them, evenly spread.
    package static func evenly<Element>(_ elements: [Element], _ count: Int) -> [Element] {
        guard elements.count > count else { return elements }
        guard count > 1 else { return Array(elements.prefix(count)) }
        return (0..<count).map { elements[$0 * (elements.count - 1) / (count - 1)] }
    }

    private static let finest = 2048.0

    private static func count(_ strokes: [[Curve.Point]]) -> Int {
        strokes.reduce(0) { $0 + $1.count }
    }

    private static func thinned(_ points: [Curve.Point], column: Double) -> [Curve.Point] {
        guard points.count > 4, column > 0 else { return points }
        var result: [Curve.Point] = []
        var start = 0
        while start < points.count {
            let place = (points[start].x / column).rounded(.down)
            var end = start + 1
            while end < points.count, (points[end].x / column).rounded(.down) == place { end += 1 }
            let indices = start..<end
            let low = indices.min { points[$0].y < points[$1].y } ?? start
            let high = indices.max { points[$0].y < points[$1].y } ?? start
            let kept = [start, min(low, high), max(low, high), end - 1]
            for (index, point) in kept.enumerated() where index == 0 || kept[index - 1] != point {
                result.append(points[point])
            }
            start = end
        }
        return result
    }
}
