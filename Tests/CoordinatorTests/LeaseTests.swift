import Evolution
import Foundation
import Messages
import Records
import Testing

@testable import Coordinator

struct LeaseTests {
    @Test func `Workers get different members, and wait when there is none`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let first = try desk.join().lease
        let second = try desk.join().lease
        #expect([first.member, second.member] == [0, 1])
        #expect(first.token != second.token)
        #expect(first.targetStep == 10)
        #expect(first.hyperparameters.map(\.name) == ["rate"])
        #expect(try desk.join().wait.milliseconds > 0)
    }

    @Test func `The same key gets the same lease, also after a restart`() throws {
        var desk = try Desk()
        try desk.create(members: 3)
        var join = WireJoin()
        join.key = desk.key()
        join.population = "p"
        let first = try desk.directive(.join(join))
        #expect(try desk.directive(.join(join)) == first)
        try desk.restart()
        #expect(try desk.directive(.join(join)) == first)
        #expect(desk.core.populations[0].training == 1)
    }

    @Test func `A lapsed lease gives its member to another worker as it was committed`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        _ = try desk.report(lease.token, step: 10, score: 1, checkpoint: "/c/10")
        _ = try desk.report(lease.token, step: 15, score: 2, checkpoint: "")
        #expect(try desk.join().wait.milliseconds > 0)
        desk.advance(.seconds(9))
        for _ in 0..<6 { desk.advance(.seconds(10)) }
        let next = try desk.lease()
        #expect((next.member, next.step, next.checkpoint) == (0, 10, "/c/10"))
        #expect(next.token != lease.token)
        let late = desk.nextReport(lease.token, step: 20, score: 3)
        #expect(try desk.refusal(.report(late))?.code == .leaseLapsed)
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A heartbeat renews a lease, and tells of those that are gone`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let (kept, lost) = (try desk.lease().token, try desk.lease().token)
        for _ in 0..<20 {
            desk.advance(.seconds(10))
            var heartbeat = WireHeartbeat()
            heartbeat.leases = [kept]
            guard case .alive(let alive) = try desk.ask(.heartbeat(heartbeat)) else {
                Issue.record("a heartbeat is answered")
                return
            }
            #expect(alive.gone.isEmpty)
        }
        var heartbeat = WireHeartbeat()
        heartbeat.leases = [kept, lost, 12345]
        guard case .alive(let alive) = try desk.ask(.heartbeat(heartbeat)) else {
            Issue.record("a heartbeat is answered")
            return
        }
        #expect(alive.gone == [lost, 12345])
        #expect(desk.core.populations[0].training == 1)
    }

    @Test func `A coordinator that stood still takes no lease away`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease().token
        desk.advance(.seconds(3600))
        #expect(desk.core.leases[lease]?.isLive == true)
        for _ in 0..<7 { desk.advance(.seconds(10)) }
        #expect(desk.core.leases[lease]?.isLive == false)
    }

    @Test func `A restart keeps leases and gives them a full term`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let lease = try desk.lease()
        _ = try desk.report(lease.token, step: 10, score: 1)
        for _ in 0..<5 { desk.advance(.seconds(10)) }
        try desk.restart()
        for _ in 0..<5 { desk.advance(.seconds(10)) }
        var join = WireJoin()
        join.key = desk.key()
        join.lease = lease.token
        let again = try desk.directive(.join(join)).lease
        #expect((again.token, again.sequence, again.step) == (lease.token, 1, 10))
        join.key = desk.key()
        join.lease = 99
        #expect(try desk.refusal(.join(join))?.code == .unknownLease)
    }

    @Test func `A join that is repeated gives its lease as it is now`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        var join = WireJoin()
        join.key = desk.key()
        let first = try desk.directive(.join(join)).lease
        #expect(try desk.directive(.join(join)).lease == first)
        _ = try desk.report(first.token, step: 10, score: 1, checkpoint: "/c/10")
        let again = try desk.directive(.join(join)).lease
        #expect((again.token, again.sequence, again.checkpoint) == (first.token, 1, "/c/10"))
        for _ in 0..<7 { desk.advance(.seconds(10)) }
        #expect(try desk.refusal(.join(join))?.code == .leaseLapsed)
    }

    @Test func `Leaving gives the member back, however often it is said`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease().token
        var leave = WireLeave()
        leave.lease = lease
        for _ in 0..<2 {
            leave.key = desk.key()
            #expect(try desk.ask(.leave(leave)) == .left(WireLeft()))
        }
        #expect(try desk.lease().member == 0)
    }

    @Test func `Few workers train many members evenly, and stop when all have finished`() throws {
        var desk = try Desk()
        try desk.create(members: 16, interval: 5, maxSteps: 25, fraction: 0)
        var leases = try (0..<4).map { _ in try desk.lease() }
        var stopped = 0
        while stopped < 4 {
            var next: [WireLease] = []
            for lease in leases {
                let directive = try desk.report(
                    lease.token, step: Int(lease.targetStep), score: Double(lease.member))
                switch directive.assignment {
                case .lease(let lease): next.append(lease)
                case .same(let same):
                    var lease = lease
                    lease.targetStep = same.targetStep
                    next.append(lease)
                case .stop: stopped += 1
                case .wait:
                    // Nothing waits: the others train the last ones.
                    stopped += 1
                case nil: Issue.record("a directive has an assignment")
                }
            }
            leases = next
            let steps = desk.members.map(\.step)
            #expect(steps.max()! - steps.min()! <= 5)
        }
        #expect(desk.members.allSatisfy { $0.step == 25 && $0.reports == 5 })
        #expect(try desk.join().stop.reason.contains("finished"))
        #expect(try desk.replayed() == desk.members)
    }

    @Test func `A member that always copies back keeps nobody from finishing`() throws {
        var desk = try Desk()
        try desk.create(members: 6, interval: 1, maxSteps: 3)
        var lease = try desk.lease()
        for _ in 0..<100 {
            let member = desk.members[Int(lease.member)]
            let directive = try desk.report(
                lease.token, step: Int(lease.targetStep), score: Double(lease.member),
                effect: member.isInherited ? .applied : .unspecified)
            switch directive.assignment {
            case .lease(let next): lease = next
            case .same(let same): lease.targetStep = same.targetStep
            default:
                #expect(desk.core.populations[0].population.isFinished)
                return
            }
        }
        Issue.record("the population does not finish: \(desk.members.map(\.step))")
    }

    @Test(arguments: [false, true])
    func `A directive whose lease lapsed is not given again`(restarts: Bool) throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let first = try desk.lease()
        let report = desk.nextReport(first.token, step: 10, score: 1)
        let directive = try desk.directive(.report(report))
        #expect(directive.lease.member == 1)
        #expect(try desk.directive(.report(report)) == directive)
        if restarts { try desk.restart() }
        for _ in 0..<7 { desk.advance(.seconds(10)) }
        #expect(try desk.refusal(.report(report))?.code == .unknownLease)
    }

    @Test func `A lease that was left answers no retry, for its checkpoints may be gone`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease().token
        let report = desk.nextReport(lease, step: 10, score: 1)
        let first = try desk.directive(.report(report))
        #expect(try desk.directive(.report(report)) == first)
        _ = try desk.ask(.leave(.with { $0.lease = lease }))
        #expect(try desk.refusal(.report(report))?.code == .leaseLapsed)
    }

    @Test(arguments: [false, true])
    func `A lease that was left is not given to who asks for it`(isRestarted: Bool) throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease().token
        _ = try desk.report(lease, step: 10, score: 1)
        guard case .left = try desk.ask(.leave(.with { $0.lease = lease })) else {
            Issue.record("leaving is answered")
            return
        }
        if isRestarted { try desk.restart() }
        let again = WireJoin.with {
            $0.key = Data(repeating: 1, count: Limits.keyBytes)
            $0.lease = lease
        }
        #expect(try desk.refusal(.join(again))?.code == .leaseLapsed)
        // Who names it as the one before gets the member under another one.
        let next = try desk.join(former: lease).lease
        #expect((next.member, next.step) == (0, 10))
        #expect(next.token != lease)
    }

    /// Two processes that share a token: without this, each would be told of the other's reports.
    @Test func `A lease that a newer connection takes up is gone for the older ones`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        // Numbers begin again after the last one.
        let (older, newer) = (ConnectionNumber(number: .max), ConnectionNumber(number: 1))
        desk.connection = older
        let lease = try desk.lease().token
        let first = desk.nextReport(lease, step: 10, score: 1)
        let directive = try desk.directive(.report(first))
        desk.connection = newer
        // As one that lost its connection does.
        #expect(try desk.directive(.report(first)) == directive)
        let heartbeat = WireRequest.OneOf_Body.heartbeat(.with { $0.leases = [lease] })
        for connection in [older, nil, newer, older] {
            desk.connection = connection
            guard case .alive(let alive) = try desk.ask(heartbeat) else {
                Issue.record("a heartbeat is answered")
                return
            }
            #expect(alive.gone == (connection == older ? [lease] : []))
        }
        let second = desk.nextReport(lease, step: 20, score: 2)
        let join = WireJoin.with {
            $0.key = Data(repeating: 1, count: Limits.keyBytes)
            $0.lease = lease
        }
        let refused: [WireRequest.OneOf_Body] = [
            .report(first), .report(second), .join(join), .leave(.with { $0.lease = lease }),
            .decline(
                .with {
                    $0.key = Data(repeating: 2, count: Limits.keyBytes)
                    $0.lease = lease
                }),
        ]
        for body in refused { #expect(try desk.refusal(body)?.code == .leaseLapsed) }
        #expect(desk.core.leases[lease]?.isLive == true)
        desk.connection = newer
        #expect(try desk.directive(.report(second)).same.targetStep == 30)
        // A restart forgets the connections, which are new ones then.
        try desk.restart()
        desk.connection = ConnectionNumber(number: 7)
        #expect(try desk.refusal(heartbeat) == nil)
    }

    @Test func `A directive whose lease was left is not given again`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let report = desk.nextReport(try desk.lease().token, step: 10, score: 1)
        let next = try desk.directive(.report(report)).lease
        _ = try desk.ask(.leave(.with { $0.lease = next.token }))
        #expect(try desk.refusal(.report(report))?.code == .unknownLease)
    }

    @Test func `Ended leases and old answers are forgotten in time`() throws {
        var settings = Settings()
        settings.retention = .seconds(100)
        var desk = try Desk(settings: settings)
        try desk.create(members: 1)
        let lease = try desk.lease().token
        var leave = WireLeave()
        leave.key = desk.key()
        leave.lease = lease
        _ = try desk.ask(.leave(leave))
        for _ in 0..<11 { desk.advance(.seconds(10)) }
        #expect(try desk.refusal(.leave(leave))?.code == .unknownLease)
        #expect(desk.core.answers.isEmpty)
        #expect(try desk.journal?.leases().isEmpty == true)
        #expect(try desk.journal?.answers().isEmpty == true)
    }
}
