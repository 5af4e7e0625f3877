import Foundation
import Logging
import Messages
import Testing

@testable import Coordinator
@testable import Simulation

/// Who may do what, by the key that the connection proved.
struct AuthorisationTests {
    private func desk() throws -> Desk {
        var desk = try Desk(settings: .inviting)
        try desk.create("p", members: 4)
        try desk.create("q", members: 4)
        return desk
    }

    @Test func `A monitor reads its population, and does nothing else`() throws {
        var desk = try desk()
        let lease = try desk.join("p").lease
        desk.user = try desk.invite(1, .monitor, "p")
        for allowed in [
            Requests.hello(), Requests.leaderboard("p"), Requests.history("p"),
            Requests.schedule("p"), .listPopulations(WireListPopulations()),
            .subscribe(WireSubscribe()), Requests.heartbeat(),
        ] {
            #expect(try desk.code(allowed) == nil, "\(allowed)")
        }
        let report = desk.nextReport(lease.token, step: 10, score: 1)
        for refused in [
            Requests.join("p", key: desk.key()), .report(report),
            Requests.leave(lease.token, key: desk.key()),
            Requests.decline(lease.token, key: desk.key()),
            Requests.pause("p", key: desk.key()), .createPopulation(.sample(members: 1)),
            .invite(WireInvite()), .listKeys(WireListKeys()), .revokeKey(WireRevokeKey()),
        ] {
            #expect(try desk.code(refused) == .unauthorized, "\(refused)")
        }
    }

    @Test func `A worker joins and reports in its population, and steers nothing`() throws {
        var desk = try desk()
        desk.user = try desk.invite(1, .worker, "p")
        let lease = try desk.join("p").lease
        #expect(try desk.report(lease.token, step: 10, score: 1).continue == WireContinue())
        #expect(try desk.code(Requests.leaderboard("p")) == nil)
        for refused in [
            Requests.pause("p", key: desk.key()), .createPopulation(.sample(members: 1)),
            .invite(WireInvite()), .listKeys(WireListKeys()), .revokeKey(WireRevokeKey()),
        ] {
            #expect(try desk.code(refused) == .unauthorized, "\(refused)")
        }
    }

    @Test(arguments: [WireRole.worker, .monitor])
    func `Of another population a key learns nothing, not even whether there is one`(
        role: WireRole
    ) throws {
        var desk = try desk()
        desk.user = try desk.invite(1, role, "p")
        let asks: [(String) -> WireRequest.OneOf_Body] = [
            Requests.leaderboard, Requests.history, Requests.schedule,
        ]
        for ask in asks {
            let there = try #require(try desk.refusal(ask("q")))
            let missing = try #require(try desk.refusal(ask("r")))
            #expect(there.code == .unauthorized)
            #expect(missing.message.replacing("'r'", with: "'q'") == there.message)
        }
        guard case .populations(let list) = try desk.ask(.listPopulations(WireListPopulations()))
        else { throw DeskError.unexpected("no list") }
        #expect(list.populations.map(\.name) == ["p"])
        if role == .worker {
            #expect(try desk.code(Requests.join("q", key: desk.key())) == .unauthorized)
        }
        // The only one that it knows of is meant by none.
        #expect(try desk.code(Requests.leaderboard("")) == nil)
    }

    @Test func `Names of other populations are in no sentence`() throws {
        var desk = try desk()
        desk.user = try desk.invite(1, .worker, "later", "sooner")
        for name in ["", "later"] {
            let refusal = try #require(try desk.refusal(Requests.leaderboard(name)))
            #expect(refusal.code == .noPopulation)
            #expect(!refusal.message.contains("'p'") && !refusal.message.contains("'q'"))
            #expect(!refusal.message.contains("2 populations"))
        }
    }

    @Test func `A lease is its key's alone, whoever knows its token`() throws {
        var desk = try desk()
        let thief = try desk.invite(2, .worker, "p")
        desk.user = try desk.invite(1, .worker, "p")
        let owner = desk.user
        let lease = try desk.join("p", keeps: true).lease
        _ = try desk.report(lease.token, step: 10, score: 1, checkpoint: "/c/own")
        var theft = desk.nextReport(lease.token, step: 20, score: 9)
        for user in [thief, Keyring.sharedUser, try desk.invite(3, .admin)] {
            desk.user = user
            #expect(try desk.code(.report(theft)) == .unauthorized)
            // Not even what its last report was answered.
            theft.sequence -= 1
            #expect(try desk.code(.report(theft)) == .unauthorized)
            theft.sequence += 1
            #expect(try desk.code(Requests.rejoin(lease.token, key: desk.key())) == .unauthorized)
            #expect(try desk.code(Requests.leave(lease.token, key: desk.key())) == .unauthorized)
            #expect(try desk.code(Requests.decline(lease.token, key: desk.key())) == .unauthorized)
            guard case .alive(let alive) = try desk.ask(Requests.heartbeat(lease.token)) else {
                throw DeskError.unexpected("no answer to a heartbeat")
            }
            #expect(alive.gone == [lease.token])
        }
        desk.user = thief
        #expect(try desk.join("p", former: lease.token, keeps: true).lease.member != lease.member)
        desk.user = owner
        theft.checkpoint = "/c/second"
        #expect(try desk.directive(.report(theft)).same.targetStep == 30)
    }

    @Test func `Heartbeats of another key renew no lease`() throws {
        var desk = try desk()
        let thief = try desk.invite(2, .worker, "p")
        desk.user = try desk.invite(1, .worker, "p")
        let lease = try desk.join("p").lease
        desk.user = thief
        for _ in 0..<4 {
            // No more than a heartbeat at a time, or the coordinator would have stood still.
            for _ in 0..<3 { desk.advance(.seconds(9)) }
            _ = try desk.ask(Requests.heartbeat(lease.token))
        }
        #expect(desk.core.leases[lease.token]?.record.state == .lapsed)
    }

    @Test func `The key of a request belongs to who asked`() throws {
        var desk = try desk()
        let other = try desk.invite(2, .worker, "p")
        desk.user = try desk.invite(1, .worker, "p")
        let key = desk.key()
        let first = try desk.directive(Requests.join("p", key: key)).lease
        #expect(try desk.directive(Requests.join("p", key: key)).lease.token == first.token)
        desk.user = other
        let second = try desk.directive(Requests.join("p", key: key)).lease
        #expect(second.token != first.token)
        #expect(second.member != first.member)
        try desk.restart()
        #expect(try desk.directive(Requests.join("p", key: key)).lease.token == second.token)
    }

    @Test func `What a connection proved is all that counts`() throws {
        var desk = try desk()
        for user in ["", "nobody", String(repeating: "0", count: 64)] {
            desk.user = user
            #expect(try desk.code(Requests.hello()) == .unauthorized)
            #expect(try desk.code(Requests.join("p", key: desk.key())) == .unauthorized)
        }
    }

    @Test func `A revoked key is refused at its next message, and its leases lapse`() throws {
        var desk = try desk()
        desk.user = try desk.invite(1, .worker, "p")
        let lease = try desk.join("p").lease
        _ = desk.takeAdmissions()
        try desk.revoke(1)
        #expect(desk.takeAdmissions().map(\.user) == [nil])
        let report = desk.nextReport(lease.token, step: 10, score: 1)
        let refusal = try #require(try desk.refusal(.report(report)))
        #expect(refusal.code == .unauthorized)
        #expect(refusal.message.contains("revoked"))
        #expect(desk.members[Int(lease.member)].isLost)
        // Also after a restart, when nothing is told to the authenticator of it.
        try desk.restart()
        #expect(try desk.code(Requests.hello()) == .unauthorized)
        #expect(desk.takeAdmissions().isEmpty)
        // Another one gets the member at once.
        desk.user = Keyring.sharedUser
        #expect(try desk.join("p", former: lease.token).lease.token != 0)
    }

    @Test func `A key is refused from the moment on at which it expires`() throws {
        var desk = try desk()
        desk.user = try desk.invite(1, .worker, "p", for: 8)
        let lease = try desk.join("p").lease
        desk.advance(.milliseconds(7_999))
        #expect(try desk.code(Requests.heartbeat(lease.token)) == nil)
        _ = desk.takeAdmissions()
        desk.advance(.milliseconds(1))
        let refusal = try #require(try desk.refusal(Requests.heartbeat(lease.token)))
        #expect(refusal.code == .unauthorized)
        #expect(refusal.message.contains("expired"))
        #expect(desk.takeAdmissions().map(\.user) == [nil])
        #expect(desk.core.leases[lease.token]?.isLive == false)
        // A clock that goes back brings it back to nobody.
        desk.now.wall -= 5_000
        #expect(try desk.code(Requests.hello()) == .unauthorized)
        // Nor is it said to be good.
        desk.user = Keyring.sharedUser
        guard case .keys(let page) = try desk.ask(.listKeys(WireListKeys())) else {
            Issue.record("the keys are listed")
            return
        }
        #expect(page.keys.map { $0.expiresMilliseconds <= desk.now.wall } == [true])
    }

    @Test func `Leases and answers stay their keys' over a restart`() throws {
        var desk = try desk()
        let other = try desk.invite(2, .worker, "p")
        desk.user = try desk.invite(1, .worker, "p")
        let lease = try desk.join("p").lease
        try desk.restart()
        #expect(try desk.directive(Requests.rejoin(lease.token, key: desk.key())).lease == lease)
        _ = try desk.report(lease.token, step: 10, score: 1)
        desk.user = other
        #expect(try desk.code(Requests.rejoin(lease.token, key: desk.key())) == .unauthorized)
    }

    @Test func `Who is greeted by invitation is not told where everything is published`() throws {
        var settings = Settings.inviting
        settings.broadcastPort = 7778
        var desk = try Desk(settings: settings)
        #expect(try desk.ask(Requests.hello()).welcome.broadcastPort == 7778)
        for role in [WireRole.worker, .monitor, .admin] {
            desk.user = try desk.invite(UInt8(role.rawValue), role)
            #expect(try desk.ask(Requests.hello()).welcome.broadcastPort == 0)
        }
    }

    @Test func `Texts that the journal would cut off are refused`() throws {
        var desk = try desk()
        let lease = try desk.join("p").lease
        var join = WireJoin()
        join.key = desk.key()
        join.population = "p"
        join.worker = "w\0x"
        #expect(try desk.code(.join(join)) == .invalid)
        var decline = WireDecline()
        decline.key = desk.key()
        decline.lease = lease.token
        decline.reason = "\0"
        #expect(try desk.code(.decline(decline)) == .invalid)
    }

    @Test func `Refusals while the disk is full are no way around it`() throws {
        let storage = SimulatedStorage()
        let now = Moment(uptime: .zero, wall: 0)
        var pipeline = try Pipeline<ConnectionNumber>(
            settings: .inviting, epoch: 1, storage: storage, now: now,
            tokens: SeededGenerator(seed: 1),
            logger: Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() }))
        func ask(_ body: WireRequest.OneOf_Body, as user: String) -> [WireReply.OneOf_Body?] {
            var request = WireRequest()
            request.id = 1
            request.body = body
            let incoming = Incoming(
                frame: request.bytes, connection: ConnectionNumber(number: 1), user: user)
            return pipeline.takeTurn([incoming], at: now).replies.map(\.reply.body)
        }
        storage.fate = .refused
        #expect(ask(.createPopulation(.sample(members: 1)), as: Keyring.sharedUser).isEmpty)
        #expect(pipeline.isStuck)
        guard case .error(let error) = ask(Requests.hello(), as: "nobody").first else {
            throw DeskError.unexpected("no refusal")
        }
        #expect(error.code == .unauthorized)
        guard case .welcome = ask(Requests.hello(), as: Keyring.sharedUser).first else {
            throw DeskError.unexpected("no welcome")
        }
    }
}

extension WireReply.OneOf_Body {
    fileprivate var welcome: WireWelcome {
        if case .welcome(let welcome) = self { welcome } else { WireWelcome() }
    }
}
