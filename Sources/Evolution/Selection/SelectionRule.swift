/// Whether a member that may exploit does, and whom it copies (rule 3).
///
/// A rule is pure: it sees the population, changes nothing, and draws only from the draws that it is
/// given. Whether a member may exploit at all, and which members may be copied, is decided before.
package protocol SelectionRule: Sendable {
    /// As a space file has it.
    static var name: String { get }
    /// What it does and when to take it, in a few sentences.
    static var summary: String { get }
    /// Its parameters.
    static var settings: [Setting] { get }

    /// With the parameters that a specification has.
    init(_ specification: Specification)

    /// Why nobody ever copies by it, as a clause; `nil` when members may.
    var obstacle: String? { get }
    /// How many of a member's last own scores it looks at, when that is more than one.
    var scores: Int { get }

    /// How many members, the worst ones, may copy when a generation closes.
    func candidates(among ranked: Int) -> Int
    /// Those that may copy when a generation closes, in the order of the ranking.
    func candidates(closing population: Population) -> [Candidate]

    /// Decides on a member that may exploit.
    func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice

    /// Why a member went on or copied, as a clause that “, so it went on” or “, so it copied …” may
    /// follow.
    static func reason(of verdict: Verdict) -> String
}

extension SelectionRule {
    package static var settings: [Setting] { [] }
    package var obstacle: String? { nil }
    package var scores: Int { 1 }
    package func candidates(among ranked: Int) -> Int { ranked }

    package func candidates(closing population: Population) -> [Candidate] {
        population.worst(candidates(among: population.ranking.counting))
            .compactMap(population.candidate(closing:))
    }
}

/// A member that may exploit.
package struct Candidate: Sendable {
    package var member: Int
    /// What it measured just now, or for the generation that closes.
    package var state: CommittedState
    package var standing: Standing
    /// Where that standing itself stands, among those that members had when an exploit was last
    /// considered for them; `nil` when a generation closes, for then all are as fresh.
    package var recent: Standing?
    /// What was decided for all that may copy together, by rules that do so when a generation closes.
    package var match: Match?

    package struct Match: Sendable {
        /// Where the member stands among those that it is compared with.
        package var standing: Standing
        package var donor: Int?
    }
}

/// What a rule decided.
package struct Choice: Hashable, Sendable {
    /// Whom the member copies.
    package var donor: Int?
    /// What it copies of that one, where it is not its present state.
    package var archived: CommittedState?
    /// In a word of the rule.
    package var outcome: String
    /// What decided, by name.
    package var facts: [Verdict.Fact]
    /// What the member trains with when it copies.
    package var inheritance = Inheritance.explored

    package enum Inheritance: Hashable, Sendable {
        /// The donor's hyperparameters, explored around.
        case explored
        /// The donor's, as they are.
        case unchanged
        /// Those of the best member of the copier's island.
        case local([Value])
    }

    /// The state that the member copies.
    func state(in population: Population) -> CommittedState? {
        archived ?? donor.flatMap { population.members[$0].latest }
    }

    package static func goesOn(_ outcome: String, _ facts: [Verdict.Fact] = []) -> Choice {
        Choice(outcome: outcome, facts: facts)
    }

    package static func copies(_ donor: Int, _ facts: [Verdict.Fact] = []) -> Choice {
        Choice(donor: donor, outcome: Verdict.copied, facts: facts)
    }
}

/// The rules that there are.
package enum SelectionStrategy {
    package static let rules: [any SelectionRule.Type] = [
        Truncation.self,
        Tournament.self,
        TTest.self,
        Islands.self,
        ArchiveSelection.self,
        NoSelection.self,
    ]

    /// Which of them decides.
    package static let setting = Setting(
        "selection", in: .selection, .word(rules.map { $0.name }), default: .word(Truncation.name),
        "Who copies, and whom.")

    static let settings = [setting] + rules.flatMap { $0.settings } + MinimumGap.settings

    package static func rule(named name: String) -> (any SelectionRule.Type)? {
        rules.first { $0.name == name }
    }
}

extension Specification {
    /// The rule that decides, with its parameters.
    package var selection: any SelectionRule {
        guard let rule = SelectionStrategy.rule(named: word(SelectionStrategy.setting)) else {
            preconditionFailure("A specification was checked before it is used.")
        }
        return rule.init(self)
    }
}
