import Histories

/// The lines of some members, each of a bounded number of points.
struct LinesAnswer: Encodable {
    var lines: [Line]

    struct Line: Encodable {
        var member: Int
        /// Place, value and sequence of each report.
        var points: [[Double?]]
        /// Place, value and donor of each copy.
        var exploits: [[Double?]]
    }

    static let mostMembers = 40

    /// - Returns: `nil` when nobody reported the metric.
    init?(_ overview: Overview, members: [Int], by: Progress, metric: String?, points: Int) {
        let log = overview.reports
        guard let values = log.values(of: metric) else { return nil }
        let places = log.places(by: by)
        var indices: [Int: [Int]] = [:]
        for member in members { indices[member] = [] }
        for (index, member) in log.members.enumerated() where values[index].isFinite {
            indices[Int(member)]?.append(index)
        }
        let isScore = metric == nil || metric == ReportLog.score
        lines = members.map { member in
            let own = indices[member] ?? []
            let stride = max(1, (own.count + points - 1) / points)
            let shown = own.enumerated().filter {
                $0.offset.isMultiple(of: stride) || $0.offset == own.count - 1
            }
            return Line(
                member: member,
                points: shown.map {
                    [places[$0.element], values[$0.element], Double(log.sequences[$0.element])]
                },
                exploits: overview.exploits.entries.filter { $0.member == member }.suffix(points)
                    .map {
                        [
                            by == .step ? $0.step : $0.time, isScore ? $0.score : nil,
                            Double($0.donor),
                        ]
                    })
        }
    }
}
