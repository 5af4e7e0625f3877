import Murmuration

/// The coordinator and its populations, as a page begins with them.
struct CoordinatorState: Encodable {
    var coordinator: Coordinator
    var populations: [Item]

    struct Coordinator: Encodable, Equatable {
        var url: String?
        var data: String?
        var version: String
        var epoch: UInt64?
        /// It runs and is heard of.
        var live: Bool
        /// Since when it is what it is.
        var since: String
        /// Why it is not heard of, in a sentence.
        var problem: String?
    }

    struct Item: Encodable {
        var population: Population
        /// The last event that was taken in.
        var committed: UInt64 = 0
        /// Events of before are still being read.
        var isLoading = true

        private enum CodingKeys: String, CodingKey { case committed, loading }

        func encode(to encoder: any Encoder) throws {
            try population.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(committed, forKey: .committed)
            if isLoading { try container.encode(true, forKey: .loading) }
        }
    }
}
