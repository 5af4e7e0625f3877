import Foundation

@testable import Evolution

/// A population on workers, in virtual time: thousands of reports in a moment.
///
/// Workers take the member that has trained least, and keep it until another one has trained less; or
/// each keeps one of its own. What a member's report draws, but for a rule's draws, depends on
/// nothing else: under one seed the same reports of two rules have the same luck.
struct VirtualTraining<Task: VirtualTask> {
    enum Workers {
        /// So many, which take any member.
        case any(Int)
        /// One for each member, which keeps it.
        case each
    }

    let task: Task
    let workers: Workers
    /// Members whose workers leave for ever after three reports.
    var leaving = 0
    /// Workers differ in speed by up to a factor of e to the power of this, both ways.
    var spread = 0.0
    /// Reports after which the run ends.
    var reports: Int
    private(set) var population: Population
    /// What decides instead of the population.
    private var rule: (any VirtualRule)?
    /// The true value of the state with the best score.
    var truth: Double { picked.last ?? 0 }
    private(set) var exploits = 0
    /// Exploits of which a model proposed the hyperparameters.
    private(set) var proposed = 0
    /// Exploits of a donor with fewer steps.
    private(set) var returns = 0
    /// Reports after the workers that leave have left, and exploits among them.
    private(set) var later = (reports: 0, exploits: 0)
    /// Beginnings that are alive when half of the reports are made.
    private(set) var ancestorsAtHalf = 0
    private(set) var ancestors: [Int]
    /// After each report, the true value of the state with the best score.
    private(set) var picked: [Double] = []
    /// Copies, and those of them that left the last value as the donor had it.
    private(set) var lastKept = (copies: 0, kept: 0)
    private var bestScore = -Double.infinity
    private var weights: [Task.Weights] = []
    /// What each state was, for who copies it later.
    private var states: [StateName: State] = [:]
    /// The true value of what each member has.
    private var truths: [Double]
    private var speeds: [Double] = []
    /// When each member that is trained reports.
    private var due: [Int: Double] = [:]
    private var queue: [Int] = []

    init(
        _ task: Task, size: Int, workers: Workers, seed: UInt64, reports: Int? = nil,
        leaving: Int = 0, spread: Double = 0, rule: (any VirtualRule)? = nil,
        _ change: (inout Specification) -> Void = { _ in }
    ) throws {
        self.task = task
        self.workers = workers
        self.leaving = leaving
        self.spread = spread
        self.reports = reports ?? size * task.rounds
        self.rule = rule
        var specification = Specification(space: task.space)
        specification.seed = seed
        specification.populationSize = size
        specification.maxSteps = task.rounds
        change(&specification)
        if rule != nil { specification.fraction = 0 }
        try specification.validate()
        population = Population(specification)
        for _ in 0..<size { population.apply(population.creation()) }
        truths = Array(repeating: 0, count: size)
        ancestors = Array(0..<size)
        var random = Scatter(seed &+ 1_000_003)
        for _ in 0..<size {
            weights.append(task.beginning(&random))
            speeds.append(exp(Double.random(in: -1...1, using: &random) * spread))
        }
    }

    mutating func run() -> Self {
        queue = Array(population.members.indices)
        let count = if case .any(let count) = workers { count } else { queue.count }
        for _ in 0..<count { beginNext(at: 0) }
        while population.reports < reports, let (id, time) = due.min(by: { $0.value < $1.value }) {
            due[id] = nil
            report(id, at: time)
            if population.reports == reports / 2 { ancestorsAtHalf = Set(ancestors).count }
        }
        return self
    }

    private mutating func beginNext(at time: Double) {
        let next = queue.indices.min { step(queue[$0]) < step(queue[$1]) }
        guard let next else { return }
        let id = queue.remove(at: next)
        population.apply(Event(member: id, kind: .leased(worker: "w")))
        train(id, from: time)
    }

    private func step(_ id: Int) -> Int { population.members[id].step }

    private mutating func train(_ id: Int, from time: Double) {
        due[id] = time + speeds[id] * exp(normal(.duration, of: id) * 0.2)
    }

    private mutating func report(_ id: Int, at time: Double) {
        let member = population.members[id]
        let truth = task.train(&weights[id], with: member.hyperparameters, from: member.step)
        truths[id] = truth
        let score = truth + task.noise * normal(.score, of: id)
        picked.append(score > bestScore ? truth : picked.last ?? truth)
        bestScore = max(score, bestScore)
        let reported = commit(id, step: member.step + 1, score: score)
        states[StateName(member: id, report: reported.report)] = State(
            weights: weights[id], truth: truth, ancestor: ancestors[id])
        if let exploit = reported.exploit { follow(exploit, by: id, from: member.step + 1) }
        // A model takes no time here.
        if let request = population.proposalRequest() {
            let (proposals, kernel) = request.proposals()
            population.take(proposals, kernel: kernel)
        }
        if population.reports > 4 * population.members.count {
            later.reports += 1
            later.exploits += reported.exploit == nil ? 0 : 1
        }
        if id < leaving, population.members[id].reports == 3 {
            population.apply(Event(member: id, kind: .released(.left)))
        } else if population.isFinished(id) {
            population.apply(Event(member: id, kind: .released(.finished)))
            beginNext(at: time)
        } else if let least = queue.map(step).min(),
            least < step(id) || (least == step(id) && reported.exploit != nil)
        {
            population.apply(Event(member: id, kind: .released(.switched)))
            queue.append(id)
            beginNext(at: time)
        } else {
            train(id, from: time)
        }
    }

    private mutating func commit(_ id: Int, step: Int, score: Double) -> Reported {
        if rule == nil { return population.report(id, step: step, score: score) }
        var members = population.members
        var reported = Reported(
            report: members[id].reports + 1, step: step, score: score, checkpoint: "\(id)@\(step)",
            hyperparameters: members[id].hyperparameters)
        members[id].commit(reported)
        let specification = population.specification
        var draws = Draws(seed: specification.seed, member: id, report: reported.report)
        if step < task.rounds,
            let state = rule?.state(copiedBy: id, among: members, specification, &draws)
        {
            reported.exploit = population.exploit(of: state, &draws)
        }
        population.apply(Event(member: id, kind: .reported(reported)))
        return reported
    }

    private mutating func follow(_ exploit: Exploit, by id: Int, from step: Int) {
        exploits += 1
        proposed += exploit.operations.contains(.proposed) ? 1 : 0
        returns += exploit.donor.step < step ? 1 : 0
        lastKept.copies += 1
        lastKept.kept += exploit.explored.last == exploit.donor.hyperparameters.last ? 1 : 0
        let name = StateName(member: exploit.donor.member, report: exploit.donor.report)
        guard let state = states[name] else { preconditionFailure("A donor's state is reported.") }
        (weights[id], truths[id]) = (state.weights, state.truth)
        let again = truths[id] + task.noise * normal(.again, of: id)
        rule?.measured(id, again)
        ancestors[id] = state.ancestor
    }

    private struct StateName: Hashable {
        var member: Int
        var report: Int
    }

    private struct State {
        var weights: Task.Weights
        var truth: Double
        var ancestor: Int
    }

    private enum Luck: Int { case duration, score, again }

    /// What a member draws between two reports.
    private func normal(_ luck: Luck, of id: Int) -> Double {
        var random = Scatter(0)
        random.draws = Draws(
            seed: population.specification.seed &+ 2_000_003, member: id,
            report: 3 * population.members[id].reports + luck.rawValue)
        return random.normal()
    }
}
