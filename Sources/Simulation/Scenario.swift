import Coordinator
import Evolution

/// What a seed decides of a simulation before it begins: the populations, who trains them, and which
/// faults there are and how many.
///
/// Each fault is left out of some scenarios, so that it does not hide what the others bring about
/// (Groce et al. 2012, "Swarm testing").
struct Scenario {
    /// How long there are faults.
    let length = Duration.seconds(40)
    let settings: Settings

    let populations: [SimulatedPopulation]

    // The workers.
    let workers: Int
    /// The chance that a worker keeps its member.
    let keeping: Double
    /// Those of lower numbers have places, and are started again there.
    let placed: Int
    /// The same addresses come again, as they do for who names checkpoints by member and step.
    let reusesAddresses: Bool
    /// The chance that a worker's client is a plain one.
    let plainClients: Double
    /// The chance that a plain client which waits for an answer asks again over another connection.
    let reconnecting: Double
    /// The chance that a worker gives up what it asks, and asks it anew.
    let impatience: Double
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
    /// In each second, that a worker loses its link.
    let breaking: Double
    /// In each second, that a worker is killed.
    let workerKill: Double
    /// In each second, that a worker stands still.
    let workerStandstill: Double
    /// In each second, that the clock is set.
    let clockJump: Double
    /// In each second, that somebody steers a population.
    let steering: Double

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func some(_ most: Double) -> Double { random.some(most) }
        // Beside the first one, which may be made by the worker that comes first.
        let others = random.chance(0.4) ? Int.random(in: 1...3, using: &random) : 0
        populations = (0...others).map { number in
            SimulatedPopulation(number: number, mayGrow: number == 0, &random)
        }
        let grows = populations[0].grows
        workers = .random(in: 1...6 + others, using: &random)
        keeping = some(0.5)
        reusesAddresses = random.chance(0.3)
        plainClients = some(1)
        reconnecting = some(0.5)
        impatience = some(0.3)
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
        breaking = some(0.1)
        workerKill = some(0.05)
        workerStandstill = some(0.05)
        clockJump = some(0.1)
        steering = some(0.3)
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
        if grows {
            settings.open = OpenPopulation(
                name: populations[0].name, minimize: !populations[0].maximizes)
        }
        self.settings = settings
        placed = random.chance(0.5) ? .random(in: 1...workers, using: &random) : 0
    }
}
