import Foundation
import HTTP
import Histories
import Murmuration

extension PopulationAPI {
    /// A table as a file; `nil` when none is asked for.
    func export(_ path: [String], _ parameters: Parameters) async throws -> HTTPResponse? {
        guard path.first == "export", path.count == 2 else { return nil }
        switch path[1] {
        case "history.csv": return try history()
        case "leaderboard.csv": return try await leaderboard()
        case "schedule.csv":
            let schedule = try await schedule(parameters)
            return file(schedule.csv, "schedule.csv")
        default:
            throw Refusal(
                .notFound, "There are history.csv, leaderboard.csv and schedule.csv to export.")
        }
    }

    private func file(_ lines: [String], _ name: String) -> HTTPResponse {
        HTTPResponse(
            headers: Headers.csv(name),
            body: .bytes(Data((lines.joined(separator: "\n") + "\n").utf8)))
    }

    /// What `murmur history --csv` prints, a part at a time.
    private func history() throws -> HTTPResponse {
        let (api, name) = (self, name)
        return HTTPResponse(
            headers: Headers.csv("history.csv"),
            body: .stream { writer in
                let questions = try api.questions()
                let population = try await questions.population(named: name)
                let table = try await ReportTableCSV(of: population, asking: questions)
                var part = table.header + "\n"
                var sequence: UInt64 = 0
                while true {
                    let page = try await questions.history(of: name, after: sequence)
                    for event in page.events where event.sequence <= table.last {
                        if let row = table.row(event) { part += row + "\n" }
                    }
                    try await writer.write(Data(part.utf8))
                    part = ""
                    guard page.more, page.last > sequence, page.last < table.last else { return }
                    sequence = page.last
                }
            })
    }

    private static let mostRows = 100_000

    private func leaderboard() async throws -> HTTPResponse {
        let (questions, name) = (try questions(), name)
        let board = try await BoardPages(limit: Self.mostRows).collect { offset, limit in
            try await questions.leaderboard(of: name, offset: offset, limit: limit)
        }
        let population = await population.read(\.population)
        return file(
            BoardCSV(board, hyperparameters: population.space.map(\.name)).lines, "leaderboard.csv")
    }
}
