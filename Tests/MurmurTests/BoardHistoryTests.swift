import Foundation
import Messages
import Murmuration
import Testing

@testable import Histories
@testable import murmur

/// What a board shows of a while, at times that the tests say.
struct BoardHistoryTests {
    private var history = BoardHistory()

    private static func board(
        reports: Int = 0, exploits: Int = 0, best: Double? = nil, minimize: Bool = false
    ) -> Leaderboard {
        var wire = WireLeaderboard()
        wire.population = "digits"
        wire.minimize = minimize
        wire.summary.members = 16
        wire.summary.training = 4
        wire.summary.lost = 2
        wire.summary.status = .paused
        wire.summary.reports = UInt64(reports)
        wire.summary.exploits = UInt64(exploits)
        if let best { wire.summary.quantiles = Array(repeating: best, count: 5) }
        return Leaderboard(wire, epoch: 1, committed: 1)
    }

    private mutating func view(_ board: Leaderboard, at seconds: Double) throws -> BoardView {
        history.add(board, at: .seconds(seconds))
        return try #require(history.view(at: .seconds(seconds)))
    }

    @Test mutating func `Lost members do not wait`() throws {
        let view = try view(Self.board(), at: 0)
        #expect(view.lost == 2)
        #expect(view.waiting == 10)
        #expect(view.status == .paused)
    }

    /// Two of three members, of which each report is of a step that took 5 s, and one more that is
    /// not on the board.
    private static func training(
        _ steps: [Int], reports: Int, training: Int = 3, generation: Int = 0
    ) -> Leaderboard {
        var wire = WireLeaderboard()
        wire.population = "digits"
        wire.summary.members = 3
        wire.summary.ranked = UInt64(steps.count)
        wire.summary.training = UInt64(training)
        wire.summary.status = .active
        wire.summary.reports = UInt64(reports)
        wire.summary.maxSteps = 100
        wire.summary.totalSteps = UInt64(reports)
        wire.summary.synchronous = generation > 0
        wire.summary.generation = UInt64(generation)
        wire.entries = steps.enumerated().map { index, step in
            var entry = WireEntry()
            entry.rank = UInt64(index + 1)
            entry.member = UInt64(index)
            entry.step = UInt64(step)
            entry.state = .training
            return entry
        }
        return Leaderboard(wire, epoch: 1, committed: 1)
    }

    @Test mutating func `A member that hangs is named, and no time left is said then`() throws {
        for step in 1...12 {
            let board = Self.training([step, step], reports: 3 * step)
            let view = try view(board, at: 5 * Double(step))
            #expect(view.quiet == nil)
        }
        #expect(history.view(at: .seconds(60))?.left != nil)
        for step in 13...30 {
            _ = try view(Self.training([step, 12], reports: 24 + step), at: 5 * Double(step))
        }
        let view = try #require(history.view(at: .seconds(150)))
        #expect(view.quiet == .init(members: [1], time: .seconds(90)))
        #expect(view.quiet?.text == "no report of member 1 for 1 m 30 s")
        #expect(view.left == nil)
        // It reports again.
        let later = try self.view(Self.training([31, 13], reports: 56), at: 155)
        #expect(later.quiet == nil)
        #expect(later.left != nil)
    }

    @Test mutating func `Whoever is not on the board is missed when no report comes`() throws {
        for step in 1...12 {
            _ = try view(Self.training([step], reports: step), at: 5 * Double(step))
        }
        let hung = Self.training([], reports: 12, training: 1)
        for second in 61...119 { #expect(try view(hung, at: Double(second)).quiet == nil) }
        let view = try view(hung, at: 120)
        #expect(view.quiet?.text == "no report for 1 m 00 s")
        // Nobody trains any more, so nobody is waited for.
        #expect(try self.view(Self.training([], reports: 12, training: 0), at: 121).quiet == nil)
    }

    @Test mutating func `Members that wait for their generation are not quiet`() throws {
        for step in 1...12 {
            _ = try view(
                Self.training([step, step], reports: 3 * step, generation: step),
                at: 5 * Double(step))
        }
        for second in 61...300 {
            // Others report all the while.
            let view = try view(
                Self.training([12, 12], reports: 36 + second / 10, generation: 13),
                at: Double(second))
            #expect(view.quiet == nil)
        }
    }

    @Test mutating func `Before it is known how long reports take, none is late`() throws {
        for second in 0...900 {
            let view = try view(Self.training([1, 1], reports: 2), at: Double(second))
            #expect(view.quiet == nil)
        }
    }

    @Test mutating func `Rates are those of the last ten seconds`() throws {
        #expect(try view(Self.board(reports: 100), at: 0).reportRate == nil)
        #expect(try view(Self.board(reports: 105), at: 1).reportRate == nil)
        #expect(try view(Self.board(reports: 120, exploits: 4), at: 2).reportRate == 10)
        #expect(try view(Self.board(reports: 120, exploits: 4), at: 2).exploitRate == 2)
        for second in 3...40 {
            _ = try view(Self.board(reports: 120 + 3 * (second - 2)), at: Double(second))
        }
        #expect(history.view(at: .seconds(40))?.reportRate == 3)
    }

    @Test mutating func `Few reports are counted over a minute, and rates fall in silence`() throws
    {
        for second in 0...120 {
            _ = try view(Self.board(reports: second / 20), at: Double(second))
        }
        #expect(history.view(at: .seconds(120))?.reportRate == 0.05)
        #expect(history.view(at: .seconds(123))?.silence == nil)
        let later = try #require(history.view(at: .seconds(180)))
        #expect(later.silence == .seconds(60))
        #expect(later.reportRate == 0)
    }

    @Test mutating func `The rise is that of the last minute, or since the first score`() throws {
        #expect(try view(Self.board(), at: 0).rise == nil)
        #expect(try view(Self.board(best: 0.5), at: 5).rise == nil)
        #expect(
            try view(Self.board(best: 0.75), at: 15).rise
                == .init(amount: 0.25, time: .seconds(10)))
        #expect(
            try view(Self.board(best: 0.25), at: 70).rise
                == .init(amount: -0.25, time: .seconds(60)))
        #expect(
            try view(Self.board(best: 0.25), at: 80).rise
                == .init(amount: -0.5, time: .seconds(60)))
    }

    @Test mutating func `Another journal begins another history`() throws {
        _ = try view(Self.board(reports: 100, best: 9), at: 0)
        let view = try view(Self.board(reports: 5, best: 1), at: 10)
        #expect(view.reportRate == nil)
        #expect(view.rise == nil)
        #expect(view.trend.values == [1])
    }

    // MARK: - Copies

    private static func event(
        _ sequence: Int,
        changing changes: [(String, HyperparameterValue, HyperparameterValue, String)]
    ) throws -> Event {
        var wire = WireEvent()
        wire.sequence = UInt64(sequence)
        wire.member = UInt64(sequence)
        wire.reported.step = 120
        wire.reported.score = 0.5
        wire.reported.exploit.donor = 3
        wire.reported.exploit.score = 0.75
        var (before, after) = (Hyperparameters(), Hyperparameters())
        for (name, old, new, _) in changes {
            before[name] = old
            after[name] = new
        }
        wire.reported.exploit.donorHyperparameters = before.wire
        wire.reported.exploit.hyperparameters = after.wire
        wire.reported.exploit.operations = changes.map(\.3)
        return try #require(Event(wire))
    }

    @Test mutating func `A copy tells what was changed of what it took over`() throws {
        _ = try view(Self.board(), at: 100)
        let event = try Self.event(
            12,
            changing: [
                ("rate", 0.5, 0.25, "perturbed"), ("zero", 0.0, 0.1, "perturbed"),
                ("sign", -1.0, 1.0, "perturbed"), ("size", 18, 14, "perturbed"),
                ("same", 7, 7, "perturbed"), ("kept", 1.0, 1.0, "kept"),
                ("new", 1.0, 2.0, "resampled"), ("name", "relu", "tanh", "perturbed"),
            ])
        history.add(event, at: .seconds(100), age: .seconds(20))
        let copies = try #require(history.view(at: .seconds(103))).copies
        #expect(
            copies == [
                .init(
                    member: 12, donor: 3, step: 120, score: 0.5, donorScore: 0.75,
                    changes: [
                        .scaled(name: "rate", by: 0.5), .set(name: "zero", to: "0.1"),
                        .set(name: "sign", to: "1"), .set(name: "size", to: "14"),
                        .drawn(name: "new"), .set(name: "name", to: "tanh"),
                    ], age: .seconds(23))
            ])
    }

    @Test mutating func `The newest copies are kept, and clocks that differ make none young`()
        throws
    {
        _ = try view(Self.board(), at: 0)
        for sequence in 1...200 {
            history.add(
                try Self.event(sequence, changing: []), at: .seconds(sequence), age: .seconds(-9))
        }
        let copies = try #require(history.view(at: .seconds(200))).copies
        #expect(copies.map(\.member) == Array((151...200).reversed()))
        #expect(copies.first?.age == .zero)
    }
}

struct TrendTests {
    @Test(
        arguments: [
            ([], ""), ([1], "▄"), ([5, 5, 5], "▄▄▄"), ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█"),
            ([8, 1], "█▁"), ([-1e308, 0, 1e308], "▁▅█"), ([0, 0.5, 1, 0.5], "▁▅█▅"),
        ] as [([Double], String)])
    func `A sparkline reaches from the least to the most`(values: [Double], text: String) {
        #expect(Sparkline.text(values, glyphs: .unicode) == text)
    }

    @Test func `A sparkline in ASCII`() {
        #expect(Sparkline.text([1, 2, 3, 4, 5, 6, 7, 8], glyphs: .ascii) == "_.-~=+*#")
    }

    @Test func `A trend keeps the last value of each half second`() {
        var trend = Trend()
        trend.add(.nan, at: .seconds(1))
        trend.add(1, at: .seconds(10))
        trend.add(2, at: .seconds(10.4))
        trend.add(.infinity, at: .seconds(11))
        trend.add(3, at: .seconds(12))
        #expect(trend.values == [2, 2, 2, 2, 3])
    }

    @Test(arguments: [60, 61, 3_600, 1_000_000])
    func `However long it is watched, a trend is bounded and covers all of it`(seconds: Int) {
        var trend = Trend()
        // A straight line, of a thousand values.
        for index in 0...1000 {
            trend.add(Double(index), at: .seconds(seconds) * index / 1000)
        }
        #expect((Trend.capacity / 2...Trend.capacity).contains(trend.values.count))
        #expect(trend.values == trend.values.sorted())
        #expect(trend.values.last == 1000)
        #expect(trend.values[0] < 20)
        let cells = trend.cells(8)
        #expect(Sparkline.text(cells, glyphs: .unicode) == "▁▂▃▄▅▆▇█")
    }

    @Test func `After a long silence a trend goes on`() {
        var trend = Trend()
        trend.add(1, at: .zero)
        trend.add(2, at: .seconds(30 * 86_400))
        #expect(trend.values.count <= Trend.capacity)
        #expect(trend.values.last == 2)
        #expect(trend.values.dropLast().allSatisfy { $0 == 1 })
    }
}
