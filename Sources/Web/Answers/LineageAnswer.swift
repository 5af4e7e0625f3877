import Histories

/// Who descends from whom, in at most so many nodes.
struct LineageAnswer: Encodable {
    var graph: DescentGraph
    var committed: UInt64
    /// Nodes that are left out: dead ends first, and then those from which the fewest descend.
    var folded: Int

    private enum CodingKeys: String, CodingKey { case committed, folded }

    func encode(to encoder: any Encoder) throws {
        try graph.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(committed, forKey: .committed)
        try container.encode(folded, forKey: .folded)
    }

    init(_ overview: Overview, most: Int) throws {
        guard overview.descent.isComplete else {
            throw Refusal(
                .unavailable,
                """
                This history is too long for a picture of its lineage; murmur lineage shows the lines \
                that members have now.
                """)
        }
        let population = overview.population
        let whole = try Stretches(
            overview.descent, of: population.name, minimize: population.minimize, isWhole: true)
        var shown = whole
        if whole.all.count > most {
            shown = try Stretches(
                overview.descent, of: population.name, minimize: population.minimize,
                isWhole: false)
        }
        let kept = shown.mostLiving(most)
        folded = whole.all.count - kept.count
        committed = overview.last
        graph = shown.graph(of: kept) { overview.hyperparameters(ofState: $0) }
    }
}
