import Foundation
import Testing

@testable import Histories
@testable import Murmuration

struct OverviewTests {
    private func overview(
        of history: PastEvents, minimize: Bool = false
    ) throws -> Overview {
        var overview = Overview(population(minimize: minimize))
        for event in history.events { try overview.add(event) }
        return overview
    }

    @Test func `A copy goes on from its donor, and is undone when it was not taken over`() throws {
        var history = PastEvents(members: 3)
        let donor = history.report(0, step: 10, score: 0.9)
        history.report(1, step: 10, score: 0.2, copies: donor, of: 0)
        var followed = try overview(of: history)
        #expect(followed.standing(of: 1).step == 10)
        #expect(followed.standing(of: 1).score == 0.9)
        #expect(followed.members[1].donor == 0)
        #expect(followed.members[1].exploits == 1)
        #expect(followed.space.decode(followed.members[1].values) == ["rate": 0.08])
        #expect(followed.diversity.beginningsAlive == 1)
        #expect(followed.diversity.largestFamilyShare == 1)
        #expect(followed.diversity.beginning(of: 1, in: followed.descent) == 0)

        history.report(1, step: 20, score: 0.3, declined: true)
        followed = try overview(of: history)
        #expect(followed.standing(of: 1).score == 0.3)
        #expect(followed.members[1].declines == 1)
        #expect(followed.diversity.beginningsAlive == 2)
        #expect(followed.last == UInt64(history.events.count))
    }

    @Test(arguments: [false, true])
    func `A curve has the best, the quartiles and the worst of each part`(minimize: Bool) throws {
        var history = PastEvents(members: 5)
        for (member, score) in [0.1, 0.2, 0.3, 0.4, 0.5].enumerated() {
            history.report(member, step: 10, score: score)
        }
        history.report(0, step: 20, score: .nan)
        let followed = try overview(of: history, minimize: minimize)
        let curve = try #require(
            ScoreCurve(
                followed, by: .step, metric: nil, points: 300, from: nil, to: nil,
                minimize: minimize))
        #expect(curve.bins.map(\.x) == [10, 20])
        #expect(curve.bins.map(\.count) == [5, 0])
        #expect(curve.bins[0].best == (minimize ? 0.1 : 0.5))
        #expect(curve.bins[0].worst == (minimize ? 0.5 : 0.1))
        #expect(curve.bins[0].median == 0.3)
        #expect(curve.bins[0].upper == (minimize ? 0.2 : 0.4))
        #expect(curve.bins[1].best == nil)
        #expect(curve.bins[1].bestEver == curve.bins[0].best)
    }

    @Test func `A metric that nobody reported has no curve`() throws {
        var history = PastEvents(members: 1)
        history.report(0, step: 10, score: 1)
        let followed = try overview(of: history)
        let curve = ScoreCurve(
            followed, by: .time, metric: "loss", points: 10, from: nil, to: nil, minimize: false)
        #expect(curve == nil)
    }

    @Test func `Any number of reports takes the same room, and the best is kept`() {
        var log = ReportLog(dimensions: 1, most: 64)
        let history = PastEvents(members: 1)
        _ = history
        for number in 0..<1000 {
            var report = Event.Report(
                number: number + 1, step: number, score: number == 501 ? 7 : 0.5, checkpoint: nil,
                hyperparameters: [:], metrics: [], declined: false)
            report.metrics = [Event.Metric(name: "m\(number % 40)", value: Double(number))]
            log.add(
                report, of: 0, sequence: UInt64(number), time: Double(number),
                values: [Double(number)], minimize: false)
        }
        #expect(log.count == 1000)
        #expect(log.stride == 16)
        #expect(log.steps.count == 63)
        #expect(log.metrics.count == ReportLog.mostMetrics)
        #expect(log.metrics.values.allSatisfy { $0.count == log.steps.count })
        #expect(log.column(ofReport: 32) == 2)
        #expect(log.hyperparameters[0][2] == 32)
        #expect(log.column(ofReport: 33) == nil)
        #expect(log.records.map(\.score) == [0.5, 7])
    }

    @Test func `Parts of an axis cover both of its ends`() throws {
        let bins = try #require(Bins([0, 5, 10, .nan], from: nil, to: nil, count: 2))
        #expect(bins.groups([0, 4.9, 5, 10, 11, .nan]) == [[0, 1], [2, 3]])
        #expect(Bins([], from: nil, to: nil, count: 2) == nil)
        #expect(Bins([3], from: nil, to: nil, count: 9)?.groups([3]) == [[0]])
        #expect(Bins([1, 2], from: 5, to: 4, count: 9) == nil)
    }

    @Test func `Quartiles are between two numbers in proportion`() throws {
        let quantiles = try #require(Quantiles([4, 1, .infinity, 2, 3, .nan]))
        #expect(quantiles.least == 1)
        #expect(quantiles.lower == 1.75)
        #expect(quantiles.median == 2.5)
        #expect(quantiles.upper == 3.25)
        #expect(quantiles.greatest == 4)
        #expect(Quantiles([.nan]) == nil)
    }

    @Test func `A worker is told with its members, and one that lapsed without`() throws {
        var history = PastEvents(members: 2)
        history.add(.leased(worker: "node1:7/0"), of: 0)
        history.add(.leased(worker: "node2/1"), of: 1)
        history.report(0, step: 10, score: 1)
        history.add(.released(reason: "lapsed"), of: 1)
        let followed = try overview(of: history)
        let workers = followed.workers.all(since: .distantPast)
        #expect(workers.map(\.name) == ["node2/1", "node1:7/0"])
        #expect(workers[0].members.isEmpty)
        #expect(workers[0].lapses == 1)
        #expect(Array(workers[1].members.keys) == [0])
        #expect(workers[1].reports == 1)
        #expect(followed.state(of: 0) == .training)
        #expect(followed.state(of: 1) == .lost)
    }

    @Test func `A picture of a lineage leaves out what fewest descend from`() throws {
        var history = PastEvents(members: 4)
        let best = history.report(0, step: 10, score: 0.9)
        for member in 1...3 {
            history.report(member, step: 10, score: 0.1, copies: best, of: 0)
            history.report(member, step: 20, score: 0.5)
        }
        let followed = try overview(of: history)
        let stretches = try Stretches(
            followed.descent, of: "digits", minimize: false, isWhole: true)
        let kept = stretches.mostLiving(2)
        #expect(kept.contains(stretches.roots[0]))
        #expect(
            kept.allSatisfy { place in
                stretches.all[place].parent.map(kept.contains) ?? true
            })
        #expect(stretches.mostLiving(100).count == stretches.all.count)
    }

    @Test func `A history that cannot be one is an error`() {
        var followed = Overview(population())
        let event = Event(
            sequence: 1, time: Date(timeIntervalSince1970: 0), member: 5_000_000,
            kind: .created([:]))
        #expect(throws: Failure.self) { try followed.add(event) }
    }
}
