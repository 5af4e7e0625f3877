/// What a Gaussian process expects to gain most (PB2: Parker-Holder et al., arXiv 2002.02518).
///
/// What it proposes is worked out beside the decisions, for the donors that there are, from what members
/// gained. A copy of a state for which there is no proposal is perturbed.
package struct PB2: ExplorationRule {
    package static let name = "pb2"
    package static let summary = """
        A model of what members gained with their hyperparameters proposes the next ones; a copy for \
        which there is no proposal is perturbed. Not shown to be better than perturbing yet.
        """
    package static let settings: [Setting] = []

    private let perturbation: Perturbation

    package init(_ specification: Specification) { perturbation = Perturbation(specification) }

    package func explore(
        _ values: [Value], in space: SearchSpace, _ draws: inout Draws
    ) -> ([Value], [Operation]) {
        perturbation.explore(values, in: space, &draws)
    }
}

/// What the next copy of a state is to train with.
package struct Proposal: Hashable, Sendable {
    /// The state, by the member that trained it and which of its reports made it.
    package var member: Int
    package var report: Int
    package var values: [Value]
    package var basis: Basis

    /// What a proposal comes from. It is recorded with the copy.
    package struct Basis: Hashable, Sendable {
        /// Of so many intervals.
        package var observations: Int
        /// What is gained for each step, as the model expects it, and where it is not sure.
        package var gain: Double
        package var bound: Double

        static let observationsFact = "proposal_observations"
        static let gainFact = "proposal_gain"
        static let boundFact = "proposal_bound"

        /// Of a copy for which nothing was proposed.
        static let missing = [Verdict.Fact(observationsFact, 0)]

        var facts: [Verdict.Fact] {
            [
                Verdict.Fact(Self.observationsFact, observations),
                Verdict.Fact(Self.gainFact, gain), Verdict.Fact(Self.boundFact, bound),
            ]
        }
    }

    package init(of state: CommittedState, values: [Value], basis: Basis) {
        (member, report) = (state.member, state.report)
        (self.values, self.basis) = (values, basis)
    }

    func isOf(_ state: CommittedState) -> Bool {
        (member, report) == (state.member, state.report)
    }
}

/// All that proposals are worked out from, by whoever has the time.
package struct ProposalRequest: Sendable {
    package let specification: Specification
    package let observations: [Observation]
    /// Those that may be copied next.
    package let states: [CommittedState]
    /// From which the model's search begins.
    package let kernel: GaussianProcess.Kernel

    /// For more states there are none at a time.
    package static let mostStates = 16

    /// Takes a fraction of a second of processor time for many observations.
    package func proposals() -> (proposals: [Proposal], kernel: GaussianProcess.Kernel) {
        guard var model = BanditModel(observations, by: specification, from: kernel) else {
            return ([], kernel)
        }
        let proposals = states.compactMap { state -> Proposal? in
            var draws = Draws(
                seed: specification.seed, member: state.member, report: state.report,
                purpose: .proposal)
            return model.proposal(from: state, { candidate(from: state, &$0) }, &draws)
        }
        return (proposals, model.kernel)
    }

    /// Some without a model, for simulations: any values might be proposed.
    package func guesses(seed: UInt64) -> [Proposal] {
        states.map { state in
            var draws = Draws(
                seed: seed, member: state.member, report: state.report, purpose: .proposal)
            return Proposal(
                of: state, values: candidate(from: state, &draws),
                basis: Proposal.Basis(observations: observations.count, gain: 0, bound: 0))
        }
    }

    /// Anywhere in the space, or near to what the state was trained with.
    private func candidate(from state: CommittedState, _ draws: inout Draws) -> [Value] {
        let space = specification.space
        let perturbation = Perturbation(specification)
        let isAnywhere = draws.flag()
        return space.explored(from: state.hyperparameters) {
            if !isAnywhere {
                return perturbation.explore(state.hyperparameters, in: space, &draws)
            }
            let drawn = space.hyperparameters.map { $0.domain.draw(&draws) }
            return (drawn, drawn.map { _ in .resampled })
        }.0
    }
}

// MARK: - In a population

extension Population {
    /// Whether its copies train with what is proposed, where something is.
    package var takesProposals: Bool { proposing != nil }

    /// Whether proposals should be worked out: members gained enough since the last time.
    package var wantsProposals: Bool {
        guard let observations = proposing?.observations else { return false }
        let since = observations.count - (proposing?.asked ?? 0)
        return status == .active && observations.newest.count >= BanditModel.leastObservations
            && since >= max(1, tally.members / 4)
    }

    /// What proposals are to be worked out from now; `nil` when nothing asks for them.
    package mutating func proposalRequest() -> ProposalRequest? {
        guard wantsProposals, let observations = proposing?.observations else { return nil }
        proposing?.asked = observations.count
        let donors = min(ranking.donors, ProposalRequest.mostStates)
        let present = (0..<donors).compactMap { members[ranking.donor(at: $0 + 1)].latest }
        let best = archive.states.map(\.state).filter { !present.contains($0) }
        return ProposalRequest(
            specification: specification, observations: observations.newest,
            states: Array((present + best).prefix(ProposalRequest.mostStates)),
            kernel: proposing?.kernel ?? GaussianProcess.Kernel())
    }

    /// Takes what was worked out. What was before counts no more.
    package mutating func take(_ proposals: [Proposal], kernel: GaussianProcess.Kernel) {
        proposing?.proposals = proposals
        proposing?.kernel = kernel
    }

    /// Takes in what members gained before, as events tell it, oldest first. Of a member whose first events
    /// are missing its first gain is not known.
    package mutating func observe(past events: [Event]) {
        guard proposing != nil else { return }
        var observations = Observations()
        var members: [Int: Member] = [:]
        for event in events {
            guard let id = event.member, !event.kind.isOfPopulation else { continue }
            var member = members[id] ?? Member(id: id, hyperparameters: [])
            if case .reported(let reported) = event.kind, reported.checkpoint != nil {
                var committed = member
                committed.commit(reported)
                if let state = committed.latest, let base = committed.previous {
                    observations.add(state, from: base, by: specification)
                }
            }
            member.apply(event.kind)
            members[id] = member
        }
        proposing?.observations = observations
        proposing?.asked = 0
    }

    /// What is proposed for the next copy of a state.
    func proposal(of state: CommittedState) -> Proposal? {
        proposing?.proposals.first { $0.isOf(state) }
    }

    /// What is recorded of a copy's hyperparameters; nothing where no model proposes any.
    func proposalFacts(of state: CommittedState) -> [Verdict.Fact] {
        guard takesProposals else { return [] }
        return proposal(of: state)?.basis.facts ?? Proposal.Basis.missing
    }
}

/// What a population has of proposals, where its exploration asks for them. None of it is durable: what
/// came of it is in the copies.
struct Proposing: Sendable {
    var observations = Observations()
    /// How many there were when proposals were asked for last.
    var asked = 0
    var proposals: [Proposal] = []
    var kernel = GaussianProcess.Kernel()

    /// A state was copied, and what was proposed for it is for one copy.
    mutating func useUp(for state: CommittedState) { proposals.removeAll { $0.isOf(state) } }
}
