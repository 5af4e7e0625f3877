import Testing

@testable import Evolution

struct PB2Tests {
    private func space() throws -> SearchSpace {
        try SearchSpace([
            Hyperparameter(name: "rate", domain: .number(1e-4...1, .log)),
            Hyperparameter(name: "depth", domain: .integer(1...9, .linear)),
            Hyperparameter(name: "kind", domain: .choice([.text("a"), .text("b"), .text("c")])),
        ])
    }

    private func proposing(_ settings: SettingValues = [:]) throws -> Specification {
        try specification(space: space()) {
            $0.apply(["exploration": "pb2"])
            $0.apply(settings)
        }
    }

    /// A population of which members gain the more the nearer their rate is to 0.01, and by b.
    private func trained(
        _ rounds: Int = 6, _ settings: SettingValues = [:]
    ) throws -> (population: Population, events: [Event]) {
        var population = population(8, try proposing(settings))
        var events: [Event] = []
        var scores = [Double](repeating: 0, count: 8)
        for _ in 0..<rounds {
            for id in 0..<8 {
                let member = population.members[id]
                scores[id] = (member.latest?.score ?? 0) + Self.gain(member.hyperparameters)
                let report = Report(
                    member: id, step: member.step + 1, score: scores[id],
                    checkpoint: "\(id) \(events.count)")
                events.append(population.report(report))
            }
        }
        return (population, events)
    }

    private static func gain(_ values: [Value]) -> Double {
        let place = (values[0].asNumber ?? 1) / 0.01
        let distance = abs(place > 1 ? place : 1 / place)
        return (values[2] == .text("b") ? 2 : 1) / (1 + distance)
    }

    // MARK: Observations

    @Test(
        "What a member gained since the state that it was trained from is observed, for each step")
    func observations() throws {
        var observations = Observations()
        var specification = try proposing()
        func state(_ step: Int, _ score: Double) -> CommittedState {
            CommittedState(
                member: 0, report: step, step: step, score: score, hyperparameters: [],
                checkpoint: "")
        }
        observations.add(state(5, 3), from: state(3, 2), by: specification)
        specification.objective = .minimize
        observations.add(state(5, 3), from: state(3, 2), by: specification)
        #expect(observations.newest.map(\.change) == [0.5, -0.5])
        #expect(observations.newest.map(\.score) == [2, -2])
        #expect(observations.newest.map(\.step) == [3, 3])
        for (one, other) in [(state(3, 1), state(3, 1)), (state(4, .nan), state(3, 1))] {
            observations.add(one, from: other, by: specification)
        }
        #expect(observations.count == 2)
        for step in 4..<400 {
            observations.add(state(step, 1), from: state(step - 1, 1), by: specification)
        }
        #expect(observations.newest.count == Observations.most)
        #expect(observations.newest.last?.step == 398)
    }

    @Test("Events tell what was observed, also of copies and of what was declined")
    func restoring() throws {
        var (population, events) = try trained()
        let live = try #require(population.proposing?.observations)
        #expect(events.contains { $0.exploit != nil })
        #expect(live.count > 8 * 5 - 1)
        var restored = resumed(population)
        restored.observe(past: events)
        #expect(restored.proposing?.observations.newest == live.newest)
        let declined = population.decline(3, reason: "")
        events.append(declined)
        restored.observe(past: events)
        #expect(restored.proposing?.observations.newest == live.newest)
    }

    // MARK: Proposals

    @Test("A model proposes what members gained most with")
    func model() throws {
        let specification = try proposing()
        var random = Scatter(5)
        let observations = (0..<60).map { _ in
            let values: [Value] = [
                .number(.random(in: 1e-4...1, using: &random)),
                .integer(.random(in: 1...9, using: &random)),
                .text(["a", "b", "c"].randomElement(using: &random)!),
            ]
            return Observation(
                step: .random(in: 0..<9, using: &random), score: 1, hyperparameters: values,
                change: Self.gain(values))
        }
        let state = CommittedState(
            member: 0, report: 9, step: 9, score: 1,
            hyperparameters: [.number(0.5), .integer(3), .text("a")], checkpoint: "")
        let request = ProposalRequest(
            specification: specification, observations: observations, states: [state],
            kernel: .init())
        let proposal = try #require(request.proposals().proposals.first)
        #expect(proposal.isOf(state))
        #expect(Self.gain(proposal.values) > Self.gain(state.hyperparameters))
        #expect(
            zip(specification.space.hyperparameters, proposal.values).allSatisfy {
                $0.domain.contains($1)
            })
        // The same is proposed again for the same.
        #expect(request.proposals().proposals == [proposal])
    }

    @Test("Without enough that was observed nothing is proposed, and a copy is perturbed")
    func few() throws {
        let (population, events) = try trained(1)
        #expect(!population.wantsProposals)
        #expect(BanditModel([], by: population.specification) == nil)
        let exploits = events.compactMap(\.exploit)
        #expect(exploits.flatMap(\.operations).allSatisfy { $0 != .proposed })
    }

    @Test("What is proposed for a state is what its next copy trains with, once")
    func once() throws {
        var (population, _) = try trained(3)
        #expect(population.wantsProposals)
        let asked = population.proposalRequest()
        let request = try #require(asked)
        #expect(!population.wantsProposals)
        #expect(request.states.count > 2)
        let guesses = request.guesses(seed: 4)
        population.take(guesses, kernel: request.kernel)
        var copies = 0
        for turn in 0..<200 {
            let id = turn % 8
            let before = population
            let reported = population.report(
                id, step: before.members[id].step + 1, score: id == 0 ? -1 : Double(id))
            guard let exploit = reported.exploit else { continue }
            let proposal = before.proposal(of: exploit.donor)
            #expect((proposal != nil) == exploit.operations.contains(.proposed))
            if let proposal { #expect(exploit.explored == proposal.values) }
            #expect(population.proposal(of: exploit.donor) == nil)
            copies += proposal == nil ? 0 : 1
        }
        #expect(copies > 0)
    }

    @Test("When a generation closes, what is proposed for a state is for one of its copies")
    func generations() throws {
        var (population, _) = try trained(
            1, ["mode": "synchronous", "fraction": 0.5, "donors_fraction": 0.1])
        for event in population.closing() where event.exploit == nil { population.apply(event) }
        for id in 0..<8 { population.report(id, step: 2, score: Double(id)) }
        let asked = population.proposalRequest()
        let request = try #require(asked)
        population.take(request.guesses(seed: 1), kernel: request.kernel)
        let exploits = population.closing().compactMap(\.exploit)
        #expect(exploits.count == 4 && Set(exploits.map(\.donor.member)).count == 1)
        #expect(exploits.map { $0.operations.contains(.proposed) } == [true, false, false, false])
    }

    @Test("A copy records what its proposal comes from, or that there was none")
    func facts() throws {
        var (population, _) = try trained(3)
        let asked = population.proposalRequest()
        let request = try #require(asked)
        let worked = request.proposals()
        population.take(worked.proposals, kernel: worked.kernel)
        var sentences = Set<String>()
        for turn in 0..<200 {
            let id = turn % 8
            let before = population
            let reported = population.report(
                id, step: before.members[id].step + 1, score: id == 0 ? -1 : Double(id))
            guard let exploit = reported.exploit else { continue }
            let verdict = try #require(reported.verdict)
            let proposal = before.proposal(of: exploit.donor)
            #expect(
                verdict[Proposal.Basis.observationsFact]
                    == Double(proposal == nil ? 0 : request.observations.count))
            #expect(verdict[Proposal.Basis.gainFact] == proposal?.basis.gain)
            #expect(Verdict(text: verdict.text) == verdict)
            let sentence = verdict.sentence(copied: "it")
            sentences.insert(sentence.contains("No hyperparameters were proposed") ? "no" : "yes")
            #expect(
                sentence.contains("proposed by a model of \(request.observations.count)")
                    == (proposal != nil))
        }
        #expect(sentences == ["no", "yes"])
    }

    @Test("What is out of a range, or no number, has a place near it")
    func places() {
        let domain = Domain.number(1e-4...1, .log)
        #expect(domain.place(of: .number(1e-4)) == .number(0))
        #expect(domain.place(of: .number(1)) == .number(1))
        #expect(domain.place(of: .number(1e300)) == .number(2))
        #expect(domain.place(of: .number(-1)) == .number(0.5))
        #expect(domain.place(of: .text("none")) == .number(0.5))
        let choice = Domain.choice((0..<300).map { .integer($0) })
        #expect(choice.place(of: .number(299)) == .category(299))
        #expect(choice.place(of: .text("other")) == .category(-1))
        #expect(choice.placeWithoutEffect != .category(-1))
    }

    @Test("While a population trains most copies are proposed, and the same ones each time")
    func training() throws {
        func run() throws -> VirtualTraining<DriftingQuadratic> {
            var task = DriftingQuadratic()
            task.rounds = 8
            var training = try VirtualTraining(task, size: 6, workers: .any(6), seed: 3) {
                $0.apply(["exploration": "pb2"])
            }
            return training.run()
        }
        let (one, other) = (try run(), try run())
        #expect(one.exploits > 3)
        #expect(2 * one.proposed > one.exploits)
        #expect(one.population.members == other.population.members)
    }

    @Test("Proposals begin and end while a population trains")
    func steering() throws {
        var (population, _) = try trained(2)
        population.apply(
            Event(kind: .changed(before: [:], after: ["exploration": "perturbation"])))
        #expect(population.proposing == nil)
        population.apply(Event(kind: .changed(before: [:], after: ["exploration": "pb2"])))
        #expect(population.proposing?.observations.count == 0)
    }
}
