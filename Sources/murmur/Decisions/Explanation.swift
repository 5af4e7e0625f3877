import Murmuration

/// Tells a member's story in sentences.
struct Explanation {
    var population: Population

    /// A paragraph for each chapter.
    func paragraph(_ chapter: MemberStory.Chapter) -> String {
        switch chapter {
        case .began(let hyperparameters):
            return "It began with \(NumberText.hyperparameters(hyperparameters))."
        case .decision(let decision):
            return paragraph(decision)
        case .wentBack(let step, let reason):
            return """
                What it was to load was declined\(because(reason)), so it went back to step \
                \(step).
                """
        case .rescued(let rescue):
            return """
                What it was to load was declined\(because(rescue.reason)), and it had nothing \
                before, so it copied \(words(rescue.exploit)).
                """ + aftermath(rescue.aftermath, of: rescue.exploit)
        case .startedAnew(let reason):
            return """
                What it was to load was declined\(because(reason)), and there was nothing else to \
                load, so it started anew.
                """
        case .removed:
            return "It was removed."
        case .changed(let before, let after):
            return "The settings changed: \(after.changes(from: before).joined(separator: ", "))."
        }
    }

    private func paragraph(_ decision: MemberStory.Decision) -> String {
        let report = decision.report
        var text = "Step \(report.step) (report \(report.number)): "
        text += "scored \(NumberText.score(report.score))"
        if !report.score.isFinite { text += ", which ranks last" }
        if let standing = report.standing {
            text += report.score.isFinite ? ", " : ": "
            text += "rank \(standing.rank) of \(standing.ranked)"
            if let recent = report.recent {
                text += ", place \(recent.rank) of \(recent.ranked) among all members' last ranks"
            }
        }
        text += "."
        if !decision.assigned.isEmpty {
            let set = decision.assigned.map { name, value in
                let inEffect = report.hyperparameters[name].map(NumberText.hyperparameter)
                let instead = NumberText.hyperparameter(value)
                return Terminal.escaped("\(name) \(inEffect ?? "away") instead of \(instead)")
            }
            text += " The worker had set \(set.joined(separator: ", "))."
        }
        text += " " + sentence(decision.verdict, of: report)
        if let exploit = report.exploit { text += aftermath(decision.aftermath, of: exploit) }
        return text
    }

    private func sentence(_ verdict: Verdict, of report: Event.Report) -> String {
        switch verdict {
        case .historyOnly:
            "It has no checkpoint, so it is history only."
        case .beforeBurnIn(let burnIn):
            "No exploit is considered before step \(burnIn) (burn_in)."
        case .tooSoon(let since, let interval):
            """
            No exploit was considered: that was \(report.step - since) \
            \(report.step - since == 1 ? "step" : "steps") after step \(since), and the interval \
            is \(interval).
            """
        case .finished(let maxSteps):
            "It has finished (max_steps \(maxSteps))."
        case .awaitingGeneration(let generation):
            "It waits for generation \(generation) to close."
        case .wentOn(let generation, let reported):
            """
            Generation \(generation) closed with \(reported) \
            \(reported == 1 ? "report" : "reports"), and it was not among those that copy. So it \
            went on.
            """
        case .notConsidered:
            "No exploit was considered."
        case .nobodyCopies:
            "Nobody copies (fraction 0)."
        case .tooFewRanked(let least):
            "Nobody copies before \(least) members have a state (min_population_size)."
        case .notAmongWorst(let copiers):
            "Only the \(worst(copiers)), so it went on."
        case .amongBest(let best):
            "It stood among the best \(best), who copy nobody. So it went on."
        case .nobodyToCopy(let copiers):
            """
            The \(worst(copiers)), but nobody could be copied: no member ranked before it had a \
            finite score of its own, not one that it copied, or, while a member waited for a \
            worker, as many steps. So it went on.
            """
        case .copied(let copiers):
            report.exploit.map { "The \(worst(copiers)), so it copied \(words($0))." } ?? ""
        }
    }

    private func worst(_ copiers: Int) -> String {
        copiers == 1 ? "worst one copies" : "worst \(copiers) copy"
    }

    private func words(_ exploit: Event.Exploit) -> String {
        let operations = Dictionary(exploit.operationsByName, uniquingKeysWith: { $1 })
        let moves = exploit.hyperparameters.map { name, value in
            HyperparameterMove(
                name: name, from: exploit.donorHyperparameters[name], to: value,
                operation: operations[name] ?? .perturbed,
                dimension: population.space.first { $0.name == name },
                factors: population.perturbationFactors
            ).text
        }
        return """
            member \(exploit.donor) (\(NumberText.score(exploit.score)) at step \
            \(exploit.step)): \(moves.joined(separator: ", "))
            """
    }

    private func aftermath(_ aftermath: MemberStory.Aftermath, of exploit: Event.Exploit) -> String
    {
        switch aftermath {
        case .takenOver: ""
        case .declined(let reason):
            " It was not taken over: the worker declined\(because(reason))."
        case .pending:
            """
             Until it reports it is member \(exploit.donor), and neither copies nor is copied.
            """
        }
    }

    private func because(_ reason: String) -> String {
        reason.isEmpty ? "" : " (\(Terminal.escaped(reason)))"
    }
}
