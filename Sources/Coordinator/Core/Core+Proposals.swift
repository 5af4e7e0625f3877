import Evolution

// Proposals for copies, which are worked out beside the loop: what is handed out here comes back later, or
// never. None of it is durable; what came of it is in the events of the copies.
extension Core {
    /// What is to be worked out, if anything is. Until its result is taken nothing else is handed out.
    mutating func nextProposals() -> ProposalWork? {
        guard !isProposing, !wantingProposals.isEmpty else { return nil }
        // By turns, however often one asks.
        let order = wantingProposals.sorted()
        let next = order.first { $0 > (lastProposed ?? -1) } ?? order[0]
        wantingProposals.remove(next)
        lastProposed = next
        guard let request = populations[next].population.proposalRequest() else { return nil }
        isProposing = true
        return ProposalWork(population: next, request: request)
    }

    mutating func take(_ result: ProposalWork.Result) {
        isProposing = false
        populations[result.population].population.take(result.proposals, kernel: result.kernel)
        noteProposalsWanted(by: result.population)
    }

    /// What happened may have members gained enough for other proposals.
    mutating func noteProposalsWanted(by population: Int) {
        if populations[population].population.wantsProposals { wantingProposals.insert(population) }
    }
}

/// Proposals that are to be worked out, by any thread.
package struct ProposalWork: Sendable {
    let population: Int
    package let request: ProposalRequest

    package struct Result: Sendable {
        let population: Int
        let proposals: [Proposal]
        let kernel: GaussianProcess.Kernel
    }

    package func result() -> Result {
        let (proposals, kernel) = request.proposals()
        return Result(population: population, proposals: proposals, kernel: kernel)
    }

    /// Others, as a model of other gains might have them.
    package func guesses(seed: UInt64) -> Result {
        Result(
            population: population, proposals: request.guesses(seed: seed), kernel: request.kernel)
    }
}
