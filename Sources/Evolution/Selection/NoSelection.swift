/// Nobody copies: the population is a random search, to compare with.
package struct NoSelection: SelectionRule {
    package static let name = "none"
    package static let summary = """
        Nobody copies. The population is a random search, against which the others can be measured.
        """

    package init(_ specification: Specification) {}

    package var obstacle: String? { "selection is none" }

    package func candidates(among ranked: Int) -> Int { 0 }

    package func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice { .goesOn("nobody_copies") }

    package static func reason(of verdict: Verdict) -> String { "Nobody copies (selection none)" }
}
