import Murmuration

import struct Evolution.ArchiveSelection
import enum Evolution.Domain
import struct Evolution.LatestScore
import enum Evolution.RankingStrategy
import enum Evolution.SelectionStrategy
import struct Evolution.Truncation
import enum Evolution.Value
import struct Evolution.Verdict

/// Tells a member's story in sentences.
package struct Explanation {
    package var population: Population

    package init(population: Population) {
        self.population = population
    }

    /// A paragraph for each chapter.
    package func paragraph(_ chapter: MemberStory.Chapter) -> String {
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
            text += "rank \(standing.rank) of \(standing.ranked)" + measure(report.verdict)
            if let recent = report.recent, report.verdict.map(Self.looksAtPlaces) ?? true {
                text += ", place \(recent.rank) of \(recent.ranked) among all members' last ranks"
            }
        }
        text += "."
        if !decision.assigned.isEmpty {
            let set = decision.assigned.map { name, value in
                let inEffect = report.hyperparameters[name].map(NumberText.hyperparameter)
                let instead = NumberText.hyperparameter(value)
                return Terminal.escaped("\(name) \(inEffect ?? "inactive") instead of \(instead)")
            }
            text += " The worker had set \(set.joined(separator: ", "))."
        }
        text += " " + sentence(decision)
        if let exploit = report.exploit { text += aftermath(decision.aftermath, of: exploit) }
        return text
    }

    /// Whether the place among all members' last ranks decides.
    private static func looksAtPlaces(_ verdict: Event.Verdict) -> Bool {
        [Truncation.name, ArchiveSelection.name].contains(verdict.rule)
            || SelectionStrategy.rule(named: verdict.rule) == nil
    }

    /// What ranks are by, unless it is the last score.
    private func measure(_ verdict: Event.Verdict?) -> String {
        guard let verdict, verdict.ranking != LatestScore.name,
            let ranking = RankingStrategy.rule(named: verdict.ranking)
        else { return "" }
        return " \(ranking.measure)"
    }

    /// Why it went on, or copied: as it was recorded.
    private func sentence(_ decision: MemberStory.Decision) -> String {
        let report = decision.report
        let copied = report.exploit.map(words)
        if let closed = decision.closed {
            return """
                Generation \(closed.generation) closed with \(closed.reported) \
                \(closed.reported == 1 ? "report" : "reports"), and it was not among those that \
                copy. So it went on.
                """
        }
        if let verdict = report.verdict {
            return Evolution.Verdict(verdict).sentence(copied: copied)
        }
        // Before verdicts were recorded.
        if let copied { return "It copied \(copied)." }
        if report.checkpoint == nil { return "It has no checkpoint, so it is history only." }
        if let generation = report.generation, report.standing == nil {
            return "It waits for generation \(generation) to close."
        }
        return report.standing == nil ? "No exploit was considered." : "It went on."
    }

    /// Whom it copied, and how its hyperparameters came from that one's.
    func words(_ exploit: Event.Exploit) -> String {
        let operations = Dictionary(exploit.operationsByName, uniquingKeysWith: { $1 })
        var moves = exploit.hyperparameters.map { name, value in
            move(
                of: name, from: exploit.donorHyperparameters[name], to: value,
                by: operations[name] ?? .perturbed)
        }
        for name in exploit.donorHyperparameters.names where exploit.hyperparameters[name] == nil {
            moves.append(Terminal.escaped(name) + " \(NumberText.inactive) (now inactive)")
        }
        return """
            member \(exploit.donor) (\(NumberText.score(exploit.score)) at step \
            \(exploit.step)): \(moves.joined(separator: ", "))
            """
    }

    /// How exploring changed a hyperparameter.
    package func move(
        of name: String, from: HyperparameterValue?, to: HyperparameterValue,
        by operation: Event.Operation
    ) -> String {
        let now = NumberText.hyperparameter(to)
        let before = from.map(NumberText.hyperparameter)
        let values = before.map { from == to ? $0 : "\($0) → \(now)" } ?? now
        var how = operation == .local ? "its island's" : operation.rawValue
        // It did not count for the donor.
        if from == nil, operation == .kept { how = "now active" }
        let domain = population.space.first { $0.name == name }.flatMap(Evolution.Domain.init)
        if operation == .perturbed, let domain, let from,
            let move = domain.move(
                from: Evolution.Value(from), to: Evolution.Value(to), factors: factors)
        {
            how += ", \(move)"
        }
        return Terminal.escaped("\(name) \(values)") + " (\(how))"
    }

    private var factors: [Double] {
        guard case .numbers(let factors) = population.settings["perturbation_factors"] else {
            return []
        }
        return factors
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

extension Evolution.Verdict {
    package init(_ verdict: Event.Verdict) {
        self.init(
            rule: verdict.rule, ranking: verdict.ranking, outcome: verdict.outcome,
            facts: verdict.facts.map { Fact($0.name, $0.value) })
    }
}
