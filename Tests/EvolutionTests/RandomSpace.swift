@testable import Evolution

/// Search spaces of all types, with conditions and constraints.
enum RandomSpace {
    /// One that can be searched: what cannot is drawn again.
    static func drawn(_ random: inout Scatter) -> SearchSpace {
        while true {
            let hyperparameters = (0..<Int.random(in: 2...8, using: &random)).map { number in
                Hyperparameter(name: "h\(number)", domain: domain(&random))
            }
            let conditions = conditions(of: hyperparameters, &random)
            let constraints = constraints(of: hyperparameters, &random)
            let space = try? SearchSpace(
                hyperparameters, constraints: constraints, conditions: conditions)
            if let space { return space }
        }
    }

    private static func domain(_ random: inout Scatter) -> Domain {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: .number(0.001...1, .log)
        case 1: .number(-1...1, .linear)
        case 2: .number(0...1, .linear, step: 0.125)
        case 3: .integer(1...4, .linear)
        case 4: .integer(1...1024, .log, step: 3)
        case 5: .choice([.text("a"), .text("b"), .integer(3), .flag(true)])
        case 6: .ordinal([.integer(16), .integer(32), .number(0.5)])
        case 7: .bool
        default: .fixed(.number(0.25))
        }
    }

    private static func conditions(
        of hyperparameters: [Hyperparameter], _ random: inout Scatter
    ) -> [[Condition]] {
        // Not always on those before it, so that orders are tried too.
        let order = hyperparameters.indices.shuffled(using: &random)
        var conditions: [[Condition]] = hyperparameters.map { _ in [] }
        for (turn, place) in order.enumerated() where Bool.random(using: &random) {
            for parent in order.prefix(turn).shuffled(using: &random).prefix(2) {
                let values = Self.values(of: hyperparameters[parent].domain)
                guard !values.isEmpty, Bool.random(using: &random) else { continue }
                let count = Int.random(in: 1...values.count, using: &random)
                let some = Array(values.shuffled(using: &random).prefix(count))
                conditions[place].append(Condition(parent: parent, values: some))
            }
        }
        return conditions
    }

    /// Those that a condition may name.
    private static func values(of domain: Domain) -> [Value] {
        switch domain {
        case .unordered(let domain): domain.values
        case .ordered(let domain): domain.values
        case .flag: [.flag(true), .flag(false)]
        case .int(let domain): domain.range.count < 9 ? domain.range.map(Value.integer) : []
        case .float, .constant: []
        }
    }

    private static func constraints(
        of hyperparameters: [Hyperparameter], _ random: inout Scatter
    ) -> [Constraint] {
        let numbers = hyperparameters.indices.filter {
            NumberLine(hyperparameters[$0].domain) != nil
        }.shuffled(using: &random)
        guard numbers.count > 1, Bool.random(using: &random) else { return [] }
        let order = Constraint.order(less: numbers[0], more: numbers[1], isStrict: false)
        guard numbers.count > 2, Bool.random(using: &random) else { return [order] }
        return [order, .sum(Array(numbers.prefix(3)), atMost: 1000)]
    }
}
