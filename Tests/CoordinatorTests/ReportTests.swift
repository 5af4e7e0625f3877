import Evolution
import Messages
import Records
import Testing

@testable import Coordinator
@testable import Simulation

struct ReportTests {
    @Test func `A report is answered with the next target`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        let directive = try desk.report(lease.token, step: 10, score: 0.5)
        #expect(directive.outcome == .continue(WireContinue()))
        #expect(directive.same.targetStep == 20)
        #expect(directive.bytes.count <= 10)
    }

    @Test func `A retry gets an equal directive and is recorded once, also after a restart`() throws
    {
        var desk = try Desk()
        try desk.create(members: 6, seed: 3)
        let leases = try (0..<6).map { _ in try desk.lease() }
        var exploits = 0
        for (index, lease) in leases.enumerated() {
            let report = desk.nextReport(lease.token, step: 10, score: -Double(index))
            let directive = try desk.directive(.report(report))
            exploits += directive.exploit == WireExploit() ? 0 : 1
            let reports = desk.core.populations[0].population.reports
            #expect(try desk.directive(.report(report)) == directive)
            try desk.restart()
            #expect(try desk.directive(.report(report)) == directive)
            #expect(desk.core.populations[0].population.reports == reports)
        }
        #expect(exploits == 2)
        #expect(try desk.journal?.counts(of: 0).reports == 6)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A lease that a directive ended still answers that report`() throws {
        var desk = try Desk()
        try desk.create(members: 2, fraction: 0)
        let lease = try desk.lease()
        let report = desk.nextReport(lease.token, step: 10, score: 1)
        let directive = try desk.directive(.report(report))
        #expect(directive.lease.member == 1)
        #expect(try desk.directive(.report(report)) == directive)
        try desk.restart()
        #expect(try desk.directive(.report(report)) == directive)
        // The next report shows that the directive arrived.
        _ = try desk.report(directive.lease.token, step: 10, score: 1)
        #expect(desk.core.leases[directive.lease.token]?.isLive == true)
        let late = desk.nextReport(lease.token, step: 20, score: 1)
        #expect(try [.unknownLease, .leaseLapsed].contains(desk.refusal(.report(late))?.code))
    }

    private static let changes: [@Sendable (inout WireReport) -> Void] = [
        { $0.step = 11 }, { $0.score = 0.4 }, { $0.checkpoint = "/elsewhere" },
        { $0.metrics = [.with { $0.name = "loss" }] }, { $0.effect = .applied },
    ]

    @Test(arguments: changes.indices)
    func `Another report under a used sequence is refused, also after a restart`(
        change: Int
    ) throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        let report = desk.nextReport(lease.token, step: 10, score: 0.5)
        let directive = try desk.directive(.report(report))
        var other = report
        Self.changes[change](&other)
        for _ in 0..<2 {
            #expect(try desk.refusal(.report(other))?.code == .conflict)
            var retry = report
            // What it dealt with meanwhile is no other report.
            retry.released = [7]
            #expect(try desk.directive(.report(retry)) == directive)
            try desk.restart()
        }
        #expect(try desk.journal?.counts(of: 0).reports == 1)
        #expect(desk.members[0].latest?.score == 0.5)
    }

    @Test func `Reports out of order are refused`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease().token
        let first = desk.nextReport(lease, step: 10, score: 1)
        _ = try desk.directive(.report(first))
        _ = try desk.report(lease, step: 20, score: 1)
        #expect(try desk.refusal(.report(first))?.code == .staleSequence)
        var skipping = first
        skipping.sequence = 9
        #expect(try desk.refusal(.report(skipping))?.code == .staleSequence)
        var stranger = first
        stranger.lease = 77
        #expect(try desk.refusal(.report(stranger))?.code == .unknownLease)
    }

    @Test func `A report without a score is refused, and one of zero is not`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease().token
        var report = desk.nextReport(lease, step: 10, score: 0)
        report.clearScore()
        #expect(try desk.refusal(.report(report))?.code == .invalid)
        report.score = 0
        _ = try desk.directive(.report(report))
        #expect(desk.members[0].latest?.score == 0)
    }

    @Test func `What became of an exploit must be said, and a decline undoes it`() throws {
        var desk = try Desk()
        try desk.create(members: 5)
        let leases = try (0..<5).map { _ in try desk.lease() }
        for (index, lease) in leases.dropLast().enumerated() {
            _ = try desk.report(lease.token, step: 10, score: Double(index + 1))
        }
        let directive = try desk.report(leases[4].token, step: 10, score: 0)
        #expect([1, 2, 3].contains(directive.exploit.donor))
        #expect(desk.members[4].isInherited)
        var silent = desk.nextReport(leases[4].token, step: 20, score: 2.5)
        #expect(try desk.refusal(.report(silent))?.code == .invalid)
        silent.effect = .declined
        _ = try desk.directive(.report(silent))
        #expect(desk.members[4].previous?.step == 10)
        #expect(desk.members[4].previous?.member == 4)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A checkpoint that cannot be loaded falls back to the one before`() throws {
        var desk = try Desk()
        try desk.create(members: 5)
        let leases = try (0..<5).map { _ in try desk.lease() }
        for (index, lease) in leases.dropLast().enumerated() {
            _ = try desk.report(lease.token, step: 10, score: Double(index + 1))
        }
        _ = try desk.report(leases[4].token, step: 10, score: 0, checkpoint: "/mine")
        var decline = WireDecline()
        decline.lease = leases[4].token
        decline.reason = "no such file"
        let better = desk.members[1...3].compactMap(\.latest?.checkpoint)
        for expected in [["/mine"], better, [""], [""]] {
            decline.key = desk.key()
            let directive = try desk.directive(.decline(decline))
            #expect(expected.contains(directive.lease.checkpoint))
            #expect(directive.lease.token == leases[4].token)
            #expect(try desk.directive(.decline(decline)) == directive)
        }
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `Whatever happens, the events lead to the members`() throws {
        var draws = SeededGenerator(seed: 11)
        var desk = try Desk()
        try desk.create(members: 12, interval: 5, maxSteps: 60)
        var leases: [WireLease] = try (0..<5).map { _ in try desk.lease() }
        for _ in 0..<400 where !leases.isEmpty {
            let index = Int.random(in: 0..<leases.count, using: &draws)
            let lease = leases[index]
            let member = desk.members[Int(lease.member)]
            switch Int.random(in: 0..<20, using: &draws) {
            case 0: try desk.restart()
            case 1:
                var leave = WireLeave()
                leave.key = desk.key()
                leave.lease = lease.token
                _ = try desk.ask(.leave(leave))
                leases[index] = try desk.lease()
            case 2:
                var decline = WireDecline()
                decline.key = desk.key()
                decline.lease = lease.token
                switch try desk.directive(.decline(decline)).assignment {
                case .lease(let next): leases[index] = next
                default: leases.remove(at: index)
                }
            default:
                let score =
                    Int.random(in: 0..<9, using: &draws) == 0
                    ? Double.nan : Double.random(in: 0..<1, using: &draws)
                let effect: WireEffect =
                    !member.isInherited
                    ? .unspecified
                    : Bool.random(using: &draws) ? .applied : .declined
                let directive = try desk.report(
                    lease.token, step: member.step + 5, score: score,
                    checkpoint: Bool.random(using: &draws) ? nil : "", effect: effect)
                switch directive.assignment {
                case .lease(let next): leases[index] = next
                case .same: break
                default: leases.remove(at: index)
                }
            }
        }
        let members = desk.members
        // NaN is unequal to itself, so descriptions are compared.
        #expect("\(try desk.replayed())" == "\(members)")
        try desk.restart()
        #expect("\(desk.members)" == "\(members)")
        #expect(desk.core.populations[0].population.exploits > 0)
    }
}
