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
        // What a picture shows besides.
        /// Members descend from it.
        var alive: Bool?
        /// The member whose beginning it descends from.
        var beginning: Int?
        /// What its last state was trained with.
        var hyperparameters: Hyperparameters?

        private enum CodingKeys: String, CodingKey {
            case id, member, start, end, score, living, holders, alive, beginning, hyperparameters
            case firstReport = "first_report"
            case lastReport = "last_report"
        }
    }

    struct Edge: Encodable {
        enum Kind: String, Encodable { case copied, trained }

        var from: String
        var to: String
        var kind: Kind
    }

    /// - Parameter kept: the places of the stretches that are nodes, with those that they go on from.
    init(_ stretches: Stretches, kept: [Int]) {
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
                score: stretch.score, living: stretch.living, holders: stretch.holders)
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
        var graph = DescentGraph(self, kept: kept)
        for (node, place) in kept.enumerated() {
            graph.nodes[node].alive = all[place].living > 0
            graph.nodes[node].beginning = beginnings[place]
            graph.nodes[node].hyperparameters = hyperparameters(all[place].state)
        }
        return graph
    }
}
