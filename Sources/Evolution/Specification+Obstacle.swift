extension Specification {
    /// Why nobody will ever copy, in a sentence that says what to do; `nil` when members may.
    ///
    /// - Parameter members: how many there are.
    package func obstacle(members: Int) -> String? {
        if !schedule.isEmpty {
            return "Nobody copies, for each member follows a schedule: this is a replay."
        }
        if let obstacle = selection.obstacle {
            return "Nobody copies, for \(obstacle): this is a random search."
        }
        if let maxSteps, burnIn >= maxSteps {
            return "Nobody copies, for burn_in (\(burnIn)) is not before max_steps (\(maxSteps)): "
                + "lower burn_in."
        }
        let first = interval * ((selection as? Islands)?.frequencies.first ?? 1)
        if let maxSteps, first >= maxSteps {
            return "Nobody copies, for the first interval (\(first)) is over when members have "
                + "finished (max_steps \(maxSteps)): lower interval."
        }
        if !grows, members < minPopulationSize {
            return "Nobody copies, for there are fewer members (\(members)) than "
                + "min_population_size (\(minPopulationSize)): add members, or lower it."
        }
        if !grows, members < 2 {
            return "Nobody copies, for there is nobody else to copy: add members."
        }
        return nil
    }
}

extension Population {
    /// Why nobody copies, or why the population has ended by itself, in a sentence that says what to do;
    /// `nil` when members may copy.
    package var obstacle: String? {
        if case .ended(let ending?) = status { return sentence(ending) }
        if let obstacle = specification.obstacle(members: tally.members) { return obstacle }
        guard reports >= max(1, tally.members), isWithoutCheckpoints else { return nil }
        return "Nobody copies, for no report had a checkpoint: report one with each score."
    }
}
