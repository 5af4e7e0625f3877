import Evolution

/// What a seed decides of a population before the simulation begins.
struct SimulatedPopulation {
    /// Among those of the simulation. The coordinator counts them as they are made.
    let number: Int
    let members: Int
    /// The first worker makes it, and each brings a member.
    let grows: Bool
    let maximizes: Bool
    let interval: Int
    let burnIn: Int
    let isSynchronous: Bool
    /// Of a generation, in seconds; `nil` for none.
    let deadline: Int?
    let maxSteps: Int?
    let fraction: Double
    let donorsFraction: Double
    let minPopulationSize: Int
    let mutationProbability: Double
    /// The rule's name.
    let exploration: String
    /// The rule's name.
    let selection: String
    /// The rule's name.
    let ranking: String
    let window: Int
    let archive: Int
    let minGap: Double
    let gapUnit: String
    /// The part of the space file that says what is searched.
    let hyperparameters: String

    init(number: Int, mayGrow: Bool, _ random: inout SeededGenerator) {
        self.number = number
        grows = mayGrow && random.chance(0.2)
        let few = Int.random(in: 1...8, using: &random)
        maximizes = .random(using: &random)
        interval = .random(in: 1...3, using: &random)
        burnIn = random.chance(0.2) ? 2 : 0
        isSynchronous = random.chance(0.35)
        deadline = isSynchronous && random.chance(0.4) ? .random(in: 2...15, using: &random) : nil
        maxSteps = random.chance(0.6) ? .random(in: 6...20, using: &random) : nil
        fraction = [0, 0.2, 0.4, 0.5].randomElement(using: &random) ?? 0.2
        donorsFraction = [0.1, 0.3, 0.5].randomElement(using: &random) ?? 0.5
        minPopulationSize = .random(in: 2...5, using: &random)
        mutationProbability = random.some(1)
        exploration = random.chance(0.3) ? PB2.name : Perturbation.name
        // What is most used is drawn most.
        let drawn =
            random.chance(0.4)
            ? Truncation.name
            : SelectionStrategy.rules.map { $0.name }.randomElement(using: &random)
                ?? Truncation.name
        // Islands are there from the beginning, and have four members each.
        selection = grows && drawn == Islands.name ? Truncation.name : drawn
        members = selection == Islands.name ? few + 7 : few
        ranking =
            random.chance(0.5)
            ? LatestScore.name
            : RankingStrategy.rules.map { $0.name }.randomElement(using: &random)
                ?? LatestScore.name
        window = .random(in: 1...6, using: &random)
        archive = .random(in: 1...4, using: &random)
        minGap = random.chance(0.3) ? .random(in: 0...0.3, using: &random) : 0
        gapUnit = random.chance(0.5) ? "score" : "iqr"
        hyperparameters = Self.hyperparameters(using: &random)
    }

    var name: String { "p\(number)" }

    /// The space file of the population.
    var space: String {
        var lines = [
            "objective: \(maximizes ? "maximize" : "minimize")",
            "population_size: \(members)", "interval: \(interval)", "burn_in: \(burnIn)",
            "min_population_size: \(minPopulationSize)",
            "ranking: {type: \(ranking), window: \(window)}",
            "selection:",
            "  type: \(selection)",
            "  fraction: \(fraction)",
            "  donors_fraction: \(donorsFraction)",
            "  frequencies: [1, 2, 3]",
            "  archive: \(archive)",
            // Of few scores few differences are sure.
            "  p_value: 0.3",
            "  min_gap: \(minGap)",
            "  min_gap_unit: \(gapUnit)",
            "exploration:",
            "  type: \(exploration)",
            "  mutation_probability: \(mutationProbability)",
        ]
        if isSynchronous { lines.append("mode: synchronous") }
        if let deadline { lines.append("generation_deadline: \(deadline)") }
        if let maxSteps { lines.append("max_steps: \(maxSteps)") }
        return lines.joined(separator: "\n") + "\n" + hyperparameters
    }

    private static func hyperparameters(using random: inout SeededGenerator) -> String {
        func one(of forms: [String]) -> String { forms.randomElement(using: &random) ?? "" }
        let rate = one(of: [
            "min: 0.001, max: 1", "min: 0.001, max: 1, step: 0.001",
            "min: 0.001, max: 1, step: 0.333",
            "min: 0.001, max: 1, initial_min: 0.01, initial_max: 0.02",
            "max: 1, draw: lognormal, mean: -3, sd: 2", "draw: normal, mean: 0.5, sd: 0.1",
        ])
        let layers = one(of: [
            "min: 1, max: 8", "min: 1, max: 7, step: 2", "min: 1, draw: normal, mean: 4, sd: 9",
            "initial_min: -1, initial_max: 1, step: 2",
        ])
        let when = one(of: ["", ", when: {kind: [b, c]}", ", when: {kind: a, nesterov: true}"])
        let constraints = one(of: [
            "", "constraints: [layers < depth]",
            "constraints: [layers <= depth, layers + depth <= 12]",
        ])
        return """
            \(constraints)
            hyperparameters:
              depth: {type: int, min: 2, max: 16, step: 2}
              rate: {type: float, \(rate), scale: log}
              layers: {type: int, \(layers)\(when)}
              kind: {type: choice, values: [a, b, c]}
              nesterov: {type: bool}
              momentum: {type: ordinal, values: [0.5, 0.9, 0.99]\(when)}
            """ + "\n"
    }
}
