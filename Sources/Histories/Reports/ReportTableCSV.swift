import Murmuration

/// All reports of a population as rows of a CSV file. The header names what all of the rows have, so
/// that they are gone through before.
package struct ReportTableCSV {
    private var columns: ReportColumns
    private var copies = LaterCopies()
    /// The last event that the header knows of.
    package private(set) var last: UInt64 = 0

    /// - Parameter member: only this one's.
    /// - Throws: `Failure` when there are too many columns.
    package init(
        of population: Population, member: Int? = nil, asking questions: Questions
    ) async throws {
        var columns = ReportColumns(hyperparameters: population.space.map(\.name))
        var copies = LaterCopies()
        var last: UInt64 = 0
        try await questions.eachEvent(of: population.name, member: member) { event in
            last = event.sequence
            copies.add(event)
            if let report = event.report { try columns.include(report) }
        }
        self.columns = columns
        self.copies = copies
        self.last = last
    }

    package var header: String { columns.header }

    /// `nil` for what is no report.
    package func row(_ event: Event) -> String? {
        event.report.map { columns.row(event, copies.completing($0, of: event.member)) }
    }
}
