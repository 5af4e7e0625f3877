/// Why a population ended by itself.
package enum Ending: String, Hashable, Sendable, CaseIterable {
    case reports = "report_budget"
    case steps = "step_budget"
    case time = "time_budget"
    case plateau
}

extension Population.Status: RawRepresentable {
    /// In a word, which journals have.
    package var rawValue: String {
        switch self {
        case .active: "active"
        case .paused: "paused"
        case .ended(nil): "ended"
        case .ended(let ending?): ending.rawValue
        }
    }

    package init?(rawValue: String) {
        switch rawValue {
        case "active": self = .active
        case "paused": self = .paused
        case "ended": self = .ended(nil)
        default:
            guard let ending = Ending(rawValue: rawValue) else { return nil }
            self = .ended(ending)
        }
    }
}

extension Population {
    /// Why it is over, as its reports are now; `nil` when it goes on. A plateau is looked for once an
    /// interval, when as many reports were made as there are members.
    package var endingAfterReport: Ending? {
        reports.isMultiple(of: max(1, tally.members)) ? ending : budgetThatIsUsedUp
    }

    /// Why it is over, as its reports are now; `nil` when it goes on.
    package var ending: Ending? { budgetThatIsUsedUp ?? (plateau?.isOne == true ? .plateau : nil) }

    private var budgetThatIsUsedUp: Ending? {
        if let budget = specification.reportBudget, reports >= budget { return .reports }
        if let budget = specification.stepBudget, tally.steps >= budget { return .steps }
        return nil
    }

    /// What became of the members' scores in the last intervals; `nil` where too few have been measured
    /// so often, or none is asked for.
    ///
    /// Noise is what the members' gains differ by: each one's last scores are halved, and the mean of
    /// the later ones compared with that of those before.
    package var plateau: Plateau? {
        guard let intervals = specification.plateau else { return nil }
        let half = intervals / 2
        let counting = members.filter { !$0.isRemoved && evidence.counts($0.presence) }
        let gains = counting.compactMap { member -> Double? in
            let scores = member.scores.entries.suffix(2 * half).map(\.score)
            guard scores.count == 2 * half, scores.allSatisfy(\.isFinite) else { return nil }
            let gain = mean(scores.suffix(half)) - mean(scores.prefix(half))
            return specification.objective == .maximize ? gain : -gain
        }
        guard gains.count >= Plateau.leastMembers, 2 * gains.count >= counting.count else {
            return nil
        }
        let gain = mean(gains[...])
        let squares = gains.reduce(0) { $0 + ($1 - gain) * ($1 - gain) }
        let count = Double(gains.count)
        return Plateau(
            gain: gain, error: (squares / (count - 1) / count).squareRoot(),
            isBestRecent: isBestRecent(half))
    }

    /// Whether the best state is one of its member's last reports.
    private func isBestRecent(_ reports: Int) -> Bool {
        guard let best, evidence.counts(members[best.member].presence) else { return false }
        return members[best.member].reports - best.report < reports
    }

    private func mean(_ numbers: ArraySlice<Double>) -> Double {
        numbers.reduce(0) { $0 + $1 / Double(numbers.count) }
    }

    /// Why it has ended, and what to do.
    package func sentence(_ ending: Ending) -> String {
        let setting = ending.rawValue
        let value = Setting.named(setting).flatMap { specification[setting: $0] }
        let amount = value.map { " (\($0))" } ?? ""
        switch ending {
        case .reports, .steps, .time:
            return "The population has ended, for its \(setting)\(amount) is used up: raise it and "
                + "resume, to go on."
        case .plateau:
            let numbers = plateau.map { " by \($0)" } ?? ""
            return "The population has ended, for nothing was gained beyond noise in its last "
                + "intervals (plateau\(value.map { " \($0)" } ?? "")); its members' scores "
                + "changed\(numbers): raise it or set it to none, and resume, to go on."
        }
    }
}

/// What became of the members' scores in the last intervals.
package struct Plateau: Hashable, Sendable, CustomStringConvertible {
    /// By how much they became better, in the mean of the members.
    package var gain: Double
    /// Its standard error.
    package var error: Double
    /// The best state ever came within the later half.
    package var isBestRecent: Bool

    /// What fewer gain differs too much.
    static let leastMembers = 4

    /// Nothing was gained beyond noise: not two standard errors, and no best state either.
    package var isOne: Bool { !isBestRecent && gain <= 2 * error }

    package var description: String { "\(rounded(gain)) ± \(rounded(error))" }

    private func rounded(_ number: Double) -> String {
        Verdict(outcome: "", facts: [Verdict.Fact("number", number)]).text("number")
    }
}
