import Testing

@testable import Histories
@testable import Murmuration
@testable import Plotting

struct TrackTests {
    private static func steps(_ track: Track) -> [[Int]] {
        track.stretches.map { stretch in
            let origin = stretch.origin.map { [$0.step] } ?? []
            return origin + stretch.samples.map(\.step)
        }
    }

    @Test func `After an exploit a line goes on from the step and the score of its donor`() {
        var history = History()
        history.report(0, 10, 0.9)
        history.report(0, 20, 0.95)
        history.report(1, 10, 0.1, exploit: history.exploit(of: 0, step: 20, score: 0.95))
        history.report(1, 30, 0.97)
        history.report(1, 40, 0.98)
        let track = history.track(1)
        #expect(Self.steps(track) == [[10], [20, 30, 40]])
        #expect(track.stretches[1].origin?.value == 0.95)
        #expect(track.takeovers.map(\.from.step) == [10])
        #expect(track.takeovers.map(\.to.step) == [20])
        #expect(Self.steps(history.track(0)) == [[10, 20]])
    }

    @Test(arguments: [true, false])
    func `A declined exploit leaves no trace`(inReport: Bool) {
        var history = History()
        history.report(0, 20, 0.95)
        history.report(1, 10, 0.1, exploit: history.exploit(of: 0, step: 20, score: 0.95))
        if !inReport { history.add(1, .declined(reason: "lost", fallback: .previous)) }
        history.report(1, 20, 0.2, declined: inReport)
        let track = history.track(1)
        #expect(Self.steps(track) == [[10, 20]])
        #expect(track.takeovers.isEmpty)
    }

    @Test func `An exploit that was trained from stays when its successor declines`() {
        var history = History()
        history.report(0, 20, 0.95)
        history.report(1, 10, 0.1, exploit: history.exploit(of: 0, step: 20, score: 0.95))
        history.report(1, 30, 0.96)
        history.add(1, .declined(reason: "the checkpoint is gone", fallback: .previous))
        history.report(1, 30, 0.94)
        let track = history.track(1)
        #expect(Self.steps(track) == [[10], [20, 30], [20, 30]])
        #expect(track.takeovers.count == 1)
    }

    @Test func `Who lost its state goes on from its donor's, and then from the start`() {
        var history = History()
        history.report(0, 20, 0.95)
        history.report(1, 10, 0.1, ["rate": 0.5])
        let exploit = history.exploit(of: 0, step: 20, score: 0.95, explored: ["rate": 0.25])
        history.add(1, .declined(reason: "lost", fallback: .donor(exploit)))
        let space = [Dimension.make("rate")]
        let rescued = history.track(1, space: space)
        #expect(rescued.takeovers.map(\.from.step) == [10])
        #expect(rescued.takeovers.map(\.from.hyperparameters) == [[0.5]])
        #expect(rescued.takeovers.map(\.to.step) == [20])
        #expect(rescued.takeovers.map(\.to.hyperparameters) == [[0.25]])

        var trained = history
        trained.report(1, 30, 0.96)
        #expect(Self.steps(trained.track(1)) == [[10], [20, 30]])

        history.add(1, .declined(reason: "lost too", fallback: .start))
        history.report(1, 5, 0.2)
        #expect(history.track(1).takeovers.isEmpty)
        #expect(Self.steps(history.track(1)) == [[10], [5]])
        #expect(history.picture(space: space).svg().contains("</svg>"))
    }

    @Test func `What was not committed is left behind when another worker takes over`() {
        var history = History()
        history.report(0, 10, 0.5)
        history.report(0, 12, 0.6, checkpoint: false)
        history.add(0, .leased(worker: "another"))
        history.report(0, 12, 0.55)
        #expect(Self.steps(history.track(0)) == [[10, 12], [10, 12]])
    }

    @Test func `A hyperparameter holds for the stretch up to the report that said it`() {
        var history = History()
        let space = [Dimension.make("rate")]
        history.report(1, 20, 0.9, ["rate": 3])
        history.report(0, 10, 0.5, ["rate": 1])
        history.report(
            0, 15, 0.5, ["rate": 2],
            exploit: history.exploit(of: 1, step: 20, score: 0.9, explored: ["rate": 4]))
        let pending = Curve(hyperparameter: 0, of: history.track(0, space: space))
        #expect(pending.exploits.map(\.to) == [.init(x: 20, y: 4)])
        // The worker set another value than was explored.
        history.report(0, 30, 0.9, ["rate": 5])
        let curve = Curve(hyperparameter: 0, of: history.track(0, space: space))
        #expect(
            curve.strokes == [
                [.init(x: 0, y: 1), .init(x: 10, y: 1), .init(x: 10, y: 2), .init(x: 15, y: 2)],
                [.init(x: 20, y: 5), .init(x: 30, y: 5)],
            ])
        #expect(curve.exploits == [.init(from: .init(x: 15, y: 2), to: .init(x: 20, y: 5))])
    }

    @Test func `An extra metric goes on from what the donor reported of it`() {
        var history = History()
        history.report(0, 20, 0.9, metrics: ["loss": 3])
        history.report(1, 10, 0.1, metrics: ["loss": 9])
        history.report(1, 20, 0.1, exploit: history.exploit(of: 0, step: 20, score: 0.9))
        history.report(1, 30, 0.9, metrics: ["loss": 2])
        let curve = Curve(metricOf: history.track(1, metric: "loss"))
        #expect(curve.strokes == [[.init(x: 10, y: 9)], [.init(x: 20, y: 3), .init(x: 30, y: 2)]])
        #expect(curve.unplaced.isEmpty)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e301])
    func `A score that has no place makes a gap`(score: Double) {
        var history = History()
        for (step, score) in [(1, 0.1), (2, 0.2), (3, score), (4, 0.4), (5, 0.5)] {
            history.report(0, step, score)
        }
        let curve = Curve(metricOf: history.track(0))
        #expect(curve.strokes.map { $0.map(\.x) } == [[1, 2], [4, 5]])
        #expect(curve.unplaced.map(\.x) == [3])
    }

    @Test func `The best is first, equals are as on the board, and the removed come last`() {
        var history = History()
        for (member, score) in [0.5, .nan, 0.9, 0.9, 1.0].enumerated() {
            history.report(member, 10, score)
        }
        history.report(5, 10, 0.1, checkpoint: false)
        history.add(4, .removed)
        var standings = Standings()
        for event in history.events { standings.add(event) }
        #expect(standings.order(minimize: false).map(\.member) == [2, 3, 0, 1, 4, 5])
        #expect(standings.order(minimize: false, board: [3, 2]).map(\.member)[..<3] == [3, 2, 0])
        #expect(standings.order(minimize: true).map(\.member)[..<3] == [0, 2, 3])
        #expect(standings.reports == 6)
    }
}
