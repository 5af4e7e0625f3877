/// Where perturbing may lead a number of a range, each way as likely.
///
/// A number is multiplied by a factor. No factor moves 0, or leads to its other side: a number
/// at 0, and one of a range that crosses 0, moves by a part of the range's width instead. The width of
/// an open range is that of where members begin.
struct NumberMoves: RandomAccessCollection {
    struct Move {
        /// Where it leads before that is brought into bounds.
        let target: Double
        fileprivate let change: Change
    }

    fileprivate enum Change {
        case factor(Double)
        /// A part of the range's width.
        case shift(Double)
        /// A part of the width of where members begin.
        case initialShift(Double)
    }

    let start: Double
    let range: ClosedRange<Double>
    private let shifts: Bool
    private let width: Double
    private let isOpen: Bool
    /// Factors, or parts of the width.
    private let amounts: [Double]

    /// The parts of the width, the way down first: which one a draw means depends on the order.
    private static let parts = [-0.2, 0.2]

    /// The moves from a number in the range.
    init(
        from start: Double, in range: ClosedRange<Double>, _ details: NumberDetails,
        factors: [Double]
    ) {
        self.start = start
        self.range = range
        isOpen = details.isOpenBelow || details.isOpenAbove
        width = details.width(of: range)
        shifts = start == 0 || (range.lowerBound < 0 && range.upperBound > 0)
        amounts = shifts ? Self.parts : factors
    }

    var startIndex: Int { amounts.startIndex }
    var endIndex: Int { amounts.endIndex }

    subscript(index: Int) -> Move {
        let amount = amounts[index]
        return shifts
            ? Move(
                target: start + amount * width,
                change: isOpen ? .initialShift(amount) : .shift(amount))
            : Move(target: start * amount, change: .factor(amount))
    }

    /// What became of a move that led out of the range, in words; `nil` when none leads out.
    ///
    /// - Parameter bounds: The range as the words say it.
    func reflection<Bound>(at bounds: ClosedRange<Bound>) -> String? {
        let leadsBelow = contains { $0.target < range.lowerBound }
        let leadsAbove = contains { $0.target > range.upperBound }
        return switch (leadsBelow, leadsAbove) {
        case (true, true): "reflected at its bounds"
        case (true, false): "reflected at \(plain(bounds.lowerBound))"
        case (false, true): "reflected at \(plain(bounds.upperBound))"
        case (false, false): nil
        }
    }
}

extension NumberMoves.Move {
    /// By how much, such as "× 0.8".
    var words: String {
        switch change {
        case .factor(let factor): return "× \(plain(factor))"
        case .shift(let part): return "\(Self.percent(part)) of the range"
        case .initialShift(let part): return "\(Self.percent(part)) of the initial range"
        }
    }

    private static func percent(_ part: Double) -> String {
        "\(part < 0 ? "−" : "+") \(Int((abs(part) * 100).rounded())) %"
    }
}

/// A whole number without a point.
func plain(_ number: some Any) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
