import Murmuration

extension BoardView {
    init(_ board: Leaderboard) {
        let summary = board.summary
        self.init(
            population: board.population, isMinimizing: board.minimize, members: summary.members,
            ranked: summary.ranked, training: summary.training, finished: summary.finished,
            reports: summary.reports, exploits: summary.exploits, quantiles: summary.quantiles,
            totalSteps: summary.totalSteps, maxSteps: summary.maxSteps,
            entries: board.entries.map(Entry.init), isInsecure: summary.insecure)
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

extension NumberText {
    static func hyperparameter(_ value: HyperparameterValue) -> String {
        switch value {
        case .number(let number): hyperparameter(number)
        case .integer, .text, .flag: value.description
        }
    }
}
