import Murmuration

/// What must be known of a whole population before a line of it is drawn: who is best, and how
/// much there is.
package struct Standings {
    private var trails: Trails
    private var removed: Set<Int> = []
    /// Members that reported.
    private var reporting: Set<Int> = []
    package private(set) var reports = 0
    /// Without those that were declined.
    package private(set) var exploits = 0
    /// The names of extra metrics in the reports.
    package private(set) var metrics: Set<String> = []
    /// The last event that was taken in: what comes later is not in the picture.
    package private(set) var last: UInt64 = 0

    package init() {
        trails = Trails(metric: nil)
    }

    package mutating func add(_ event: Event) {
        last = event.sequence
        for move in trails.add(event) {
            switch move {
            case .tookOver: exploits += 1
            case .gaveUp: exploits -= 1
            case .trained: break
            }
        }
        guard let member = event.member else { return }
        if case .removed = event.kind { removed.insert(member) }
        guard let report = event.report else { return }
        reports += 1
        reporting.insert(member)
        for metric in report.metrics { metrics.insert(metric.name) }
    }

    /// A member that reported, and how it stands in the end.
    package struct Standing: Hashable {
        package var member: Int
        package var step: Int
        package var score: Double
        package var isRemoved = false
        /// It measured a finite score, and is still in the population.
        package var isRanked: Bool
    }

    /// Those who reported, best first; those who do not rank come last.
    ///
    /// - Parameter board: Members in the order of the leaderboard, which decides between equals.
    package func order(minimize: Bool, board: [Int] = []) -> [Standing] {
        let places = Dictionary(
            board.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let all = reporting.map(standing)
        return all.sorted { left, right in
            if left.isRanked != right.isRanked { return left.isRanked }
            if left.isRanked, left.score != right.score {
                return minimize ? left.score < right.score : left.score > right.score
            }
            let (first, second) = (places[left.member] ?? .max, places[right.member] ?? .max)
            return first == second ? left.member < right.member : first < second
        }
    }

    private func standing(_ member: Int) -> Standing {
        let isRemoved = removed.contains(member)
        guard let measured = trails.measured(member) else {
            return Standing(
                member: member, step: 0, score: .nan, isRemoved: isRemoved, isRanked: false)
        }
        return Standing(
            member: member, step: measured.step, score: measured.score, isRemoved: isRemoved,
            isRanked: !isRemoved && measured.score.isFinite)
    }
}
