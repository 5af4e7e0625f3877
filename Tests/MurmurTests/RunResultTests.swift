import Messages
import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

struct RunResultTests {
    private static func entry(_ member: UInt64, score: Double, step: UInt64) -> WireEntry {
        var entry = WireEntry()
        entry.rank = 1
        entry.member = member
        entry.score = score
        entry.step = step
        entry.checkpoint = "/c/\(member)-\(step)"
        return entry
    }

    private func lines(
        best: WireEntry?, leader: WireEntry?, members: UInt64 = 1, reports: UInt64 = 0
    ) -> [String] {
        var board = WireLeaderboard()
        board.summary.members = members
        board.summary.reports = reports
        if let best { board.best = best }
        board.entries = [leader].compactMap(\.self)
        let schedule = best.map { best in
            [
                Segment(
                    member: Int(best.member), start: 0, end: Int(best.step),
                    hyperparameters: ["rate": 0.5])
            ]
        }
        return RunResult(
            board: Leaderboard(board, epoch: 1, committed: 1), schedule: schedule ?? []
        ).lines(
            .finished,
            directory: RunDirectory(
                path: "runs/0001",
                record: RunRecord(options: .init(name: "p", command: ["train"]), workers: 1),
                isResumed: false))
    }

    @Test func `The end shows the best that there ever was, and who is best now`() {
        let lines = lines(
            best: Self.entry(7, score: 0.9, step: 40), leader: Self.entry(3, score: 0.8, step: 60))
        #expect(
            lines[2...] == [
                "best member  7", "score        0.9", "step         40",
                "checkpoint   /c/7-40", "best now     member 3, 0.8 at step 60", "schedule",
                "  steps  member  rate", "   0–40       7   0.5", "",
                "logs  runs/0001/logs/worker-*.log", "data  runs/0001",
            ])
    }

    @Test func `A best that still leads is shown once, also by a member that copied it`() {
        let best = Self.entry(7, score: 0.9, step: 40)
        var copy = best
        copy.member = 2
        for leader in [best, copy] {
            #expect(!lines(best: best, leader: leader).contains { $0.hasPrefix("best now") })
        }
    }

    @Test func `Without a finite score the first on the board is shown, without a schedule`() {
        let lines = lines(best: nil, leader: Self.entry(3, score: .nan, step: 10))
        #expect(lines[2] == "best member  3")
        #expect(!lines.contains { $0 == "schedule" || $0.hasPrefix("best now") })
        #expect(self.lines(best: nil, leader: nil)[2] == "No member has reported yet.")
    }

    @Test(arguments: [
        (
            1, 1, "Finished: 1 member, 1 report, 0 exploits.",
            "No member has reported a checkpoint, so none is ranked."
        ),
        (
            0, 1204, "Finished: 0 members, 1 204 reports, 0 exploits.",
            "All its members were removed."
        ),
    ])
    func `Its counts are said as a person would`(
        members: UInt64, reports: UInt64, title: String, sentence: String
    ) {
        let lines = lines(best: nil, leader: nil, members: members, reports: reports)
        #expect(lines[0] == title)
        #expect(lines[2] == sentence)
    }
}
