import Histories
import Murmuration

extension BoardView {
    init(_ board: Leaderboard) {
        let summary = board.summary
        self.init(
            population: board.population, isMinimizing: board.minimize, members: summary.members,
            ranked: summary.ranked, training: summary.training, lost: summary.lost,
            finished: summary.finished, status: summary.status,
            generation: summary.synchronous
                ? Generation(number: summary.generation, reported: summary.generationReported)
                : nil, reports: summary.reports,
            exploits: summary.exploits, quantiles: summary.quantiles,
            totalSteps: summary.totalSteps, maxSteps: summary.maxSteps,
            entries: board.entries.map(Entry.init), bestEver: board.best?.score,
            obstacle: summary.obstacle, isInsecure: summary.insecure)
    }
}

extension BoardView.Entry {
    fileprivate init(_ entry: Leaderboard.Entry) {
        let state: BoardView.State =
            switch entry.state {
            case .waiting: .waiting
            case .training: .training
            case .finished: .finished
            case .lost: .lost
            }
        self.init(
            rank: entry.rank, member: entry.member, score: entry.score, step: entry.step,
            state: state, donor: entry.donor, isInherited: entry.inherited,
            hyperparameters: entry.hyperparameters.map { name, value in
                .init(name: name, value: NumberText.hyperparameter(value))
            })
    }
}

extension BoardView.Copy {
    /// `nil` for an event that is no copy.
    init?(_ event: Event, age: Duration) {
        guard let member = event.member, let exploit = event.exploit else { return nil }
        let (step, score): (Int, Double)
        switch event.kind {
        case .reported(let report): (step, score) = (report.step, report.score)
        case .exploited(let exploited): (step, score) = (exploited.step, exploited.score)
        default: return nil
        }
        self.init(
            member: member, donor: exploit.donor, step: step, score: score,
            donorScore: exploit.score, changes: Self.changes(exploit), age: age)
    }

    private static func changes(_ exploit: Event.Exploit) -> [BoardView.Change] {
        zip(exploit.hyperparameters, exploit.operations).compactMap { hyperparameter, operation in
            let (name, value) = hyperparameter
            let former = exploit.donorHyperparameters[name]
            switch operation {
            case .kept where former != nil: return nil
            // It did not count for the donor.
            case .kept: return .set(name: name, to: NumberText.hyperparameter(value))
            case .resampled: return .drawn(name: name)
            case .perturbed where value == former: return nil
            case .perturbed, .local, .proposed:
                if case .number(let new) = value, case .number(let old) = former,
                    case let factor = new / old, factor.isFinite, factor > 0
                {
                    return .scaled(name: name, by: factor)
                }
                return .set(name: name, to: NumberText.hyperparameter(value))
            }
        }
    }
}
