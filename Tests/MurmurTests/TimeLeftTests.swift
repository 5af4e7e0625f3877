import Testing

@testable import murmur

struct TimeLeftTests {
    private var timeLeft = TimeLeft()
    private var view = BoardView(population: "digits")
    private var now = 0.0

    init() {
        view.members = 16
        view.ranked = 16
        view.training = 4
        view.maxSteps = 1000
    }

    /// Trains for a while; each report is of ten steps.
    private mutating func train(seconds: Double, reportsPerSecond: Double) {
        let begin = (now, view.reports)
        while now < begin.0 + seconds {
            now += 0.5
            view.reports = begin.1 + Int((now - begin.0) * reportsPerSecond)
            view.totalSteps += 10 * (view.reports - view.totalSteps / 10)
            timeLeft.observe(view, at: .seconds(now))
        }
    }

    private var estimate: Double? { timeLeft.estimate(view).map { $0 / .seconds(1) } }

    @Test mutating func `Nothing is said before every worker had time to report`() {
        #expect(estimate == nil)
        train(seconds: 1, reportsPerSecond: 3)
        #expect(estimate == nil)
        train(seconds: 3, reportsPerSecond: 3)
        #expect(estimate != nil)
    }

    @Test mutating func `At an even pace it is what is left by the pace`() throws {
        train(seconds: 60, reportsPerSecond: 4)
        let left = Double(16_000 - view.totalSteps) / 40
        #expect(abs(try #require(estimate) / left - 1) < 0.05)
    }

    @Test mutating func `It follows a change of pace, and does not jump`() throws {
        train(seconds: 120, reportsPerSecond: 4)
        var last = try #require(estimate)
        for _ in 0..<90 {
            train(seconds: 1, reportsPerSecond: 1)
            let next = try #require(estimate)
            #expect(abs(next / last - 1) < 0.15)
            last = next
        }
        let left = Double(16_000 - view.totalSteps) / 10
        #expect(abs(last / left - 1) < 0.25)
    }

    @Test mutating func `A pause is no pace, and nothing is said in it`() throws {
        train(seconds: 60, reportsPerSecond: 4)
        let before = try #require(estimate)
        view.status = .paused
        train(seconds: 600, reportsPerSecond: 0)
        #expect(estimate == nil)
        view.status = .active
        #expect(try #require(estimate) == before)
    }

    @Test mutating func `Without an end, or at it, nothing is left to say`() {
        train(seconds: 60, reportsPerSecond: 4)
        view.maxSteps = nil
        #expect(estimate == nil)
        view.maxSteps = 1000
        view.totalSteps = 16_000
        view.finished = 16
        #expect(estimate == nil)
    }

    @Test mutating func `While nobody trains there is nothing to say`() {
        train(seconds: 60, reportsPerSecond: 4)
        view.training = 0
        #expect(estimate == nil)
    }

    @Test mutating func `A time beyond what can be foreseen is not said`() {
        train(seconds: 60, reportsPerSecond: 4)
        view.members = 1_000_000
        view.maxSteps = 1_000_000
        #expect(estimate == nil)
    }

    @Test mutating func `Another journal begins anew`() {
        train(seconds: 60, reportsPerSecond: 4)
        view.reports = 0
        view.totalSteps = 0
        timeLeft.observe(view, at: .seconds(61))
        #expect(estimate == nil)
    }

    @Test mutating func `Steps beyond the last one are not counted against what is left`() {
        func entry(_ step: Int) -> BoardView.Entry {
            .init(rank: 1, member: 1, score: 1, step: step, state: .finished)
        }
        view.members = 4
        view.maxSteps = 100
        view.ranked = 3
        view.finished = 2
        view.totalSteps = 550
        view.entries = [entry(300), entry(200), entry(50)]
        #expect(view.stepsLeft == 150)
        // Of those that are not on the board nothing is known but the sum.
        view.entries.removeLast()
        #expect(view.stepsLeft == 0)
        view.totalSteps = 0
        #expect(view.stepsLeft == 200)
    }

    @Test(arguments: [
        (0.2, "1 s"), (7.4, "7 s"), (48, "50 s"), (92, "1 m 30 s"), (344, "5 m 30 s"),
        (5_000, "1 h 23 m"), (40_000, "11 h 10 m"), (100_000, "1 d 04 h"),
    ])
    func `Estimates are as coarse as they are uncertain`(seconds: Double, text: String) {
        #expect(Duration.seconds(seconds).approximate.shortText == text)
    }
}
