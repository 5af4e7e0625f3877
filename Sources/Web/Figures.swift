import Murmuration

/// What a page's server tells whoever operates it.
package struct Figures: Sendable {
    /// Requests that were answered, by the status of the answer.
    package var answers: [Int: Int] = [:]
    /// Pages that are told what happens.
    package var streams = 0
    /// The coordinator runs, and is heard of.
    package var isLive: Bool
    package var populations: [OfPopulation]

    package struct OfPopulation: Sendable {
        package var name: String
        /// As the newest board that was heard has it.
        package var summary: Leaderboard.Summary
        package var best: Double?
        /// How long ago that board was heard.
        package var age: Duration
        /// Events of before are still being read.
        package var isLoading: Bool
        /// Beginnings from which any member descends.
        package var beginningsAlive: Int
        /// The part of the members that descend from one of them; `nil` without any.
        package var largestFamilyShare: Double?
    }
}
