import Evolution

/// What is stored of a population otherwise than its events have it.
///
/// A score that is not a number equals one that is not a number either.
struct Differences {
    let population: String
    /// What is compared, when it is not what is stored of the present.
    var place = ""
    private(set) var faults: [Fault] = []

    init(population: String, place: String = "") {
        self.population = population
        self.place = place
    }

    mutating func compare<Thing: Equatable>(_ what: String, _ stored: Thing, _ replayed: Thing) {
        guard stored != replayed else { return }
        add(what, "\(stored)", "\(replayed)")
    }

    /// The settings that may change while a population trains.
    mutating func compare(_ stored: Specification, _ replayed: Specification) {
        for setting in Setting.steerable {
            compare(
                "the setting \(setting.name)", Self.text(stored[setting: setting]),
                Self.text(replayed[setting: setting]))
        }
    }

    /// - Parameter afterGaps: some reports and leases were pruned, on which a part depends.
    mutating func compare(_ stored: Member, _ replayed: Member, afterGaps: Bool = false) {
        let of = " of member \(replayed.id)"
        compare("the number" + of, stored.id, replayed.id)
        compare("the step" + of, stored.step, replayed.step)
        compare("the count of reports" + of, stored.reports, replayed.reports)
        compare(
            "the step that the interval counts from" + of, stored.considered, replayed.considered)
        compare("the donor" + of, Self.text(stored.donor), Self.text(replayed.donor))
        compare("whether the worker was lost" + of, stored.isLost, replayed.isLost)
        compare("whether it was removed" + of, stored.isRemoved, replayed.isRemoved)
        compare("whether it was rescued" + of, stored.isRescued, replayed.isRescued)
        compare("the generation" + of, stored.generation, replayed.generation)
        if !afterGaps {
            compare(
                "the standing" + of, Self.text(stored.standing), Self.text(replayed.standing))
            compare("who trains it" + of, stored.presence.text, replayed.presence.text)
            compare(
                "the last own scores" + of, stored.scores.text, replayed.scores.text)
        }
        compare("the latest state" + of, stored.latest, replayed.latest)
        compare("the previous state" + of, stored.previous, replayed.previous)
        if !stored.hyperparameters.isSame(as: replayed.hyperparameters) {
            add(
                "the next hyperparameters" + of, Self.text(stored.hyperparameters),
                Self.text(replayed.hyperparameters))
        }
    }

    mutating func compare(_ what: String, _ stored: CommittedState?, _ replayed: CommittedState?) {
        switch (stored, replayed) {
        case (nil, nil): return
        case (let stored?, let replayed?) where stored.isSame(as: replayed): return
        default: add(what, Self.text(stored), Self.text(replayed))
        }
    }

    /// The best states that are kept.
    mutating func compare(_ stored: [ArchivedState], _ replayed: [ArchivedState]) {
        compare("the number of the best states", stored.count, replayed.count)
        for (place, (one, other)) in zip(1..., zip(stored, replayed)) {
            let (state, another): (CommittedState?, CommittedState?) = (one.state, other.state)
            compare("the best state number \(place)", state, another)
            compare("how often that one was copied", one.copies, other.copies)
        }
    }

    private mutating func add(_ what: String, _ stored: String, _ replayed: String) {
        faults.append(
            .differs(population: population, what: what + place, stored: stored, replayed: replayed)
        )
    }

    private static func text(_ value: SettingValue?) -> String { value?.description ?? "none" }

    private static func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "none" }

    private static func text(_ standing: Standing?) -> String {
        standing.map { "\($0.rank) of \($0.ranked)" } ?? "none"
    }

    private static func text(_ values: [Value]) -> String {
        values.map(\.description).joined(separator: ", ")
    }

    private static func text(_ state: CommittedState?) -> String {
        guard let state else { return "none" }
        return "report \(state.report) of member \(state.member) at step \(state.step) with score "
            + "\(state.score), checkpoint \(state.checkpoint) and \(text(state.hyperparameters))"
    }
}

extension Presence {
    fileprivate var text: String {
        switch self {
        case .waiting: "nobody"
        case .held: "a worker"
        case .away(let since): "nobody since report \(since) of its population"
        }
    }
}

extension OwnScores {
    fileprivate var text: String {
        entries.isEmpty
            ? "none"
            : "\(fresh.count) fresh of "
                + entries.map { "\($0.score) at step \($0.step)" }.joined(separator: ", ")
    }
}

extension CommittedState {
    /// Whether it is the same state, also when its score is not a number.
    func isSame(as other: CommittedState) -> Bool {
        member == other.member && report == other.report && step == other.step
            && (score == other.score || (score.isNaN && other.score.isNaN))
            && checkpoint == other.checkpoint
            && hyperparameters.isSame(as: other.hyperparameters)
    }
}

extension [Value] {
    fileprivate func isSame(as other: [Value]) -> Bool {
        count == other.count
            && zip(self, other).allSatisfy { value, other in
                if case .number(let number) = value, case .number(let other) = other {
                    return number == other || (number.isNaN && other.isNaN)
                }
                return value == other
            }
    }
}
