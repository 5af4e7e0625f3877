import Foundation
import Messages

@testable import Histories
@testable import Murmuration
@testable import murmur

/// What a hostile coordinator answers to a Swift client: a worker follows it, and questions make
/// public types of it, which are printed.
func fuzzReply(_ bytes: [UInt8]) throws {
    var worker = AnsweredWorker()
    for (frame, _) in Session(bytes) {
        guard let reply = try? WireReply(frame: frame) else { continue }
        switch reply.body {
        case .error(let error): _ = MurmurationError(error).description
        case .directive(let directive): worker.follow(directive)
        case .population(let population): _ = JSONLine.text(Population(population))
        case .populations(let page): _ = page.populations.map { JSONLine.text(Population($0)) }
        case .leaderboard(let wire):
            let board = Leaderboard(wire, epoch: reply.epoch, committed: reply.committed)
            try show(board)
        case .schedule(let page):
            let schedule = ScheduleText(
                population: "p", member: 0, minimize: true,
                segments: page.segments.map(Segment.init))
            _ = schedule.json
            _ = schedule.csv
            _ = schedule.rayPolicy
            _ = schedule.table.lines()
        case .keys(let page): try show(page.keys.compactMap(InvitedKey.init))
        case .key(let key): try show([key].compactMap(InvitedKey.init))
        case .invited(let invited):
            for key in [invited.key].compactMap(InvitedKey.init) {
                _ = (KeyTable.sentence(inviting: key), KeyTable.sentence(revoking: key))
            }
        case .welcome, .left, .alive, .history, .subscribed, .broadcast, nil: break
        }
    }
}

/// Keys as `murmur keys list` shows them.
private func show(_ keys: [InvitedKey]) throws {
    _ = KeyTable.table(keys).lines()
    _ = try KeyTable.json(keys)
}

/// A board as `murmur leaderboard` and the end of `murmur run` show it.
private func show(_ board: Leaderboard) throws {
    let read = try Leaderboard(json: board.json)
    require(read.json == board.json, "a board is read as another one: \(board.json)")
    let directory = RunDirectory(
        path: "d", record: RunRecord(options: .init(name: "p", command: []), workers: 1),
        isResumed: false)
    _ = RunResult(board: board).lines(.finished, directory: directory)
    _ = BoardRenderer(width: 80, height: 40).lines(BoardView(board))
}

/// What a worker keeps of the directives that it gets.
private struct AnsweredWorker {
    private var assignment: Assignment?
    private var last: (report: WireReport, exploit: WireExploit?)?
    private var releases = Releases()

    mutating func follow(_ directive: WireDirective) {
        for release in directive.released { releases.deal(with: release.number) }
        let exploit: WireExploit? =
            if case .exploit(let told) = directive.outcome { told } else { nil }
        switch directive.assignment {
        case .lease(let lease):
            var next = Assignment(lease)
            if let assignment {
                _ = next.directive(instead: assignment, after: last?.report, exploit: last?.exploit)
            }
            _ = next.directive(.switch, exploit: exploit)
            assignment = next
            last = nil
        case .same(let same):
            guard var assignment else { return }
            let report = assignment.report(
                step: assignment.targetStep, score: 1, checkpoint: "/c",
                changes: [:], declined: directive.released.isEmpty)
            assignment.accept(report, targetStep: same.targetStep, exploit: exploit)
            _ = assignment.directive(.continue, exploit: exploit)
            self.assignment = assignment
            last = (report, exploit)
            releases.acknowledged(report.released)
        case .wait, .stop, nil: break
        }
    }
}
