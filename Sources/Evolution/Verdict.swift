#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a report led to an exploit, or to none, as it was decided. It is recorded with the report, so
/// that nobody has to work it out again.
package struct Verdict: Hashable, Sendable {
    /// The selection rule that decided, by its name; empty when none was asked.
    package var rule: String
    /// The ranking that the member's place was by, by its name; empty when none was asked.
    package var ranking: String
    /// In a word: of the rule, or one of those below.
    package var outcome: String
    /// What decided, by name.
    package var facts: [Fact]

    package struct Fact: Hashable, Sendable {
        package var name: String
        package var value: Double

        package init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }

        init(_ name: String, _ value: Int) { self.init(name, Double(value)) }
    }

    package init(rule: String = "", ranking: String = "", outcome: String, facts: [Fact] = []) {
        self.rule = rule
        self.ranking = ranking
        self.outcome = outcome
        self.facts = facts
    }

    // MARK: - Outcomes of all rules

    package static let copied = "copied"
    /// Without a checkpoint a report is history only.
    package static let historyOnly = "history_only"
    package static let finished = "finished"
    /// It follows a schedule.
    package static let scheduled = "scheduled"
    package static let beforeBurnIn = "before_burn_in"
    /// Fewer steps than an interval after the last time.
    package static let tooSoon = "too_soon"
    /// Decided when the generation closes.
    package static let awaitsGeneration = "awaits_generation"
    package static let tooFewRanked = "too_few_ranked"
    package static let gapTooSmall = "gap_too_small"

    package subscript(name: String) -> Double? { facts.first { $0.name == name }?.value }

    /// A fact that is a whole number, as a sentence has it.
    func count(_ name: String) -> String {
        self[name].map { Int(exactly: $0).map { "\($0)" } ?? text(name) } ?? "?"
    }

    /// A fact to three digits.
    func text(_ name: String) -> String {
        guard let value = self[name] else { return "?" }
        if value == 0 || !value.isFinite { return "\(value)" }
        let scale = pow10(2 - Int(floor(log10(abs(value)))))
        let rounded = (value * scale).rounded() / scale
        return rounded.isFinite ? "\(rounded)" : "\(value)"
    }

    private func pow10(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

    /// As a clause, why nobody could be copied.
    static let nobodyToCopy = """
        nobody could be copied: no member that may be copied had a finite score of its own, not one \
        that it copied, or, while a member waited for a worker, as many steps
        """

    /// In a sentence or two.
    ///
    /// - Parameter copied: what was copied, in words.
    package func sentence(copied: String?) -> String {
        if let general { return general }
        let reason = SelectionStrategy.rule(named: rule)?.reason(of: self) ?? unknownReason
        let gap = self["min_gap"].map { _ in
            ", and was better by \(text("gap")) (min_gap \(text("min_gap")))"
        }
        guard let copied else { return reason + ", so it went on." }
        return "\(reason), so it copied \(copied)\(gap ?? "").\(proposed ?? "")"
    }

    /// Where its next hyperparameters come from, when a model proposes them; `nil` when none does.
    private var proposed: String? {
        guard let observations = self[Proposal.Basis.observationsFact] else { return nil }
        if observations == 0 { return " No hyperparameters were proposed, so they were perturbed." }
        return """
             Its hyperparameters were proposed by a model of \(count(Proposal.Basis.observationsFact)) \
            intervals: \(text(Proposal.Basis.gainFact)) better a step as it expects, and \
            \(text(Proposal.Basis.boundFact)) where it may be wrong.
            """
    }

    private var general: String? {
        switch outcome {
        case Self.historyOnly: "It has no checkpoint, so it is history only."
        case Self.finished: "It has finished (max_steps \(count("max_steps")))."
        case Self.scheduled: "It follows a schedule, so it copied nobody."
        case Self.beforeBurnIn:
            "No exploit is considered before step \(count("burn_in")) (burn_in)."
        case Self.tooSoon:
            """
            No exploit was considered: that was \(count("steps")) \
            \(self["steps"] == 1 ? "step" : "steps") after step \(count("since")), and the interval \
            is \(count("interval")).
            """
        case Self.awaitsGeneration: "It waits for generation \(count("generation")) to close."
        case Self.tooFewRanked:
            """
            Nobody copies before \(count("min_population_size")) members have a state \
            (min_population_size).
            """
        case Self.gapTooSmall:
            """
            Whom it would have copied was better by \(text("gap")) only, and the least is \
            \(text("min_gap")) (min_gap), so it went on.
            """
        default: nil
        }
    }

    /// By a rule that only a newer version knows.
    private var unknownReason: String {
        let numbers = facts.map { "\($0.name) \(count($0.name))" }.joined(separator: ", ")
        let words = outcome.replacing("_", with: " ")
        return "By \(rule.isEmpty ? "its rule" : rule): \(words)"
            + (numbers.isEmpty ? "" : " (\(numbers))")
    }
}

// MARK: - As text

extension Verdict {
    /// In one line: `truncation:not_among_worst copiers=4`, with the ranking after a slash unless it
    /// is by the latest score.
    package var text: String {
        // With each report, where putting parts together in arrays took a multiple of this.
        var text = rule
        if !ranking.isEmpty, ranking != LatestScore.name {
            text += "/"
            text += ranking
        }
        text += ":"
        text += outcome
        for fact in facts {
            text += " "
            text += fact.name
            text += "="
            text += fact.value.description
        }
        return text
    }

    /// `nil` when the text is not one that `text` makes.
    package init?(text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let head = words[0].split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard head.count == 2, !head[1].isEmpty else { return nil }
        let by = head[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let rule = by.first.map(String.init) ?? ""
        let ranking = by.count == 2 ? String(by[1]) : rule.isEmpty ? "" : LatestScore.name
        self.init(rule: rule, ranking: ranking, outcome: String(head[1]))
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let value = Double(parts[1]) else {
                return nil
            }
            facts.append(Fact(String(parts[0]), value))
        }
    }
}
