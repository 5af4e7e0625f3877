import Murmuration

/// Lines of descent as nodes and edges, for programs.
package struct DescentGraph: Encodable {
    var population: String
    var members: Int
    var exploits: Int
    var declined: Int
    var beginnings: Int
    var nodes: [Node]
    var edges: [Edge]

    struct Node: Encodable {
        var id: String
        var member: Int
        var firstReport: Int
        var lastReport: Int
        var start: Int
        var end: Int
        var score: Double
        var living: Int
        var holders: [Int]
        var more: More?

        private enum CodingKeys: String, CodingKey {
            case id, member, start, end, score, living, holders, alive, beginning, hyperparameters
            case firstReport = "first_report"
            case lastReport = "last_report"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(member, forKey: .member)
            try container.encode(firstReport, forKey: .firstReport)
            try container.encode(lastReport, forKey: .lastReport)
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
            try container.encode(score, forKey: .score)
            try container.encode(living, forKey: .living)
            try container.encode(holders, forKey: .holders)
            guard let more else { return }
            try container.encode(more.alive, forKey: .alive)
            try container.encode(more.beginning, forKey: .beginning)
            try container.encodeIfPresent(more.hyperparameters, forKey: .hyperparameters)
        }
    }

    /// What a picture shows besides.
    struct More {
        /// Members descend from it.
        var alive: Bool
        /// The member whose beginning it descends from.
        var beginning: Int
        /// What its last state was trained with.
        var hyperparameters: Hyperparameters?
    }

    struct Edge: Encodable {
        enum Kind: String, Encodable { case copied, trained }

        var from: String
        var to: String
        var kind: Kind
    }

    /// - Parameters:
    ///   - kept: the places of the stretches that are nodes, with those that they go on from.
    ///   - more: what a picture shows besides of each.
    init(_ stretches: Stretches, kept: [Int], more: (Int) -> More?) {
        population = stretches.population
        members = stretches.members
        exploits = stretches.exploits
        declined = stretches.declined
        beginnings = stretches.beginnings
        let all = stretches.all
        nodes = kept.map { place in
            let stretch = all[place]
            return Node(
                id: stretch.id, member: stretch.member, firstReport: stretch.reports.lowerBound,
                lastReport: stretch.reports.upperBound, start: stretch.start, end: stretch.end,
                score: stretch.score, living: stretch.living, holders: stretch.holders,
                more: more(place))
        }
        edges = kept.compactMap { place in
            all[place].parent.map { parent in
                Edge(
                    from: all[parent].id, to: all[place].id,
                    kind: stretches.isCopy(place) ? .copied : .trained)
            }
        }
    }
}

extension Stretches {
    /// The places of so many stretches from which most members descend, each with what it goes on
    /// from, in their order.
    package func mostLiving(_ most: Int) -> [Int] {
        guard all.count > most else { return Array(all.indices) }
        // From what another one goes on from, as many descend, and it is before it.
        let order = all.indices.sorted { (-all[$0].living, $0) < (-all[$1].living, $1) }
        return order.prefix(most).sorted()
    }

    /// - Parameters:
    ///   - kept: which of the stretches are nodes.
    ///   - hyperparameters: those of a state, by its place in the descent.
    package func graph(
        of kept: [Int], hyperparameters: (Int) -> Hyperparameters?
    ) -> DescentGraph {
        var beginnings: [Int] = []
        for stretch in all {
            beginnings.append(stretch.parent.map { beginnings[$0] } ?? stretch.member)
        }
        return DescentGraph(self, kept: kept) { place in
            DescentGraph.More(
                alive: all[place].living > 0, beginning: beginnings[place],
                hyperparameters: hyperparameters(all[place].state))
        }
    }
}
