/// Which of a population's events are asked for.
package enum HistoryPart: Hashable, Sendable {
    /// All of them, or all of a member's.
    case everything
    /// What tells who descends from whom, without what it was trained with and why.
    case descent
    /// What happened to the population, and to none of its members.
    case population
}

extension WireHistoryPart {
    package init(_ part: HistoryPart) {
        switch part {
        case .everything: self = .unspecified
        case .descent: self = .descent
        case .population: self = .population
        }
    }
}

extension WireGetHistory {
    package func checkedPart() throws(WireError) -> HistoryPart {
        let checked: HistoryPart
        switch part {
        case .unspecified: return .everything
        case .descent: checked = .descent
        case .population: checked = .population
        case .UNRECOGNIZED(let number):
            throw WireError(
                .unsupported,
                "The part of the history is \(number), which this coordinator does not know; update it."
            )
        }
        guard !hasMember else {
            throw WireError(
                .invalid,
                "Parts are of the whole population's history; ask for a part or for a member.")
        }
        return checked
    }
}
