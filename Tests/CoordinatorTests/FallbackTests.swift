import Evolution
import Messages
import Records
import Testing

@testable import Coordinator

/// What workers are told that cannot load what they were given.
struct FallbackTests {
    /// Members that have reported steps 10 and 20; the last one is the best, and none has exploited.
    private func desk(
        members: Int = 5, maxSteps: Int? = nil
    ) throws -> (desk: Desk, leases: [WireLease]) {
        var desk = try Desk()
        try desk.create(members: members, maxSteps: maxSteps, fraction: 0)
        let leases = try (0..<members).map { _ in try desk.lease() }
        for step in [10, 20] {
            for lease in leases {
                _ = try desk.report(
                    lease.token, step: step, score: Double(lease.member),
                    checkpoint: "/c/\(lease.member)/\(step)")
            }
        }
        return (desk, leases)
    }

    private func decline(_ lease: WireLease, at desk: inout Desk) throws -> WireDirective {
        var decline = WireDecline()
        decline.key = desk.key()
        decline.lease = lease.token
        decline.reason = "no such file"
        let directive = try desk.directive(.decline(decline))
        let sequence = desk.core.sequence
        #expect(try desk.directive(.decline(decline)) == directive)
        #expect(desk.core.sequence == sequence, "a retry declines nothing more")
        return directive
    }

    private func fallbacks(of member: Int, in desk: Desk) throws -> [Fallback] {
        try #require(desk.journal).events(of: 0, after: 0, member: member, limit: 1_000)
            .compactMap {
                guard case .declined("no such file", let fallback) = $0.event.kind else {
                    return nil
                }
                return fallback
            }
    }

    @Test(arguments: [false, true])
    func `Each decline leads further, also over restarts`(restarts: Bool) throws {
        var (desk, leases) = try desk()
        var told: [WireLease] = []
        for turn in 0..<4 {
            told.append(try decline(leases[0], at: &desk).lease)
            let member = desk.members[0]
            #expect(try desk.replayed() == desk.members)
            if restarts { try desk.restart() }
            #expect(desk.members[0] == member, "\(turn)")
            let exploits = desk.core.populations[0].population.exploits
            #expect(exploits == (turn == 0 ? 0 : 1), "\(turn)")
            #expect(try desk.journal?.counts(of: 0).exploits == exploits)
            #expect(try Inspection(directory: desk.directory.path).faults == [])
        }
        let donor = try #require((2...4).first { told[1].checkpoint == "/c/\($0)/20" })
        #expect(told.map(\.checkpoint) == ["/c/0/10", "/c/\(donor)/20", "", ""])
        #expect(told.map(\.step) == [10, 20, 0, 0])
        #expect(told.map(\.targetStep) == [20, 30, 10, 10])
        #expect(told.map(\.inherited) == [false, true, false, false])
        #expect(told.allSatisfy { $0.token == leases[0].token && $0.sequence == 2 })
        #expect(told[2].hyperparameters == told[1].hyperparameters)
        #expect(told[1].hyperparameters != told[0].hyperparameters)
        #expect(
            try fallbacks(of: 0, in: desk).map(\.name) == ["previous", "donor", "start", "start"])

        // It goes on as any other, and its line of descent begins anew.
        _ = try desk.report(leases[0].token, step: 10, score: 1, checkpoint: "/c/0/again")
        let schedule = WireGetSchedule.with { $0.population = "p" }
        guard case .schedule(let line) = try desk.ask(.getSchedule(schedule)) else {
            Issue.record("there is no line")
            return
        }
        #expect(line.segments.map(\.member) == [0])
        #expect(line.segments.map(\.start) == [0])
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `Who goes on from a donor says what became of it, and descends from it`() throws {
        var (desk, leases) = try desk()
        for _ in 0..<2 { _ = try decline(leases[0], at: &desk) }
        let donor = UInt64(try #require(desk.members[0].donor))
        let silent = desk.nextReport(leases[0].token, step: 30, score: 1)
        #expect(try desk.refusal(.report(silent))?.code == .invalid)
        var applied = silent
        applied.effect = .applied
        _ = try desk.directive(.report(applied))
        let schedule = WireGetSchedule.with { $0.population = "p" }
        guard case .schedule(let line) = try desk.ask(.getSchedule(schedule)) else {
            Issue.record("there is no line")
            return
        }
        #expect(line.segments.map(\.member) == [donor, 0])
        #expect(line.segments.map(\.end) == [20, 30])
    }

    @Test func `A donor's state that is declined with the next report leaves a fresh start`() throws
    {
        var (desk, leases) = try desk()
        for _ in 0..<2 { _ = try decline(leases[0], at: &desk) }
        _ = try desk.report(
            leases[0].token, step: 7, score: 1, checkpoint: "/c/0/fresh", effect: .declined)
        let member = desk.members[0]
        #expect(member.latest?.checkpoint == "/c/0/fresh")
        #expect((member.previous, member.donor) == (nil, nil))
        #expect((member.step, member.considered) == (7, 0))
        #expect(try desk.replayed() == desk.members)
        try desk.restart()
        #expect(desk.members[0] == member)
        #expect(try Inspection(directory: desk.directory.path).faults == [])
    }

    @Test func `What a member left behind is released, and what it goes on from is held`() throws {
        var (desk, leases) = try desk()
        var released: [[String]] = []
        for _ in 0..<3 {
            let before = Set(try #require(desk.journal).releases().map(\.checkpoint))
            let directive = try decline(leases[0], at: &desk)
            let after = try #require(desk.journal).releases().map(\.checkpoint)
            #expect(!after.contains(directive.lease.checkpoint))
            released.append(after.filter { !before.contains($0) })
        }
        // The donor itself still has its state, so its copier's leaving releases nothing.
        #expect(released == [["/c/0/20"], ["/c/0/10"], []])
        let directive = try desk.report(leases[0].token, step: 10, score: 1, checkpoint: "/c/0/a")
        #expect(directive.released.map(\.checkpoint) == ["/c/0/20", "/c/0/10"])
    }

    @Test func `Who lost its state starts anew rather than copy a member that has finished`() throws
    {
        var (desk, leases) = try desk(members: 3, maxSteps: 40)
        for step in [30, 40] { _ = try desk.report(leases[2].token, step: step, score: 9) }
        _ = try desk.ask(.leave(.with { $0.lease = leases[1].token }))
        #expect(try decline(leases[0], at: &desk).lease.step == 10)
        let donor = try decline(leases[0], at: &desk).lease
        #expect(donor.step == 0 || donor.checkpoint.hasPrefix("/c/1/"))
        #expect(!desk.core.populations[0].population.isFinished(0))
        #expect(try Inspection(directory: desk.directory.path).faults == [])
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A worker that keeps a member without a state and without others starts anew`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 2, maxSteps: 10, fraction: 0)
        let kept = try desk.directive(.join(join(&desk, keeps: true))).lease
        _ = try desk.report(kept.token, step: 5, score: 1)
        let other = try desk.lease()
        _ = try desk.report(other.token, step: 10, score: 2)
        let directive = try decline(kept, at: &desk)
        #expect((directive.lease.token, directive.lease.step) == (kept.token, 0))
    }

    private func join(_ desk: inout Desk, keeps: Bool) -> WireJoin {
        let key = desk.key()
        return .with {
            $0.key = key
            $0.population = "p"
            $0.keeps = keeps
        }
    }
}
