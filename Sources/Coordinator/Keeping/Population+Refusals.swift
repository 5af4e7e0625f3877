import Evolution

// Events that no population can have had, as a journal may hold that was damaged.
extension Population {
    /// Why it cannot be applied; `nil` when it can.
    ///
    /// - Parameter afterGaps: events before it may be missing.
    func refusal(of event: Event, afterGaps: Bool = false) -> String? {
        guard !event.kind.isOfPopulation else {
            guard event.member == nil else { return "it changes the population and names a member" }
            return refusalOfClosing(event.kind, afterGaps: afterGaps)
        }
        guard let member = event.member else { return "it names no member" }
        if case .created(let values) = event.kind {
            guard member == members.count else {
                return "it makes member \(member), where \(members.count) is next"
            }
            return refusal(of: values)
        }
        guard members.indices.contains(member) else {
            return "there is no member \(member)"
        }
        if let reason = event.exploit.flatMap(refusal) { return reason }
        if case .exploited(let exploited) = event.kind { return refusal(of: exploited, by: member) }
        guard case .reported(let reported) = event.kind else { return nil }
        let next = members[member].reports + 1
        guard reported.report == next || (afterGaps && reported.report > next) else {
            return "it is report \(reported.report) of member \(member), where \(next) is next"
        }
        if let generation = reported.generation, generation != self.generation?.number {
            return "it counts for generation \(generation), which is not open"
        }
        return refusal(of: reported.hyperparameters)
    }

    private func refusal(of exploit: Exploit) -> String? {
        refusal(of: exploit.explored) ?? refusal(of: exploit.donor.hyperparameters)
    }

    private func refusalOfClosing(_ kind: Event.Kind, afterGaps: Bool) -> String? {
        guard case .generationClosed(let closed) = kind else { return nil }
        guard let open = generation, open.number == closed.generation else {
            return "it closes generation \(closed.generation), which is not open"
        }
        // Of the reports that counted for it some may have been pruned.
        return open.reported == closed.reported
            || (afterGaps && open.reported < closed.reported)
            ? nil
            : "it says that \(closed.reported) members had reported for the generation, and "
                + "\(open.reported) had"
    }

    private func refusal(of exploited: Exploited, by member: Int) -> String? {
        guard members[member].latest?.report == exploited.report else {
            return "member \(member) did not go by report \(exploited.report) then"
        }
        guard let open = generation, exploited.generation == open.number - 1 else {
            return "generation \(exploited.generation) did not close just before it"
        }
        return nil
    }

    private func refusal(of values: [Value]) -> String? {
        let count = specification.space.hyperparameters.count
        return values.count == count
            ? nil : "it has \(values.count) hyperparameters, and the space has \(count)"
    }
}
