import Testing

@testable import murmur

struct BoardTests {
    private static func view() -> BoardView {
        var view = BoardView(population: "digits")
        view.members = 16
        view.training = 4
        view.finished = 1
        view.reports = 1_204
        view.exploits = 1
        view.totalSteps = 800
        view.maxSteps = 100
        view.quantiles = [0.25, 0.5, 0.75, 0.875, 0.9375]
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
        return view
    }

    private func lines(
        _ view: BoardView = view(), width: Int = 80, height: Int = 24, colour: Bool = false
    ) -> [String] {
        BoardRenderer(width: width, height: height, colour: colour).lines(view)
    }

    @Test func `A board in 80 columns`() {
        let expected = """
            murmur  digits                                     1 m 12 s, about 48 s left
            ████████████████████░░░░░░░░░░░░░░░░░░░░  50 %   800 of 1 600 steps
            16 members: 4 training, 11 waiting, 1 finished   1 204 reports   1 exploit
            best 0.9375   quartiles 0.875  0.75  0.5   worst 0.25

            rank  member   score  step  state     donor   learning_rate  batch
               1       3  0.9375    60  training      7*       0.003123     64
               2      12   0.875    50  waiting       -             0.1    128

            logs  runs/0001/logs/worker-*.log
            """
        #expect(lines(width: 76).joined(separator: "\n") == expected)
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
        #expect(lines(width: 64)[5].hasSuffix("learning_r…  batch"))
        #expect(lines(width: 60)[5].hasSuffix("learnin…  bat…"))
        #expect(lines(width: 58)[5].hasSuffix("learnin…  +1"))
        #expect(lines(width: 48)[5].hasSuffix("donor   +2"))
        #expect(lines(width: 44)[5].hasSuffix("donor "))
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

    @Test func `A pipe gets a line when the best changes, and none when nothing does`() {
        var board = PlainBoard()
        var view = Self.view()
        #expect(
            board.line(view, at: .zero)
                == "digits  step 800/1600  best 0.9375 (member 3)  median 0.75  training 4"
                + "  finished 1/16  exploits 1")
        #expect(board.line(view, at: .seconds(60)) == nil)
        view.quantiles[4] = 0.95
        #expect(board.line(view, at: .milliseconds(500)) == nil)
        #expect(board.line(view, at: .seconds(1)) != nil)
        view.totalSteps += 1
        #expect(board.line(view, at: .seconds(9)) == nil)
        #expect(board.line(view, at: .seconds(9), isLast: true) != nil)
    }

    @Test func `The time left follows from the pace since the first look`() {
        var progress = Progress()
        #expect(progress.left(steps: 100, of: 400, at: .seconds(5)) == nil)
        #expect(progress.left(steps: 200, of: 400, at: .seconds(15)) == .seconds(20))
        #expect(progress.left(steps: 300, of: nil, at: .seconds(20)) == nil)
    }

    @Test(arguments: [
        (0.973100001, "0.9731"), (-1e-9, "-1e-09"), (.nan, "NaN"), (-.infinity, "-inf"), (0, "0"),
    ])
    func `Scores are short`(score: Double, text: String) {
        #expect(NumberText.score(score) == text)
    }
}
