// How numbers that go by steps are drawn and moved.
extension Grid {
    /// The index of a number in a part of the range, of which each is as likely in the scale: there a
    /// number's share is the part up to the next.
    func draw(
        _ distribution: Distribution, _ scale: Scale, in part: ClosedRange<Double>,
        _ draws: inout Draws
    ) -> Int64 {
        let indices = indices(in: part)
        let (first, last) = (indices.lowerBound, indices.upperBound)
        switch distribution {
        case .uniform where scale == .log:
            let cells = self[first]...(self[last] + step)
            return min(max(index(upTo: distribution.draw(scale, in: cells, &draws)), first), last)
        case .uniform:
            return first + Int64(draws.below(Int(last - first + 1)))
        case .normal, .lognormal:
            return min(max(index(near: distribution.draw(scale, in: part, &draws)), first), last)
        }
    }

    /// Where perturbing leads: rounding alone would freeze the small ones, so that it is a step away at
    /// least.
    ///
    /// - Parameter moves: Those from one of the numbers.
    func perturb(_ moves: NumberMoves, _ scale: Scale, _ draws: inout Draws) -> Int64 {
        let start = index(near: moves.start)
        let target = moves[draws.below(moves.count)].target
        let moved = index(near: scale.reflect(target, into: moves.range))
        if moved != start { return moved }
        let rises = target == moves.start ? draws.flag() : target > moves.start
        let next = start + (rises ? 1 : -1)
        return (0...last).contains(next) ? next : start - (rises ? 1 : -1)
    }

    /// How perturbing led to a number, in words; `nil` when it cannot be told.
    ///
    /// - Parameters:
    ///   - bounds: The range as the words say it.
    ///   - step: The step as the words say it.
    func words<Bound>(
        of moves: NumberMoves, to: Double, bounds: ClosedRange<Bound>, step: Double
    ) -> String? {
        let start = index(near: moves.start)
        let direct = moves.first { move in
            moves.range.contains(move.target) && index(near: move.target) != start
                && self[index(near: move.target)] == to
        }
        if let words = direct?.words ?? moves.reflection(at: bounds) { return words }
        guard [start - 1, start + 1].contains(index(near: to)), number(meant: to) != nil else {
            return nil
        }
        return "\(to > self[start] ? "+" : "−") \(plain(step))"
    }
}
