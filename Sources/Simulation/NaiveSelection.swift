import Evolution
import Foundation

/// Who may copy whom: rule 3 and the strategies beside it, by looking at everybody.
struct NaiveSelection {
    let evidence: NaiveEvidence
    /// The members by their last standings, best first; `nil` when a generation closes.
    let placed: [Int]?
    private let islands: NaiveIslands
    /// The best states ever, and how often each was copied.
    private let archive: [ArchivedState]

    private var rules: Specification { evidence.rules }
    private var rule: String { type(of: rules.selection).name }
    /// Those of which it is certain whether a member copies.
    private var isCertain: Bool {
        [Truncation.name, Islands.name, ArchiveSelection.name].contains(rule)
    }

    init(
        _ evidence: NaiveEvidence, placed: [Int],
        archive: [ArchivedState]
    ) {
        self.archive = archive
        self.evidence = evidence
        self.placed = placed
        islands = NaiveIslands(evidence, placed: placed)
    }

    /// - Parameters:
    ///   - generation: the one that closes.
    ///   - eligible: those that may copy.
    init(
        _ evidence: NaiveEvidence, closing generation: Int, eligible: [Int],
        archive: [ArchivedState]
    ) {
        self.archive = archive
        self.evidence = evidence
        placed = nil
        islands = NaiveIslands(evidence, closing: generation, eligible: eligible)
    }

    /// Whether a member copies, whatever is drawn.
    func mustCopy(_ id: Int) -> Bool {
        guard evidence.mayCopy, isCertain else { return false }
        let donors = mayBeCopied(by: id)
        return !donors.isEmpty && donors.allSatisfy { hasGap($0, id) }
    }

    /// What is wrong with what was decided.
    func fault(of verdict: Verdict?, _ exploit: Exploit?, by id: Int) -> String? {
        guard let verdict else { return "member \(id) has no verdict" }
        guard (verdict.outcome == Verdict.copied) == (exploit != nil) else {
            return "member \(id) copies, and its verdict is \(verdict.text)"
        }
        if !evidence.mayCopy {
            return verdict.outcome == Verdict.tooFewRanked
                ? nil : "member \(id) is decided on among too few: \(verdict.text)"
        }
        guard verdict.rule == rule, verdict.ranking == type(of: rules.ranking).name else {
            return "member \(id) is decided on by \(verdict.text)"
        }
        if exploit == nil, mustCopy(id) {
            // Of the donors that are looked at all may be behind.
            let mayMiss = mayBeCopied(by: id).count > 8 && isRefusing
            return mayMiss ? nil : "member \(id) should copy: \(verdict.text)"
        }
        if let exploit {
            guard let donor = mayBeCopied(by: id).first(where: { $0.state == exploit.donor }) else {
                return "member \(id) copies \(exploit.donor.member), and may copy others"
            }
            if !hasGap(donor, id) { return "member \(id) copies in spite of the gap" }
            if rule == Islands.name, let values = islands.values(of: exploit, by: id),
                exploit.explored != values
            {
                return "member \(id) trains with \(exploit.explored) instead of \(values)"
            }
        }
        return exploit == nil ? faultOfGoingOn(verdict, id) : faultOfTest(verdict, id)
    }

    private func faultOfGoingOn(_ verdict: Verdict, _ id: Int) -> String? {
        switch verdict.outcome {
        case Verdict.gapTooSmall:
            return mayBeCopied(by: id).contains { !hasGap($0, id) }
                ? nil : "member \(id) goes on for a gap that there is"
        case "nobody_to_copy":
            let others = opponents(of: id)
            let fresh = others.filter { !isBehind($0, id) }
            let mayMiss = isRefusing && fresh.count < others.count
            return isCertain || fresh.isEmpty || mayMiss
                ? nil : "member \(id) finds nobody to copy"
        case "not_worse" where rule != TTest.name:
            return opponent(verdict, of: id).map { isBetter($0.id, id) } == false
                ? nil : "member \(id) should copy whom it met: \(verdict.text)"
        case "not_worse", "not_significant", "too_few_scores": return faultOfTest(verdict, id)
        default: return nil
        }
    }

    /// What Welch's test says is worked out another way.
    private func faultOfTest(_ verdict: Verdict, _ id: Int) -> String? {
        guard rule == TTest.name else { return nil }
        guard let opponent = opponent(verdict, of: id) else {
            return "member \(id) met nobody that it may copy: \(verdict.text)"
        }
        let (mine, others) = (
            evidence.scores(of: id).filter(\.isFinite),
            evidence.scores(of: opponent.id).filter(\.isFinite)
        )
        if mine.count < 2 || others.count < 2 {
            return verdict.outcome == "too_few_scores"
                ? nil : "member \(id) is compared by too few scores: \(verdict.text)"
        }
        let (one, other) = (mine.mean, others.mean)
        let chance = chance(mine, others)
        guard let said = verdict["p_value"], abs(said - chance) < 1e-4 else {
            return "the p-value of \(mine) and \(others) is \(chance): \(verdict.text)"
        }
        let isWorse = rules.badness(of: other) < rules.badness(of: one)
        let isSignificant = said < rules.pValue
        let expected = !isWorse ? "not_worse" : isSignificant ? Verdict.copied : "not_significant"
        // Equal means may differ by how they were added up.
        if abs(other - one) < 1e-9, ["not_worse", "not_significant"].contains(verdict.outcome) {
            return nil
        }
        return verdict.outcome == expected || verdict.outcome == Verdict.gapTooSmall
            ? nil : "member \(id) should have \(expected): \(verdict.text)"
    }

    /// The chance of such means, by adding up the density of Student's t in small steps.
    private func chance(_ one: [Double], _ other: [Double]) -> Double {
        let (a, b) = (one.variance / Double(one.count), other.variance / Double(other.count))
        if a + b == 0 { return one.mean == other.mean ? 1 : 0 }
        let t = abs(one.mean - other.mean) / (a + b).squareRoot()
        let degrees =
            (a + b) * (a + b)
            / (a * a / Double(one.count - 1) + b * b / Double(other.count - 1))
        // In the angle whose tangent is t over the root of the degrees the density is a power of its
        // cosine, over a finite range.
        func density(_ angle: Double) -> Double { pow(cos(angle), degrees - 1) }
        func sum(from start: Double, to end: Double) -> Double {
            let steps = 4000
            let width = (end - start) / Double(steps)
            return (0..<steps).reduce(0) {
                $0 + density(start + (Double($1) + 0.5) * width) * width
            }
        }
        let angle = atan(t / degrees.squareRoot())
        return sum(from: angle, to: .pi / 2) / sum(from: 0, to: .pi / 2)
    }

    // MARK: Whom a member may copy

    private struct Donor {
        var id: Int
        var state: CommittedState
    }

    private var isRefusing: Bool { placed != nil && evidence.someoneWaits }

    private func isBehind(_ donor: Donor, _ id: Int) -> Bool {
        isRefusing && donor.state.step < evidence.members[id].latest?.step ?? 0
    }

    private func mayBeCopied(by id: Int) -> [Donor] {
        switch rule {
        case Truncation.name: return isAmongWorst(id) ? donors(of: id) : []
        case ArchiveSelection.name:
            if !isAmongWorst(id) { return [] }
            let archived = archived(for: id)
            return archived.isEmpty ? donors(of: id) : archived
        case NoSelection.name: return []
        case Islands.name:
            return islands.donors(of: id).map { Donor(id: $0.member, state: $0) }
                .filter { !isBehind($0, id) }
        default:
            return opponents(of: id).filter { donor in
                let isBetter =
                    rule == TTest.name
                    ? rules.isBetter(
                        evidence.scores(of: donor.id).filter(\.isFinite).mean,
                        than: evidence.scores(of: id).filter(\.isFinite).mean)
                    : isBetter(donor.id, id)
                return isBetter && !isBehind(donor, id)
            }
        }
    }

    /// Those that truncation may draw.
    private func donors(of id: Int) -> [Donor] {
        guard let rank = evidence.ranked.firstIndex(of: id) else { return [] }
        // When a generation closes those that copy are not copied.
        let before =
            placed == nil ? evidence.ranked.dropLast(copiers) : evidence.ranked.prefix(rank)
        let best = evidence.share(rules.donorsFraction, of: evidence.ranked.count, .up)
        return evidence.donors(among: before).prefix(best).map {
            Donor(id: $0.member, state: $0)
        }.filter { !isBehind($0, id) }
    }

    /// The best states ever that a member may copy.
    private func archived(for id: Int) -> [Donor] {
        guard let own = evidence.members[id].latest else { return [] }
        return archive.filter { archived in
            archived.state.member != id && archived.copies < ArchiveSelection.mostCopies
                && rules.isBetter(archived.state.score, than: own.score)
                && archived.state.step < rules.maxSteps ?? .max
        }.map { Donor(id: $0.state.member, state: $0.state) }
    }

    private var copiers: Int {
        let count = placed?.count ?? evidence.ranked.count
        return rules.fraction == 0 ? 0 : evidence.share(rules.fraction, of: count, .down)
    }

    private func isAmongWorst(_ id: Int) -> Bool {
        guard let placed else { return evidence.ranked.suffix(copiers).contains(id) }
        let best = evidence.share(rules.donorsFraction, of: evidence.ranked.count, .up)
        return placed.suffix(copiers).contains(id) && !evidence.ranked.prefix(best).contains(id)
    }

    private func opponents(of id: Int) -> [Donor] {
        evidence.donors(among: evidence.ranked[...]).filter { $0.member != id }
            .map { Donor(id: $0.member, state: $0) }
    }

    private func opponent(_ verdict: Verdict, of id: Int) -> Donor? {
        opponents(of: id).first { Double($0.id) == verdict["opponent"] && !isBehind($0, id) }
    }

    private func isBetter(_ one: Int, _ other: Int) -> Bool {
        evidence.ranked.firstIndex(of: one) ?? .max < evidence.ranked.firstIndex(of: other) ?? .max
    }

    private func hasGap(_ donor: Donor, _ id: Int) -> Bool {
        let gap = rules.minGap
        guard gap > 0, let own = evidence.members[id].latest else { return true }
        let difference =
            rules.badness(of: own.score) - rules.badness(of: donor.state.score)
        return difference >= gap * (rules.gapIsRelative ? evidence.interquartileRange : 1)
    }
}

extension NaiveEvidence {
    /// Of all finite scores, whether or not they count.
    fileprivate var interquartileRange: Double {
        let scores = members.filter { !$0.isRemoved }.compactMap { measured($0.id)?.score }
            .filter(\.isFinite).sorted()
        func quantile(_ part: Double) -> Double {
            let position = part * Double(scores.count - 1)
            let (low, high) = (scores[Int(position)], scores[Int(position.rounded(.up))])
            return low + (high - low) * (position - position.rounded(.down))
        }
        return scores.isEmpty ? 0 : quantile(0.75) - quantile(0.25)
    }
}

extension [Double] {
    fileprivate var variance: Double {
        let mean = mean
        return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }
}
