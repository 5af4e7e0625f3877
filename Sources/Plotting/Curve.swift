import Histories

/// One line in one panel, in the units of its data.
package struct Curve: Hashable {
    package var strokes: [[Point]] = []
    /// Values that have no place on an axis: NaN, infinities, and what is too large to draw.
    package var unplaced: [Point] = []
    package var exploits: [Exploit] = []

    package struct Point: Hashable {
        package var x: Double
        package var y: Double
    }

    package struct Exploit: Hashable {
        /// Where the copier was.
        package var from: Point
        /// Where it goes on; `nil` when that is not known.
        package var to: Point?
    }

    /// Values of the metric over steps.
    package init(metricOf track: Track) {
        for stretch in track.stretches {
            begin()
            if let origin = stretch.origin, let value = origin.value, Self.isPlaced(value) {
                add(origin.step, value)
            }
            for sample in stretch.samples {
                // A report without this metric says nothing; the line goes on to the next.
                if let value = sample.value { add(sample.step, value) }
            }
        }
        for takeover in track.takeovers {
            guard let value = takeover.from.value else { continue }
            exploits.append(
                Exploit(
                    from: Point(x: Double(takeover.from.step), y: value),
                    to: takeover.to.value.map { Point(x: Double(takeover.to.step), y: $0) }))
        }
        strokes.removeAll { $0.isEmpty }
    }

    /// Values of a hyperparameter: each holds for the stretch up to the report that said it.
    ///
    /// - Parameter place: Where on the axis a value is.
    package init(hyperparameter index: Int, of track: Track, place: (Double) -> Double = { $0 }) {
        for stretch in track.stretches {
            begin()
            var start = stretch.firstStep
            for sample in stretch.samples {
                let value = place(sample.hyperparameters[index])
                // It did not count there.
                if sample.hyperparameters[index].isNaN {
                    start = sample.step
                    begin()
                    continue
                }
                if Self.isPlaced(value), strokes[strokes.count - 1].last?.y != value {
                    add(start, value)
                }
                add(sample.step, value)
                start = sample.step
            }
        }
        exploits = track.takeovers.map { takeover in
            Exploit(
                from: Point(
                    x: Double(takeover.from.step), y: place(takeover.from.hyperparameters[index])),
                to: Point(
                    x: Double(takeover.to.step), y: place(takeover.to.hyperparameters[index])))
        }
        strokes.removeAll { $0.isEmpty }
    }

    private mutating func begin() {
        strokes.append([])
    }

    private mutating func add(_ step: Int, _ value: Double) {
        let point = Point(x: Double(step), y: value)
        guard Self.isPlaced(value) else {
            unplaced.append(point)
            return begin()
        }
        // What stays the same is one straight line.
        let last = strokes.count - 1
        let count = strokes[last].count
        if count > 1, strokes[last][count - 1].y == value, strokes[last][count - 2].y == value {
            strokes[last][count - 1] = point
        } else {
            strokes[last].append(point)
        }
    }

    /// Beyond it the widths of axes are no finite numbers any more.
    package static let largest = 1e300

    package static func isPlaced(_ value: Double) -> Bool { abs(value) <= largest }
}
