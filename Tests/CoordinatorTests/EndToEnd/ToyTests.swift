import Coordinator
import Foundation
import Messages
import Murmuration
import Testing

/// The toy of the paper (Jaderberg et al. 2017, figure 2), through a coordinator over TCP.
@Suite(.timeLimit(.minutes(3))) struct ToyTests {
    @Test func `A population solves the paper's toy, which neither member solves alone`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        let url = try #require(coordinator.url)
        var best: [Double] = []
        for seed in 1...50 {
            best.append(try await Toy(seed: seed, fraction: 0.2).best(at: url))
        }
        best.sort()
        let median = (best[24] + best[25]) / 2
        #expect(median >= 1.18, "of \(best)")
        let alone = try await Toy(seed: 1, fraction: 0).best(at: url)
        #expect(abs(alone - 0.39) < 0.005)
        await coordinator.shutDown()
    }
}

/// Two members that see only a part of what they are measured by.
private struct Toy {
    let seed: Int
    let fraction: Double

    private static let steps = 200
    private static let interval = 10
    private static let rate = 0.01

    private var name: String { "toy-\(seed)-\(fraction)" }

    private var space: String {
        """
        population_size: 2
        interval: \(Self.interval)
        max_steps: \(Self.steps)
        seed: \(seed)
        min_population_size: 2
        selection: {type: truncation, fraction: \(fraction)}
        exploration: {resample_probability: 0.25, perturbation_factors: [0.8, 1.2]}
        hyperparameters:
          h0: {type: float, min: 0, max: 1}
          h1: {type: float, min: 0, max: 1}
        points_to_evaluate:
          - {h0: 1, h1: 0}
          - {h0: 0, h1: 1}

        """
    }

    /// The best score at the end, with workers in lockstep: both report before either trains on.
    func best(at url: String) async throws -> Double {
        let address = try Address(url)
        let (name, space) = (name, space)
        try await Administrator.with(address) { administrator in
            var creation = WireCreatePopulation()
            creation.name = name
            creation.space = space
            creation.source = "toy.yaml"
            _ = try await administrator.createPopulation(creation)
        }
        var trainees: [Trainee] = []
        for _ in 0..<2 {
            trainees.append(Trainee(worker: try await Worker.join(url: url, population: name)))
        }
        var best = -Double.infinity
        for _ in 0..<Self.steps / Self.interval {
            for index in trainees.indices { try trainees[index].train(Self.interval, Self.rate) }
            best = -Double.infinity
            var directives: [Directive] = []
            for trainee in trainees {
                best = max(best, trainee.score)
                directives.append(
                    try await trainee.worker.report(
                        step: trainee.worker.targetStep, score: trainee.score,
                        checkpoint: trainee.checkpoint))
            }
            for index in trainees.indices { try trainees[index].follow(directives[index]) }
        }
        for trainee in trainees { try await trainee.worker.leave() }
        return best
    }
}

private struct Trainee {
    let worker: Worker
    private var parameters = [0.9, 0.9]

    init(worker: Worker) { self.worker = worker }

    var score: Double { 1.2 - parameters.map { $0 * $0 }.reduce(0, +) }

    /// A description of a Double is exact.
    var checkpoint: String { parameters.map(\.description).joined(separator: " ") }

    /// Gradient ascent on what the hyperparameters show of the score.
    mutating func train(_ steps: Int, _ rate: Double) throws {
        let weights = try ["h0", "h1"].map { try worker.hyperparameters.number($0) }
        for _ in 0..<steps {
            for index in parameters.indices {
                parameters[index] -= rate * 2 * weights[index] * parameters[index]
            }
        }
    }

    mutating func follow(_ directive: Directive) throws {
        guard directive.action == .exploit else { return }
        let checkpoint = try #require(directive.checkpoint)
        parameters = checkpoint.split(separator: " ").compactMap { Double($0) }
        try #require(parameters.count == 2)
    }
}
