// How numbers that go by steps are drawn and moved.
extension Grid {
    /// The index of a number, each as likely in the scale: there a number's share is the part up to
    /// the next.
    func draw(_ scale: Scale, _ draws: inout Draws) -> Int64 {
        guard scale == .log else { return Int64(draws.below(Int(last + 1))) }
        let next = last > 0 ? self[last] + (self[last] - self[last - 1]) : self[last]
        let bounds = scale.coordinates(of: self[0]...next)
        return index(upTo: scale.value(at: bounds.lowerBound + draws.uniform() * bounds.width))
    }

    /// The index of another number near one: rounding alone would freeze the small ones, so that it
    /// moves by a step at least.
    func perturb(
        _ number: Double, _ scale: Scale, factors: [Double], _ draws: inout Draws
    ) -> Int64 {
        let start = index(near: number)
        let moves = moves(from: start, factors: factors)
        let target = moves[draws.below(moves.count)].target
        let moved = index(near: scale.reflect(target, into: moves.range))
        if moved != start { return moved }
        let rises = target == moves.start ? draws.flag() : target > moves.start
        let next = start + (rises ? 1 : -1)
        return (0...last).contains(next) ? next : start - (rises ? 1 : -1)
    }

    /// How perturbing led from one number to the other, in words; `nil` when it cannot be told.
    ///
    /// - Parameter step: The step as the words say it.
    func move<Bound>(
        from: Double, to: Double, factors: [Double], bounds: ClosedRange<Bound>, step: Double
    ) -> String? {
        let start = index(near: from)
        let moves = moves(from: start, factors: factors)
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

    private func moves(from start: Int64, factors: [Double]) -> NumberMoves {
        NumberMoves(from: self[start], in: range, factors: factors)
    }
}
