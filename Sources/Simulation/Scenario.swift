import Coordinator
import Evolution

/// What a seed decides of a simulation before it begins: the population, who trains it, and which
/// faults there are and how many.
///
/// Each fault is left out of some scenarios, so that it does not hide what the others bring about
/// (Groce et al. 2012, "Swarm testing").
struct Scenario {
    /// How long there are faults.
    let length = Duration.seconds(40)
    let settings: Settings

    // The population.
    let members: Int
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
    let selection: String
    /// The rule's name.
    let ranking: String
    let window: Int
    let minGap: Double
    let gapUnit: String

    // The workers.
    let workers: Int
    /// The chance that a worker keeps its member.
    let keeping: Double
    /// Those of lower numbers have places, and are started again there.
    let placed: Int
    /// The same addresses come again, as they do for who names checkpoints by member and step.
    let reusesAddresses: Bool
    /// The chance that a worker which waits for an answer asks again over another connection.
    let reconnecting: Double
    let leaving: Double
    let declining: Double
    /// The chance that an exploit is not taken over.
    let refusing: Double
    /// How many kinds of scores there are: few make many ties.
    let scores: Int

    // The disk.
    let limits: PipelineLimits
    /// How long a commit in the background takes at most, in seconds.
    let commitTime: Double

    // The faults, as chances.
    /// That a message is lost.
    let loss: Double
    /// That a message comes twice.
    let duplication: Double
    /// That a message is late.
    let delay: Double
    /// That a commit is refused.
    let failedCommit: Double
    /// That the coordinator is killed in a turn that commits.
    let crash: Double
    /// In each second, that the coordinator is killed.
    let kill: Double
    /// In each second, that the coordinator stands still.
    let standstill: Double
    /// In each second, that a worker is killed.
    let workerKill: Double
    /// In each second, that a worker stands still.
    let workerStandstill: Double
    /// In each second, that the clock is set.
    let clockJump: Double
    /// In each second, that somebody steers the population.
    let steering: Double

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func some(_ most: Double) -> Double {
            Bool.random(using: &random) ? .random(in: 0...most, using: &random) : 0
        }
        grows = random.chance(0.2)
        let few = Int.random(in: 1...8, using: &random)
        maximizes = .random(using: &random)
        interval = .random(in: 1...3, using: &random)
        burnIn = random.chance(0.2) ? 2 : 0
        isSynchronous = random.chance(0.35)
        deadline = isSynchronous && random.chance(0.4) ? .random(in: 2...15, using: &random) : nil
        maxSteps = random.chance(0.6) ? .random(in: 6...20, using: &random) : nil
        fraction = [0, 0.2, 0.4, 0.5].randomElement(using: &random) ?? 0.2
        minPopulationSize = .random(in: 2...5, using: &random)
        workers = .random(in: 1...6, using: &random)
        keeping = grows ? 1 : some(0.5)
        reusesAddresses = random.chance(0.3)
        reconnecting = some(0.5)
        leaving = some(0.05)
        declining = some(0.1)
        refusing = some(0.4)
        scores = [2, 5, 1000].randomElement(using: &random) ?? 5
        loss = some(0.2)
        duplication = some(0.2)
        delay = some(0.1)
        failedCommit = some(0.1)
        crash = some(0.03)
        kill = some(0.1)
        standstill = some(0.05)
        workerKill = some(0.05)
        workerStandstill = some(0.05)
        clockJump = some(0.1)
        steering = some(0.3)
        donorsFraction = [0.1, 0.3, 0.5].randomElement(using: &random) ?? 0.5
        mutationProbability = some(1)
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
        minGap = random.chance(0.3) ? .random(in: 0...0.3, using: &random) : 0
        gapUnit = random.chance(0.5) ? "score" : "iqr"
        commitTime = some(0.3)

        // So small that even few workers reach them.
        var limits = PipelineLimits()
        limits.requests = [1, 3, 1024].randomElement(using: &random) ?? 1024
        limits.queries = [1, 8].randomElement(using: &random) ?? 8
        limits.leastInBackground = [1, 2, 5, 64].randomElement(using: &random) ?? 1
        limits.gathering = .milliseconds(Int.random(in: 1...20, using: &random))
        self.limits = limits

        var settings = Settings()
        settings.heartbeat = .seconds(1)
        settings.lease = .seconds(5)
        settings.wait = .milliseconds(500)
        settings.pause = .seconds(1)
        settings.retention = .seconds(Int.random(in: 60...200, using: &random))
        if grows { settings.open = OpenPopulation(name: Self.population, minimize: !maximizes) }
        self.settings = settings
        placed = random.chance(0.5) ? .random(in: 1...workers, using: &random) : 0
    }

    static let population = "p"

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
            // Of few scores few differences are sure.
            "  p_value: 0.3",
            "  min_gap: \(minGap)",
            "  min_gap_unit: \(gapUnit)",
            "exploration: {mutation_probability: \(mutationProbability)}",
        ]
        if isSynchronous { lines.append("mode: synchronous") }
        if let deadline { lines.append("generation_deadline: \(deadline)") }
        if let maxSteps { lines.append("max_steps: \(maxSteps)") }
        return lines.joined(separator: "\n") + "\n" + Self.hyperparameters
    }

    static let hyperparameters = """
        hyperparameters:
          rate: {type: float, min: 0.001, max: 1, scale: log}
          layers: {type: int, min: 1, max: 8}
          kind: {type: choice, values: [a, b, c]}
        """ + "\n"
}
