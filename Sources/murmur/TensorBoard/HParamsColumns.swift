import Histories
import Murmuration
import TensorBoard

/// The columns of the HParams dashboard: the hyperparameters in the search space's order, the score,
/// the other metrics in the order in which they came, and the hyperparameters once more as metrics,
/// since TensorBoard reads those again and again.
struct HParamsColumns {
    private let space: [String: Population.Dimension]
    private var metrics: [String] = []
    private var known: Set<String> = []
    private var names: [String] = []
    private var types: [String: Experiment.Hyperparameter.Kind] = [:]
    /// They were never asked for, or are others than then.
    var areNew = true

    init(space: [Population.Dimension]) {
        self.space = Dictionary(space.map { ($0.name, $0) }) { first, _ in first }
    }

    mutating func take(_ report: Event.Report) {
        for metric in report.metrics where known.insert(metric.name).inserted {
            metrics.append(metric.name)
            areNew = true
        }
        take(report.hyperparameters)
    }

    mutating func take(_ hyperparameters: Hyperparameters) {
        for (name, value) in hyperparameters {
            let type: Experiment.Hyperparameter.Kind =
                switch value {
                case .number, .integer: .number
                case .flag: .flag
                case .text, .list, .null: .text
                }
            // Any value can be shown as a text.
            let common = types[name].map { $0 == type ? type : .text } ?? type
            guard let former = types.updateValue(common, forKey: name) else {
                names.append(name)
                areNew = true
                continue
            }
            if former != common { areNew = true }
        }
    }

    func experiment(named name: String) -> Experiment {
        let hyperparameters = names.map { name in
            let dimension = space[name]
            var bounds: ClosedRange<Double>?
            if let min = dimension?.min, let max = dimension?.max, min <= max { bounds = min...max }
            return Experiment.Hyperparameter(
                name: Terminal.escaped(name), type: types[name] ?? .text, bounds: bounds,
                differs: dimension?.kind != .fixed)
        }
        return Experiment(
            name: name, hyperparameters: hyperparameters,
            metrics: [.init(tag: Tag.score)]
                + metrics.map { .init(tag: Tag.metric($0), title: Terminal.escaped($0)) }
                + hyperparameters.filter { $0.type != .text }
                .map { .init(tag: Tag.hyperparameter($0.name), title: "\($0.name) now") })
    }
}
