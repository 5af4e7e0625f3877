import Murmuration

extension NumberText {
    /// In the place of a hyperparameter that does not count.
    package static let inactive = "–"

    package static func hyperparameter(_ value: HyperparameterValue) -> String {
        switch value {
        case .number(let number): hyperparameter(number)
        case .integer, .text, .flag, .list, .null: value.description
        }
    }

    /// All of them on a line, without control characters.
    package static func hyperparameters(_ hyperparameters: Hyperparameters) -> String {
        hyperparameters.map { "\(Terminal.escaped($0)) \(Terminal.escaped(hyperparameter($1)))" }
            .joined(separator: ", ")
    }
}
