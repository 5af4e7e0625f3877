import Murmuration
import Testing

@testable import Histories
@testable import murmur

struct BoardTests {
    static func view() -> BoardView {
        var view = BoardView(population: "digits")
        view.members = 16
        view.training = 4
        view.lost = 1
        view.finished = 1
        view.reports = 1_204
        view.exploits = 1
        view.totalSteps = 800
        view.maxSteps = 100
        view.quantiles = [0.25, 0.5, 0.75, 0.875, 0.9375]
        view.bestEver = 0.96875
        view.rise = .init(amount: 0.0125, time: .seconds(24))
        for (index, score) in [0.5, 0.75, 0.75, 0.9375].enumerated() {
            view.trend.add(score, at: .seconds(index) / 2)
        }
        view.reportRate = 12.3
        view.exploitRate = 0.04
        view.elapsed = .seconds(72)
        view.left = .seconds(48)
        view.logs = "runs/0001/logs"
        view.entries = [
            .init(
                rank: 1, member: 3, score: 0.9375, step: 60, state: .training, donor: 7,
                isInherited: true,
                hyperparameters: [
                    .init(name: "learning_rate", value: "0.003123"),
                    .init(name: "batch", value: "64"),
                ]),
            .init(
                rank: 2, member: 12, score: 0.875, step: 50, state: .waiting,
                hyperparameters: [
                    .init(name: "learning_rate", value: "0.1"), .init(name: "batch", value: "128"),
                ]),
        ]
        view.copies = [
            .init(
                member: 12, donor: 3, step: 120, score: 0.96107, donorScore: 0.98554,
                changes: [.scaled(name: "lr", by: 0.8), .drawn(name: "dropout")],
                age: .seconds(3)),
            .init(
                member: 4, donor: 13, step: 90, score: 0.5, donorScore: 0.98554,
                changes: [.set(name: "batch", to: "77")], age: .seconds(75)),
        ]
        return view
    }

    private func lines(
        _ view: BoardView = view(), width: Int = 80, height: Int = 24, colour: Bool = false,
        glyphs: Glyphs = .unicode
    ) -> [String] {
        BoardRenderer(width: width, height: height, colour: colour, glyphs: glyphs)
            .lines(view).map(\.text)
    }

    /// A thousand thousand members, and no number is short.
    private static func huge() -> BoardView {
        var view = view()
        view.members = 1_000_000
        view.training = 250_001
        view.lost = 250_002
        view.finished = 250_003
        view.reports = 999_999_999
        view.exploits = 99_999_999
        view.reportRate = 123_456
        view.exploitRate = 99_999
        view.maxSteps = 1_000_000
        view.totalSteps = 999_999_999_999
        view.quantiles = [-1.23456e-5, -1.23456e-5, -1.23456e-5, -1.23456e-5, -1.23456e-5]
        view.bestEver = -1.23455e-5
        view.rise = .init(amount: -1.2e-10, time: .seconds(60))
        view.entries = (1...50).map { rank in
            .init(
                rank: rank, member: 999_999 - rank, score: -1.23456e-5, step: 1_000_000,
                state: .training, donor: 999_999, isInherited: true,
                hyperparameters: (1...20).map { .init(name: "hyperparameter-\($0)", value: "1") })
        }
        view.copies = (1...50).map { index in
            .init(
                member: 999_999, donor: 999_998, step: 1_000_000, score: -1.23456e-5,
                donorScore: -1.23455e-5,
                changes: (1...20).map { .scaled(name: "hyperparameter-\($0)", by: 1.25) },
                age: .seconds(index))
        }
        return view
    }

    @Test func `A board in 80 columns`() {
        let expected = """
            murmur  digits                                     1 m 12 s, about 50 s left
            ████████████████████░░░░░░░░░░░░░░░░░░░░  50 %   800 of 1 600 steps
            best 0.9375  ▁▅▅█  +0.013 in 24 s   ever 0.96875
            quartiles 0.875  0.75  0.5   worst 0.25
            16 members: 4 training, 1 lost, 10 waiting, 1 finished
            1 204 reports  12/s   1 exploit  2.4/min

            rank  member   score  step  state     donor   learning_rate  batch
               1       3  0.9375    60  training      7*       0.003123     64
               2      12   0.875    50  waiting       -             0.1    128

             3 s  12 copied 3 at step 120: 0.9611 → 0.9855   lr ×0.8  dropout ↻
             1 m  4 copied 13 at step 90: 0.5 → 0.9855       batch → 77

            logs  runs/0001/logs/worker-*.log
            """
        #expect(lines(width: 76).joined(separator: "\n") == expected)
    }

    @Test func `A board in 40 columns and 10 lines`() {
        #expect(
            lines(width: 40, height: 10) == [
                "murmur  digits           about 50 s left",
                "██████░░░░░░░  50 %   800 of 1 600 steps",
                "best 0.9375  ▁▅▅█  +0.013 in 24 s",
                "16 members: 4 training, 1 lost",
                "1 204 reports  12/s   1 exploit  2.4/min",
                "rank  member   score  step  state     d…",
                "   1       3  0.9375    60  training   …",
                "   2      12   0.875    50  waiting    …",
                "",
                " 3 s  12 copied 3: 0.9611 → 0.9855   +2",
            ])
    }

    @Test func `A board in 20 columns and 5 lines`() {
        #expect(
            lines(width: 20, height: 5) == [
                "murmur  digits",
                "███████░░░░░░░  50 %",
                "best 0.9375",
                "16 members",
                "1 204 reports  12/s",
            ])
    }

    @Test func `A wide and high window is used`() {
        let lines = lines(Self.huge(), width: 200, height: 60)
        #expect(lines.count == 60)
        #expect(lines[1].prefix { $0 == "█" || $0 == "░" }.count == 100)
        #expect(Terminal.width(lines.first { $0.hasPrefix("rank") } ?? "") > 180)
        #expect(lines.count { $0.contains(" copied ") } == 10)
        #expect(lines.count { $0.contains("training") && !$0.contains("members") } > 35)
    }

    @Test(arguments: [(80, 24), (40, 10), (20, 5), (200, 60), (1, 1)])
    func `Large numbers fit`(width: Int, height: Int) {
        let lines = lines(Self.huge(), width: width, height: height)
        #expect(lines.count <= height)
        #expect(lines.allSatisfy { Terminal.width($0) <= width })
        guard width >= 80 else { return }
        #expect(lines.contains { $0.contains("250k lost") || $0.contains("250 002 lost") })
        #expect(lines.contains { $0.contains("999 999 999 reports  123 456/s") })
        #expect(lines.contains { $0.contains("-1.23456e-05") && $0.contains("999998") })
        #expect(!lines.prefix(6).contains { $0.contains("…") })
    }

    @Test func `Where there is no screen the table has all the room it wants, and the bar has not`()
    {
        var view = Self.view()
        // A board that was only asked for has none of these.
        (view.elapsed, view.left, view.trend) = (nil, nil, Trend())
        let widths = BoardRenderer(width: 10_000, height: .max).lines(view).map(\.width)
        #expect(widths.filter { $0 >= 200 } == [])
    }

    @Test func `Steps beyond all numbers have no end that is counted`() {
        var view = Self.huge()
        view.maxSteps = .max
        #expect(view.allSteps == nil)
        #expect(view.stepsLeft == nil)
        #expect(lines(view).contains("999 999 999 999 steps, without an end"))
    }

    @Test(arguments: [Population.Status.paused, .ended])
    func `A population that is not active says so`(status: Population.Status) {
        var view = Self.view()
        view.status = status
        #expect(lines(view)[0].hasPrefix("murmur  digits  \(status.rawValue) "))
        #expect(PlainBoard.text(view).hasPrefix("digits  \(status.rawValue)  step"))
    }

    @Test func `Every board says so that nothing is encrypted`() {
        var view = Self.view()
        #expect(!PlainBoard.text(view).contains("insecure"))
        view.isInsecure = true
        #expect(PlainBoard.text(view).hasSuffix("  insecure"))
        #expect(lines(view).contains { $0.hasPrefix("insecure: ") })
    }

    @Test func `Where lower is better the board says so, and a fall is good`() {
        var view = Self.view()
        view.isMinimizing = true
        view.rise = .init(amount: -0.25, time: .seconds(60))
        let lines = lines(view, colour: true)
        #expect(lines[2].contains("\u{1B}[32m  -0.25\u{1B}[0m"))
        #expect(lines[2].contains(" in a minute"))
        #expect(lines[3].contains("lower is better"))
        view.isMinimizing = false
        #expect(self.lines(view, colour: true)[2].contains("\u{1B}[33m  -0.25\u{1B}[0m"))
    }

    @Test func `Scores that are no numbers are shown, and no trend is made of them`() {
        var view = Self.view()
        view.entries[0].score = .nan
        view.entries[1].score = -.infinity
        view.bestEver = .nan
        view.copies[0].score = .nan
        let text = lines(view).joined(separator: "\n")
        #expect(text.contains("   1       3    NaN"))
        #expect(text.contains("   2      12   -inf"))
        #expect(text.contains("NaN → 0.9855"))
        #expect(!text.contains("ever"))
    }

    @Test func `Without UTF-8 a board is ASCII of the same widths`() {
        var view = Self.view()
        view.event = "worker “Müller 群” failed"
        let board = lines(view, width: 76, glyphs: .ascii)
        #expect(board.allSatisfy { $0.allSatisfy(\.isASCII) })
        #expect(board[1] == "####################....................  50 %   800 of 1 600 steps")
        #expect(board[2] == "best 0.9375  _==#  +0.013 in 24 s   ever 0.96875")
        #expect(board.contains { $0.contains("0.9611 -> 0.9855   lr x0.8  dropout new") })
        #expect(board.last == "worker ?M?ller ??? failed")
        #expect(lines(view, width: 60, glyphs: .ascii)[7].hasSuffix("learnin~  bat~"))
    }

    @Test func `Silence is told instead of a time left`() {
        var view = Self.view()
        view.silence = .seconds(7)
        view.event = "worker 1 ended"
        #expect(
            lines(view).suffix(2) == [
                "nothing heard of the coordinator for 7 s", "worker 1 ended",
            ])
        #expect(lines(view, width: 40, height: 8).last == "worker 1 ended")
    }

    @Test func `Members of which no report comes are told`() {
        var view = Self.view()
        view.quiet = .init(members: [3], time: .seconds(300))
        let sentence = "no report of member 3 for 5 m 00 s"
        #expect(lines(view).contains(sentence))
        var board = PlainBoard()
        #expect(board.line(view, at: .zero)?.hasSuffix(sentence) == true)
        view.quiet = .init(members: [3, 5], time: .seconds(310))
        let both = board.line(view, at: .seconds(1))
        #expect(both?.hasSuffix("no report of 2 members for up to 5 m 00 s") == true)
        view.quiet?.time = .seconds(320)
        #expect(board.line(view, at: .seconds(2)) == nil)
        view.quiet = nil
        #expect(board.line(view, at: .seconds(3)) != nil)
    }

    @Test(arguments: [1, 7, 20, 40, 60, 80, 200], [1, 5, 9, 24])
    func `A board stays within the terminal`(width: Int, height: Int) {
        var view = Self.view()
        view.event = String(repeating: "worker 3 failed ", count: 20)
        view.entries = (1...100).map { rank in
            var entry = view.entries[0]
            entry.rank = rank
            return entry
        }
        let lines = lines(view, width: width, height: height)
        #expect(lines.count <= height)
        #expect(lines.allSatisfy { Terminal.width($0) <= width })
    }

    @Test func `Headings give way to values, and the last columns to the first`() {
        #expect(lines(width: 64)[7].hasSuffix("learning_r…  batch"))
        #expect(lines(width: 60)[7].hasSuffix("learnin…  bat…"))
        #expect(lines(width: 58)[7].hasSuffix("learnin…  +1"))
        #expect(lines(width: 48)[7].hasSuffix("donor   +2"))
        #expect(lines(width: 44)[7].hasSuffix("donor "))
    }

    @Test func `A hyperparameter that does not count for a member is a dash there`() {
        var view = Self.view()
        view.entries[0].hyperparameters[1] = .init(name: "beta", value: "0.9")
        let table = lines(view, width: 100).filter { $0.contains("learning_rate") }
        #expect(table.first?.contains("batch") == true && table.first?.contains("beta") == true)
        let rows = lines(view, width: 100).map {
            $0.split(separator: " ").suffix(3).map(String.init)
        }
        #expect(
            rows.contains(["0.003123", "0.9", "-"]) || rows.contains(["0.003123", "-", "0.9"]))
        #expect(rows.contains(["0.1", "-", "128"]) || rows.contains(["0.1", "128", "-"]))
    }

    @Test func `Colours come only when they are asked for`() {
        #expect(!lines().joined().contains("\u{1B}"))
        let coloured = lines(colour: true)
        #expect(coloured.joined().contains("\u{1B}[32m"))
        #expect(
            coloured.filter { $0.contains("\u{1B}[") }.allSatisfy {
                $0.hasSuffix("\u{1B}[0m") || !$0.hasSuffix("m")
            })
    }

    @Test(arguments: [
        ("a\u{1B}[31mb", "a\\u{1b}[31mb"), ("\n\r\u{7}", "\\u{a}\\u{d}\\u{7}"),
        ("\u{9B}x", "\\u{9b}x"), ("\u{202E}abc", "\\u{202e}abc"), ("Müller 群", "Müller 群"),
    ])
    func `Text from peers cannot steer the terminal`(text: String, escaped: String) {
        #expect(Terminal.escaped(text) == escaped)
    }

    @Test func `A board shows no control character of a peer`() {
        var view = Self.view()
        view.population = "di\u{1B}[2Jgits"
        view.event = "worker\u{7}"
        view.entries[0].hyperparameters[0] = .init(name: "a\u{1B}c", value: "\u{1B}]0;x\u{7}")
        #expect(!lines(view).joined().contains { $0 == "\u{1B}" || $0 == "\u{7}" })
    }

    @Test func `Wide characters take two cells, combining ones none`() {
        #expect(Terminal.width("群れ") == 4)
        #expect(Terminal.width("e\u{301}") == 1)
        #expect(Terminal.cut("群れです", 5) == "群れ…")
        #expect(Terminal.fitted("群", 4) == "群  ")
    }

    @Test func `Before the first report the board says so`() {
        var view = BoardView(population: "digits")
        view.members = 4
        #expect(lines(view).contains("No member has reported yet."))
        #expect(lines(view).contains("0 steps, without an end"))
    }

    @Test func `Without a best score the board says why there is none`() {
        var view = Self.view()
        view.quantiles = []
        #expect(lines(view).contains("No member has a finite score."))
        view.entries = []
        #expect(lines(view).contains("No member has reported a checkpoint, so none is ranked."))
        view.members = 0
        #expect(lines(view).contains("All its members were removed."))
    }

    @Test func `A pipe gets a line when the best changes, and none when nothing does`() {
        var board = PlainBoard()
        var view = Self.view()
        #expect(
            board.line(view, at: .zero)
                == "digits  step 800/1600  best 0.9375 (member 3)  median 0.75  training 4  lost 1"
                + "  finished 1/16  reports 1204 (12/s)  exploits 1  about 50 s left")
        view.reportRate = 3
        view.left = .seconds(10)
        #expect(board.line(view, at: .seconds(60)) == nil)
        view.quantiles[4] = 0.95
        #expect(board.line(view, at: .milliseconds(500)) == nil)
        #expect(board.line(view, at: .seconds(1)) != nil)
        view.totalSteps += 1
        #expect(board.line(view, at: .seconds(9)) == nil)
        #expect(board.line(view, at: .seconds(9), isLast: true) != nil)
    }

    @Test func `A pipe hears soon of lost members, a pause and silence, and when they are over`() {
        var board = PlainBoard()
        var view = Self.view()
        #expect(board.line(view, at: .zero) != nil)
        view.lost = 2
        #expect(board.line(view, at: .seconds(1))?.contains("  lost 2  ") == true)
        view.status = .paused
        #expect(board.line(view, at: .seconds(2))?.contains("  paused  ") == true)
        view.silence = .seconds(5)
        #expect(board.line(view, at: .seconds(3))?.hasSuffix("nothing heard for 5 s") == true)
        view.silence = .seconds(6)
        #expect(board.line(view, at: .seconds(4)) == nil)
        view.silence = nil
        #expect(board.line(view, at: .seconds(5)) != nil)
    }

    @Test(arguments: [
        (0, "0/s"), (0.04, "2.4/min"), (0.5, "30/min"), (1, "1/s"), (9.94, "9.9/s"), (9.96, "10/s"),
        (99.6, "100/s"), (12_345.6, "12 346/s"),
    ])
    func `Rates are short`(rate: Double, text: String) {
        #expect(NumberText.rate(rate) == text)
    }

    @Test(arguments: [
        (999, "999"), (1_000, "1k"), (1_239, "1.23k"), (99_999, "99.9k"), (999_999, "999k"),
        (1_000_000, "1M"), (.max, "9.22E"),
    ])
    func `Counts in few characters are never rounded up`(count: Int, text: String) {
        #expect(NumberText.shortCount(count) == text)
    }

    @Test(arguments: [
        (0.973100001, "0.9731"), (-1e-9, "-1e-09"), (.nan, "NaN"), (-.infinity, "-inf"), (0, "0"),
    ])
    func `Scores are short`(score: Double, text: String) {
        #expect(NumberText.score(score) == text)
    }
}
