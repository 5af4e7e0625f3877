/// Which members of a population are drawn, when there are too many for one picture.
package enum LineChoice {
    /// More lines than this only cover each other.
    package static let bound = 40
    /// So many of the best are drawn in any case; the others are spread evenly over the ranks.
    package static let best = 10

    /// The places, from 0 for the best, that are drawn.
    package static func places(of count: Int, bound: Int = bound, best: Int = best) -> [Int] {
        guard count > bound else { return Array(0..<count) }
        let best = min(best, bound)
        let others = bound - best
        guard others > 1 else { return Array(0..<best) + (others == 1 ? [count - 1] : []) }
        // From the place after the best to the very last.
        let spread = (0..<others).map { best + $0 * (count - best - 1) / (others - 1) }
        return Array(0..<best) + spread
    }
}
