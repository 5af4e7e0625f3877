import Murmuration

/// What was decided on reports of a synchronous population, which is said only when their generation
/// closes. It grows with the copies, and not with the reports.
package struct LaterCopies {
    private var copies: [Key: Event.Exploited] = [:]

    private struct Key: Hashable {
        var member: Int
        var report: Int
    }

    package init() {}

    package mutating func add(_ event: Event) {
        guard let member = event.member, case .exploited(let exploited) = event.kind else { return }
        copies[Key(member: member, report: exploited.report)] = exploited
    }

    /// The report with what was decided on it.
    package func completing(_ report: Event.Report, of member: Int?) -> Event.Report {
        guard let member, let copy = copies[Key(member: member, report: report.number)] else {
            return report
        }
        var report = report
        report.standing = copy.standing
        report.exploit = copy.exploit
        return report
    }
}
