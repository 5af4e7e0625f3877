import Evolution
import Messages
import Testing

@testable import Coordinator

/// Populations that end by themselves, as workers and people are told.
struct EndingTests {
    private func set(_ desk: inout Desk, _ name: String, _ value: SettingValue) throws {
        var settings = WireSettings()
        settings.settings = [WireSetting(name, value)]
        _ = try change(&desk, .settings(settings))
    }

    private func change(
        _ desk: inout Desk, _ change: WireChangePopulation.OneOf_Change
    ) throws -> WirePopulation {
        var request = WireChangePopulation()
        request.key = desk.key()
        request.population = "p"
        request.change = change
        switch try desk.ask(.changePopulation(request)) {
        case .population(let population): return population
        case .error(let error): throw error
        case let other: throw DeskError.unexpected("\(other)")
        }
    }

    private func summary(_ desk: Desk) -> WireSummary {
        desk.core.board(of: desk.core.populations[0], offset: 0, limit: 1).summary
    }

    @Test func `A budget of reports ends it, and it goes on when that is raised`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        try set(&desk, "report_budget", 2)
        let lease = try desk.lease()
        // It takes the other member, which has trained less.
        let first = try desk.report(lease.token, step: 10, score: 1)
        let last = try desk.report(first.lease.token, step: 10, score: 1)
        #expect(last.stop.reason.contains("report_budget (2) is used up"))
        #expect(try desk.join().stop.reason == last.stop.reason)
        #expect(summary(desk).status == .ended)
        #expect(summary(desk).obstacle == last.stop.reason)

        try desk.restart()
        #expect(summary(desk).obstacle == last.stop.reason)
        #expect(throws: WireError.self) { try change(&desk, .resume(WireResume())) }
        try set(&desk, "report_budget", 3)
        #expect(try change(&desk, .resume(WireResume())).status == .active)
        #expect(try desk.lease().step == 10)
    }

    @Test func `A budget of time ends it at its time, also when nobody reports`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        _ = try desk.lease()
        try set(&desk, "time_budget", 100.0)
        desk.advance(.seconds(99))
        #expect(summary(desk).status == .active)
        desk.advance(.seconds(1))
        #expect(summary(desk).status == .ended)
        #expect(summary(desk).obstacle.contains("time_budget (100.0) is used up"))
        // It stays the reason.
        try desk.restart()
        #expect(summary(desk).obstacle.contains("time_budget"))
    }

    @Test func `A budget of time does not end what has finished`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        try set(&desk, "time_budget", 100.0)
        try set(&desk, "max_steps", 10)
        let last = try desk.report(lease.token, step: 10, score: 1)
        desk.advance(.seconds(200))
        #expect(summary(desk).status == .active)
        #expect(!summary(desk).obstacle.contains("time_budget"))
        #expect(try desk.join().stop.reason == last.stop.reason)
        // Until there is something to train again.
        try set(&desk, "max_steps", 20)
        desk.advance(.seconds(1))
        #expect(summary(desk).status == .ended)
    }

    @Test func `Somebody's end is no budget's`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        _ = try desk.lease()
        try set(&desk, "time_budget", 100.0)
        _ = try change(&desk, .end(WireEnd()))
        desk.advance(.seconds(200))
        #expect(summary(desk).status == .ended)
        #expect(!summary(desk).obstacle.contains("time_budget"))
        #expect(try desk.join().stop.reason.contains("was ended"))
    }

    @Test func `A plateau ends it`() throws {
        var desk = try Desk()
        try desk.create(members: 4, interval: 1)
        try set(&desk, "plateau", 4)
        var leases = try (0..<4).map { _ in try desk.lease() }
        var stopped = ""
        for round in 1...12 where stopped.isEmpty {
            for (place, lease) in leases.enumerated() {
                let member = desk.members[Int(lease.member)]
                let directive = try desk.report(
                    lease.token, step: Int(lease.targetStep), score: 1,
                    effect: member.isInherited ? .applied : .unspecified)
                switch directive.assignment {
                case .same(let same): leases[place].targetStep = same.targetStep
                case .lease(let other): leases[place] = other
                case .stop(let stop): stopped = stop.reason
                default: throw DeskError.unexpected("\(directive)")
                }
                if !stopped.isEmpty { break }
            }
            #expect(round < 12)
        }
        #expect(stopped.contains("nothing was gained beyond noise"))
        #expect(stopped.contains("(plateau 4)"))
        #expect(try desk.replayed() == desk.members)
    }
}
