import Evolution
import Messages
import Testing

@testable import Coordinator

/// Populations that grow with their workers, which keep their members.
struct GrowingTests {
    private static let space = "name,min,max,scale\nrate,0.001,1,log\n"

    private func desk(minimize: Bool = false) throws -> Desk {
        var settings = Settings()
        settings.open = OpenPopulation(name: "default", minimize: minimize)
        return try Desk(settings: settings)
    }

    private func join(
        _ desk: inout Desk, space: String = Self.space, former: UInt64 = 0
    ) throws -> WireDirective {
        var join = WireJoin()
        join.key = desk.key()
        join.population = "default"
        join.worker = "w"
        join.space = space
        join.keeps = true
        join.former = former
        return try desk.directive(.join(join))
    }

    @Test func `The first worker's search space makes the population, and each gets a new member`()
        throws
    {
        var desk = try desk(minimize: true)
        var join = WireJoin()
        join.key = desk.key()
        join.population = "default"
        #expect(try desk.refusal(.join(join))?.code == .noPopulation)
        #expect(desk.core.populations.isEmpty)
        #expect(try (0..<3).map { _ in try self.join(&desk).lease.member } == [0, 1, 2])
        let specification = desk.core.populations[0].specification
        #expect(specification.objective == .minimize)
        #expect(specification.interval == 1)
        #expect(specification.resampleProbability == 0)
        #expect(specification.grows)
        try desk.restart()
        #expect(desk.core.populations[0].specification == specification)
        #expect(try self.join(&desk).lease.member == 3)
        #expect(throws: WireError.self) {
            _ = try self.join(&desk, space: "name,min,max,scale\nrate,0.001,2,log\n")
        }
        #expect(desk.members.count == 4)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `What a space file says about resampling is heeded`() throws {
        var desk = try desk()
        _ = try join(
            &desk,
            space: """
                exploration: {resample_probability: 0.5}
                hyperparameters: {rate: {type: float, min: 0.001, max: 1}}
                """)
        #expect(desk.core.populations[0].specification.resampleProbability == 0.5)
    }

    @Test func `A worker that keeps its member is never given another one`() throws {
        var desk = try desk()
        var leases = try (0..<6).map { _ in try join(&desk).lease }
        // Others have trained less, and wait.
        for lease in leases[3...] {
            var leave = WireLeave()
            leave.key = desk.key()
            leave.lease = lease.token
            _ = try desk.ask(.leave(leave))
        }
        leases = Array(leases[..<3])
        for step in 1...5 {
            for lease in leases {
                let isInherited = desk.members[Int(lease.member)].isInherited
                let directive = try desk.report(
                    lease.token, step: step, score: Double(lease.member),
                    effect: isInherited ? .applied : .unspecified)
                #expect(directive.same.targetStep > 0)
            }
        }
        #expect(desk.core.populations[0].training == 3)
    }

    @Test func `Whose lease ended gets its own member back, while nobody has it`() throws {
        var desk = try desk()
        let lease = try join(&desk).lease
        _ = try desk.report(lease.token, step: 1, score: 1, checkpoint: "/c/1")
        for _ in 0..<7 { desk.advance(.seconds(10)) }
        let again = try join(&desk, former: lease.token).lease
        #expect((again.member, again.step, again.checkpoint) == (0, 1, "/c/1"))
        #expect(again.token != lease.token)
        // The same one cannot be had twice.
        #expect(try join(&desk, former: lease.token).lease.member == 1)
        var pause = WireChangePopulation()
        pause.key = desk.key()
        pause.pause = WirePause()
        _ = try desk.ask(.changePopulation(pause))
        #expect(try desk.report(again.token, step: 2, score: 1).wait.milliseconds > 0)
        #expect(try join(&desk, former: again.token).wait.milliseconds > 0)
        pause.key = desk.key()
        pause.resume = WireResume()
        _ = try desk.ask(.changePopulation(pause))
        #expect(try join(&desk, former: again.token).lease.member == 0)
        #expect(desk.members.count == 2)
    }

    @Test func `A long pause does not make workers forget their members`() throws {
        var settings = Settings()
        settings.open = OpenPopulation(name: "default")
        settings.retention = .seconds(100)
        var desk = try Desk(settings: settings)
        let lease = try join(&desk).lease
        var pause = WireChangePopulation()
        pause.key = desk.key()
        pause.pause = WirePause()
        _ = try desk.ask(.changePopulation(pause))
        _ = try desk.report(lease.token, step: 1, score: 1)
        for _ in 0..<50 { desk.advance(.seconds(10)) }
        pause.key = desk.key()
        pause.resume = WireResume()
        _ = try desk.ask(.changePopulation(pause))
        let again = try join(&desk, former: lease.token).lease
        #expect((again.member, again.step) == (0, 1))
        // Who has its member again needs the lease before no more.
        for _ in 0..<20 {
            desk.advance(.seconds(10))
            _ = try desk.ask(.heartbeat(.with { $0.leases = [again.token] }))
        }
        #expect(desk.core.leases[lease.token] == nil)
    }

    @Test func `Whose member was removed stops`() throws {
        var desk = try desk()
        let lease = try join(&desk).lease
        var remove = WireChangePopulation()
        remove.key = desk.key()
        remove.removeMember = .with { $0.member = 0 }
        _ = try desk.ask(.changePopulation(remove))
        #expect(try join(&desk, former: lease.token).stop.reason == "Member 0 was removed.")
    }

    @Test func `Elsewhere a worker keeps a member that waits`() throws {
        var desk = try Desk()
        try desk.create("default", members: 2, interval: 1, maxSteps: 2)
        let first = try join(&desk, space: "").lease
        #expect(first.member == 0)
        #expect(try desk.report(first.token, step: 1, score: 1).same.targetStep == 2)
        #expect(try desk.report(first.token, step: 2, score: 1).stop.reason.contains("finished"))
        #expect(try join(&desk, space: "").lease.member == 1)
        #expect(try join(&desk, space: "").wait.milliseconds > 0)
    }

    @Test func `Who is refused makes no population`() throws {
        var desk = try desk()
        var join = WireJoin()
        join.key = desk.key()
        join.population = "default"
        join.space = Self.space
        join.worker = String(repeating: "w", count: Limits.workerBytes + 1)
        #expect(try desk.refusal(.join(join))?.code == .limit)
        #expect(desk.core.populations.isEmpty)
    }

    @Test func `A member that goes and comes back again and again waits in one place`() throws {
        var desk = try desk()
        var token: UInt64 = 0
        for _ in 0..<200 {
            token = try join(&desk, former: token).lease.token
            _ = try desk.ask(.leave(.with { $0.lease = token }))
        }
        #expect(desk.members.count == 1)
        #expect(desk.core.populations[0].waiting.count < 100)
    }
}
