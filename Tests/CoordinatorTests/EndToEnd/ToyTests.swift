import Coordinator
import Foundation
import Messages
import Murmuration
import TestSupport
import Testing

/// The toy of the paper (Jaderberg et al. 2017, figure 2), through a coordinator over TCP.
@Suite(.timeLimit(.minutes(10))) struct ToyTests {
    @Test func `A population solves what neither member solves alone`() async throws {
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

/// Two members that see only a part of what they are measured by, driven in lockstep: both report
/// before either trains on, and every decision sees what both have trained.
///
/// So a round takes one step more than it trains. The report after the training comes one step
/// early to be considered; the one after both of those, with the same parameters, is.
private struct Toy {
    let seed: Int
    let fraction: Double

    private static let rounds = 20
    private static let trained = 10
    private static let rate = 0.01

    private var name: String { "toy-\(seed)-\(fraction)" }

    private var space: String {
        """
        population_size: 2
        interval: \(Self.trained + 1)
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

    /// The better score at the end.
    func best(at url: String) async throws -> Double {
        let (address, name, space) = (try Address(url), name, space)
        try await Administrator.with(address) { administrator in
            var creation = WireCreatePopulation()
            creation.name = name
            creation.space = space
            creation.source = "toy.yaml"
            _ = try await administrator.createPopulation(creation)
        }
        // A hair apart: of two equal members each could be the better one when its turn comes.
        var trainees: [Trainee] = []
        for start in [0.9, 0.9 - 1e-12] {
            let worker = try await Worker.join(url: url, population: name)
            trainees.append(Trainee(worker: worker, start: start))
        }
        for round in 1...Self.rounds {
            for index in trainees.indices {
                try trainees[index].train(Self.trained, Self.rate)
                let early = try await trainees[index].report(at: -1)
                #expect(early.action == .continue)
            }
            for index in trainees.indices where round < Self.rounds {
                try trainees[index].follow(try await trainees[index].report(at: 0))
            }
        }
        for trainee in trainees { try await trainee.worker.leave() }
        return trainees.map(\.score).max() ?? .nan
    }
}

private struct Trainee {
    let worker: Worker
    private var parameters: [Double]

    init(worker: Worker, start: Double) {
        self.worker = worker
        parameters = [0.9, start]
    }

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

    /// Reports so many steps from the target.
    func report(at offset: Int) async throws -> Directive {
        try await worker.report(
            step: worker.targetStep + offset, score: score, checkpoint: checkpoint)
    }

    mutating func follow(_ directive: Directive) throws {
        guard directive.action == .exploit else { return }
        let checkpoint = try #require(directive.checkpoint)
        parameters = checkpoint.split(separator: " ").compactMap { Double($0) }
        try #require(parameters.count == 2)
    }
}
