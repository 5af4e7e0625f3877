import Foundation
import Histories

/// One diagram of a picture: a number of each member over steps.
package struct Panel {
    package var name: String
    /// Explains the name: a log scale, what is better.
    package var remark: String?
    package var axis: Axis
    /// A curve for each line of the picture, in the same order.
    package var curves: [Curve]
    /// NaN is shown at this end of the axis.
    package var nanIsHigh = false

    /// The metric over steps.
    package init(metric name: String, remark: String?, curves: [Curve], nanIsHigh: Bool) {
        self.name = name
        self.remark = remark
        self.curves = curves
        self.nanIsHigh = nanIsHigh
        axis = .linear(AxisRange.covering(Self.values(curves)))
    }

    /// A hyperparameter over steps.
    package init(hyperparameter index: Int, in space: PlottedSpace, tracks: [Track]) {
        let dimension = space.dimensions[index]
        name = dimension.name
        if space.hasRows(index) {
            let (names, rowOfCode) = space.rows(index)
            axis = .rows(names)
            curves = tracks.enumerated().map { place, track in
                let offset = Self.offset(place, of: tracks.count)
                return Curve(hyperparameter: index, of: track) { code in
                    code.isNaN ? code : Double(rowOfCode[Int(code)]) + offset
                }
            }
        } else if dimension.log {
            remark = "log scale"
            curves = tracks.map { Curve(hyperparameter: index, of: $0, place: log10) }
            axis = .logarithmic(AxisRange.covering(Self.values(curves)))
        } else {
            curves = tracks.map { Curve(hyperparameter: index, of: $0) }
            axis = .linear(
                AxisRange.covering(Self.values(curves)), whole: dimension.kind == .integer)
        }
    }

    /// Values that the axis does not reach.
    package var outside: Int {
        curves.reduce(0) { sum, curve in
            sum + curve.strokes.joined().count { !axis.covers($0.y) }
        }
    }

    /// Values that have no place on any axis.
    package var unplaced: Int { curves.reduce(0) { $0 + $1.unplaced.count } }

    /// Lines in one row lie side by side, the best one highest.
    private static func offset(_ place: Int, of count: Int) -> Double {
        count < 2 ? 0 : rowUse * (0.5 - Double(place) / Double(count - 1))
    }

    /// The part of a row's height that its lines take.
    private static let rowUse = 0.64

    private static func values(_ curves: [Curve]) -> [Double] {
        curves.flatMap { $0.strokes.joined().map(\.y) }
    }
}
