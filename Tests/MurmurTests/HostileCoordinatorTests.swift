import Foundation
import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

/// What no coordinator of ours says: numbers as large as they get, in any order.
struct HostileCoordinatorTests {
    @Test func `A board with the largest numbers is drawn`() {
        var view = BoardView(population: "p")
        view.members = 1
        (view.training, view.lost, view.finished) = (.max, .max, .max)
        (view.reports, view.exploits, view.totalSteps) = (.max, .max, .max)
        (view.ranked, view.maxSteps) = (2, .max)
        view.generation = .init(number: .max, reported: .max)
        view.entries = (0..<2).map { _ in
            .init(rank: .max, member: .max, score: .nan, step: 0, state: .lost, donor: .max)
        }
        #expect(view.waiting == 0)
        #expect(view.stepsLeft == .max)
        #expect(!BoardRenderer(width: 80, height: 24).lines(view).isEmpty)
    }

    @Test func `The time left is estimated of any counts`() {
        var view = BoardView(population: "p")
        (view.members, view.training, view.maxSteps) = (1, .max, 10)
        var timeLeft = TimeLeft()
        for (second, reports) in [0, Int.max, Int.max, 0, Int.max].enumerated() {
            (view.reports, view.totalSteps) = (reports, reports)
            timeLeft.observe(view, at: .seconds(second))
        }
        #expect(timeLeft.estimate(view) ?? .zero < .seconds(1))
    }

    @Test(arguments: [0, -1, 1])
    func `A report that does not come after the one before is refused`(number: Int) throws {
        var descent = Descent()
        var past = PastEvents(members: 1)
        past.report(0, step: 1, score: 1)
        for event in past.events { try descent.add(event) }
        var event = try #require(past.events.last)
        var report = try #require(event.report)
        report.number = number
        event.kind = .reported(report)
        #expect(throws: Failure.self) { try descent.add(event) }
    }

    @Test func `Reports with gaps between their numbers take no memory for these`() throws {
        var descent = Descent()
        var past = PastEvents(members: 2)
        var donor = past.report(0, step: 1, score: 1)
        past.report(1, step: 1, score: 0, copies: donor)
        donor.number = .max
        var events = past.events
        events[2].kind = .reported(donor)
        for event in events.prefix(3) { try descent.add(event) }
        #expect(try descent.holders == [0: [0]])
    }

    @Test func `A member beyond the most is refused`() {
        var past = PastEvents(members: 0)
        past.add(.created([:]), of: .max)
        var descent = Descent()
        #expect(throws: Failure.self) { try descent.add(past.events[0]) }
    }

    @Test(arguments: [Int64.min, .max])
    func `A time beyond all calendars is written`(milliseconds: Int64) {
        let event = Event(
            sequence: 1, time: Date(timeIntervalSince1970: Double(milliseconds) / 1000),
            member: nil, kind: .paused)
        var table = EventTable()
        #expect(event.json.contains("paused"))
        #expect(table.line(event).contains("paused"))
    }
}
