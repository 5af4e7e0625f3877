import Evolution
import Messages
import Records
import Testing

@testable import Coordinator

struct SteeringTests {
    private func steer(
        _ desk: inout Desk, _ change: WireChangePopulation.OneOf_Change
    ) throws -> WirePopulation {
        switch try desk.ask(.changePopulation(request(&desk, change))) {
        case .population(let population): return population
        case .error(let error): throw error
        case let other: throw DeskError.unexpected("\(other)")
        }
    }

    private func request(
        _ desk: inout Desk, _ change: WireChangePopulation.OneOf_Change
    ) -> WireChangePopulation {
        var request = WireChangePopulation()
        request.key = desk.key()
        request.change = change
        return request
    }

    private func settings(_ change: (inout WireSettings) -> Void)
        -> WireChangePopulation.OneOf_Change
    {
        var settings = WireSettings()
        change(&settings)
        return .settings(settings)
    }

    private func kinds(_ desk: Desk) throws -> [Event.Kind] {
        guard let journal = desk.journal else { throw DeskError.unexpected("it is closed") }
        return try journal.events(of: 0, after: 0, limit: 1000).map(\.event.kind)
    }

    @Test func `A paused population takes reports and lets its workers wait`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let lease = try desk.lease()
        #expect(try steer(&desk, .pause(WirePause())).status == .paused)
        let directive = try desk.report(lease.token, step: 10, score: 1)
        #expect(directive.wait.milliseconds > 0)
        #expect(try desk.join().wait.milliseconds > 0)
        #expect(desk.core.populations[0].training == 0)
        try desk.restart()
        #expect(try desk.join().wait.milliseconds > 0)
        let resumed = try steer(&desk, .resume(WireResume()))
        #expect(resumed.status == .active)
        #expect(try Set([desk.lease().member, desk.lease().member]) == [0, 1])
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `Steering twice changes once, and a retry gets the same answer`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let pause = request(&desk, .pause(WirePause()))
        let first = try desk.ask(.changePopulation(pause))
        let sequence = desk.core.sequence
        #expect(try desk.ask(.changePopulation(pause)) == first)
        #expect(try steer(&desk, .pause(WirePause())).status == .paused)
        #expect(desk.core.sequence == sequence)
        let add = request(&desk, .addMembers(.with { $0.members = 3 }))
        _ = try desk.ask(.changePopulation(add))
        try desk.restart()
        _ = try desk.ask(.changePopulation(add))
        #expect(desk.members.count == 5)
    }

    @Test func `What was refused does not happen later, when its request comes again`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        _ = try steer(&desk, .end(WireEnd()))
        let pause = request(&desk, .pause(WirePause()))
        let refusal = try desk.refusal(.changePopulation(pause))
        #expect(refusal?.code == .conflict)
        _ = try steer(&desk, .resume(WireResume()))
        #expect(try desk.refusal(.changePopulation(pause)) == refusal)
        try desk.restart()
        #expect(try desk.refusal(.changePopulation(pause)) == refusal)
        #expect(desk.core.populations[0].population.status == .active)
    }

    @Test func `The workers of an ended population stop, until it is resumed`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let lease = try desk.lease()
        _ = try steer(&desk, .end(WireEnd()))
        let directive = try desk.report(lease.token, step: 10, score: 1)
        #expect(directive.stop.reason.contains("was ended"))
        #expect(try desk.join().stop.reason.contains("was ended"))
        let pause = request(&desk, .pause(WirePause()))
        #expect(try desk.refusal(.changePopulation(pause))?.code == .conflict)
        try desk.restart()
        #expect(
            desk.core.board(of: desk.core.populations[0], offset: 0, limit: 1).summary.status
                == .ended)
        _ = try steer(&desk, .resume(WireResume()))
        #expect(try desk.lease().member == 1)
    }

    @Test func `Members are added while others train`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        _ = try desk.lease()
        #expect(try desk.join().wait.milliseconds > 0)
        #expect(try steer(&desk, .addMembers(.with { $0.members = 2 })).members == 3)
        #expect(try [desk.lease().member, desk.lease().member] == [1, 2])
        for count in [0, UInt64(Limits.members)] {
            let add = request(&desk, .addMembers(.with { $0.members = count }))
            #expect(try desk.refusal(.changePopulation(add)) != nil)
        }
        try desk.restart()
        #expect(desk.members.count == 3)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A removed member is neither trained nor copied again`() throws {
        var desk = try Desk()
        try desk.create(members: 6, interval: 1, fraction: 0.5)
        var leases: [WireLease] = []
        for _ in 0..<6 { leases.append(try desk.lease()) }
        for (member, lease) in leases.enumerated().dropLast() {
            _ = try desk.report(lease.token, step: 1, score: Double(10 - member))
        }
        let population = try steer(&desk, .removeMember(.with { $0.member = 0 }))
        #expect((population.members, population.removed, population.training) == (5, 1, 5))
        let late = desk.nextReport(leases[0].token, step: 2, score: 99)
        #expect(try desk.refusal(.report(late))?.code == .leaseLapsed)
        let board = desk.core.board(of: desk.core.populations[0], offset: 0, limit: 10)
        #expect(Set(board.entries.map(\.member)) == [1, 2, 3, 4])
        #expect(board.best.member == 1)
        #expect(try desk.join().wait.milliseconds > 0)
        let directive = try desk.report(leases[5].token, step: 1, score: 0)
        #expect(directive.exploit.donor != 0)
        #expect(directive.exploit.score > 0)
        let nobody = request(&desk, .removeMember(.with { $0.member = 6 }))
        #expect(try desk.refusal(.changePopulation(nobody))?.code == .noMember)
        try desk.restart()
        #expect(desk.core.populations[0].population.tally.removed == 1)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A later last step lets those train on that had finished`() throws {
        var desk = try Desk()
        try desk.create(members: 1, interval: 10, maxSteps: 10)
        let lease = try desk.lease()
        #expect(try desk.report(lease.token, step: 10, score: 1).stop.reason.contains("finished"))
        let population = try steer(
            &desk,
            settings {
                $0.maxSteps = 30
                $0.interval = 5
            })
        #expect((population.maxSteps, population.interval, population.finished) == (30, 5, 0))
        let next = try desk.lease()
        #expect((next.member, next.step, next.targetStep, next.maxSteps) == (0, 10, 15, 30))
        let before: SettingValues = ["max_steps": 10, "interval": 10]
        let after: SettingValues = ["max_steps": 30, "interval": 5]
        #expect(try kinds(desk).contains(.changed(before: before, after: after)))
        try desk.restart()
        #expect(desk.core.populations[0].specification.maxSteps == 30)
        _ = try steer(&desk, settings { $0.maxSteps = 0 })
        #expect(desk.core.populations[0].specification.maxSteps == nil)
        _ = try steer(&desk, settings { $0.maxSteps = 5 })
        #expect(try desk.report(next.token, step: 15, score: 1).stop.reason.contains("finished"))
    }

    @Test(arguments: [
        (WireSettings.with { $0.fraction = 0.6 }, "fraction"),
        (.with { $0.interval = 0 }, "interval"),
        (.with { $0.minPopulationSize = 1 }, "min_population_size"),
        (.with { $0.resampleProbability = 2 }, "resample_probability"),
        (.with { $0.settings = [WireSetting("selection", .word("best"))] }, "truncation"),
        (.with { $0.settings = [WireSetting("p_value", .number(0))] }, "p_value"),
        (.with { $0.settings = [WireSetting("min_gap", .number(.nan))] }, "min_gap"),
        (.with { $0.settings = [WireSetting("window", .number(2.5))] }, "window"),
        (.with { $0.settings = [WireSetting("population_size", .integer(5))] }, "fixed"),
        (.with { $0.settings = [WireSetting("fractoin", .number(0.1))] }, "no such setting"),
        (.with { $0.settings = [.with { $0.name = "fraction" }] }, "no value"),
        (WireSettings(), "nothing to set"),
    ])
    func `A setting that cannot be is refused, and changes nothing`(
        settings: WireSettings, word: String
    ) throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let specification = desk.core.populations[0].specification
        let refused = request(&desk, .settings(settings))
        let error = try desk.refusal(.changePopulation(refused))
        #expect(error?.code == .invalid)
        #expect(error?.message.contains(word) == true)
        #expect(desk.core.populations[0].specification == specification)
    }

    @Test func `A lost member is shown until another worker takes it over`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        _ = try desk.report(lease.token, step: 10, score: 1)
        for _ in 0..<7 { desk.advance(.seconds(10)) }
        func board() -> WireLeaderboard {
            desk.core.board(of: desk.core.populations[0], offset: 0, limit: 10)
        }
        #expect(board().summary.lost == 1)
        #expect(board().entries.map(\.state) == [.lost])
        _ = try desk.ask(.listPopulations(WireListPopulations()))
        try desk.restart()
        #expect(board().summary.lost == 1)
        #expect(try desk.lease().member == 0)
        #expect(board().summary.lost == 0)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A lost member that needs no more training is not counted as lost`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        _ = try desk.report(lease.token, step: 10, score: 1)
        for _ in 0..<7 { desk.advance(.seconds(10)) }
        #expect(try steer(&desk, settings { $0.maxSteps = 20 }).lost == 1)
        let lowered = try steer(&desk, settings { $0.maxSteps = 10 })
        #expect((lowered.finished, lowered.lost) == (1, 0))
        #expect(try steer(&desk, settings { $0.maxSteps = 20 }).lost == 1)
    }

    @Test func `A lease on a removed member is not given again`() throws {
        var desk = try Desk()
        try desk.create(members: 3, interval: 1)
        let left = try desk.lease()
        let report = desk.nextReport(left.token, step: 1, score: 1)
        // Others have trained less, so that the worker is given one of them.
        let next = try desk.directive(.report(report)).lease
        #expect(next.member == 1)
        let last = try desk.lease()
        _ = try desk.ask(.leave(.with { $0.lease = last.token }))
        for member in [next.member, last.member] {
            _ = try steer(&desk, .removeMember(.with { $0.member = member }))
        }
        for token in [next.token, last.token] {
            let again = WireJoin.with {
                $0.key = desk.key()
                $0.lease = token
            }
            #expect(try desk.refusal(.join(again))?.code == .leaseLapsed)
        }
        // The directive that gave it is not given again either.
        #expect(try desk.refusal(.report(report))?.code == .unknownLease)
        #expect(try desk.join().lease.member == 0)
    }

    @Test func `What is set small reads back after a restart`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        for value in [1e-5, 1e-300, .leastNonzeroMagnitude, 0.1 + 0.2] {
            _ = try steer(
                &desk,
                settings {
                    $0.resampleProbability = value
                    $0.fraction = value
                })
            try desk.restart()
            #expect(desk.core.populations[0].specification.resampleProbability == value)
            #expect(desk.core.populations[0].specification.fraction == value)
        }
    }
}
