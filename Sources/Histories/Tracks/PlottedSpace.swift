import Murmuration

/// The hyperparameters that are drawn, and how a number stands for each of their values.
package struct PlottedSpace {
    /// Without the fixed ones, which have nothing to show.
    package let dimensions: [Population.Dimension]
    /// More panels than this make no picture any more.
    package static let bound = 16
    /// More names of one hyperparameter are none that somebody can tell apart.
    private static let mostNames = 4096
    /// How many hyperparameters were too many.
    package let leftOut: Int
    /// Named values by dimension, in the order in which they came.
    private var named: [[HyperparameterValue]]
    private var codes: [[HyperparameterValue: Int]]

    package init(_ space: [Population.Dimension], bound: Int = bound) {
        let shown = space.filter { $0.kind != .fixed }
        dimensions = Array(shown.prefix(bound))
        leftOut = shown.count - dimensions.count
        named = dimensions.map { _ in [] }
        codes = dimensions.map { _ in [:] }
    }

    /// A number for each dimension: its value, or the code of its name; NaN where it is missing.
    package mutating func encode(_ hyperparameters: Hyperparameters) -> [Double] {
        dimensions.indices.map { index in
            guard let value = hyperparameters[dimensions[index].name] else { return .nan }
            guard hasRows(index) else { return value.number ?? .nan }
            if let code = codes[index][value] { return Double(code) }
            let code = named[index].count
            guard code < Self.mostNames else { return .nan }
            codes[index][value] = code
            named[index].append(value)
            return Double(code)
        }
    }

    /// The values that were encoded so, without those that were missing.
    package func decode(_ numbers: [Double]) -> Hyperparameters {
        var hyperparameters = Hyperparameters()
        for (index, number) in numbers.enumerated() where !number.isNaN {
            hyperparameters[dimensions[index].name] =
                switch dimensions[index].kind {
                case .integer: Int(exactly: number).map { .integer($0) } ?? .number(number)
                case .number, .fixed: .number(number)
                case .choice, .ordinal, .bool: named[index][Int(number)]
                }
        }
        return hyperparameters
    }

    /// The name of a value that was encoded so.
    package func name(of number: Double, in index: Int) -> String? {
        guard hasRows(index), named[index].indices.contains(Int(number)) else { return nil }
        return NumberText.hyperparameter(named[index][Int(number)])
    }

    /// Its values have names, not places on a line.
    package func hasRows(_ index: Int) -> Bool {
        switch dimensions[index].kind {
        case .choice, .ordinal, .bool: true
        case .number, .integer, .fixed: false
        }
    }

    /// The names of the rows from the lowest, in the search space's order, and for each code its row.
    package func rows(_ index: Int) -> (names: [String], rowOfCode: [Int]) {
        let values = named[index]
        let declared = dimensions[index].values
        let places = Dictionary(
            zip(declared, declared.indices), uniquingKeysWith: { first, _ in first })
        let order = values.indices.sorted { left, right in
            let (one, other) = (places[values[left]], places[values[right]])
            if one != other { return one ?? declared.count < other ?? declared.count }
            return Self.precedes(values[left], values[right])
        }
        var rowOfCode = Array(repeating: 0, count: values.count)
        for (row, code) in order.enumerated() { rowOfCode[code] = row }
        return (order.map { NumberText.hyperparameter(values[$0]) }, rowOfCode)
    }

    /// Of values that the search space does not have, or does not tell: numbers by size, texts by the
    /// alphabet, false before true.
    private static func precedes(_ left: HyperparameterValue, _ right: HyperparameterValue) -> Bool
    {
        switch (left.number, right.number) {
        case (let left?, let right?): left < right
        case (nil, _?): false
        case (_?, nil): true
        case (nil, nil): left.description < right.description
        }
    }
}
