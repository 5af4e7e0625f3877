import Foundation
import Messages
import Testing

@testable import ClientMachine
@testable import Murmuration

/// What sessions are too short for; they are in `SessionTests`.
struct ClientMachineTests {
    private static let timing = ConnectionTiming().machine

    private static func machine(chance: @escaping () -> Double = { 0.5 }) -> ClientMachine {
        ClientMachine(timing: timing, client: "test", chance: chance, newKey: Limits.newKey)
    }

    /// Connects and is welcomed; says what else it does.
    private static func welcome(
        _ machine: inout ClientMachine, at now: Duration, spread: Duration = .zero
    ) -> [ClientMachine.Action] {
        let connecting = machine.tick(at: now)
        #expect(connecting == [.connect])
        _ = machine.shakenHands(at: now)
        let greeting = machine.tick(at: now)
        #expect(greeting.count == 1)
        var reply = WireReply()
        reply.id = 1
        reply.epoch = 1
        reply.welcome.returnMilliseconds = UInt32(spread / .milliseconds(1))
        let welcomed = machine.received(reply.bytes, at: now)
        #expect(welcomed == [.ready])
        return machine.tick(at: now)
    }

    @Test func `10 000 clients spread their return evenly over the time that they are given`() {
        let spread = Duration.seconds(5)
        let draws = (0..<10_000).map { _ in
            var machine = Self.machine { Double.random(in: 0..<1) }
            machine.want()
            _ = Self.welcome(&machine, at: .zero, spread: spread)
            _ = machine.broke(at: .zero)
            _ = machine.tick(at: .seconds(1))
            _ = machine.shakenHands(at: .seconds(1))
            return (machine.due ?? .zero) - .seconds(1)
        }
        #expect(draws.allSatisfy { $0 >= .zero && $0 < spread })
        // 1 000 in each, with a deviation of 30.
        #expect(tenths(draws.map { $0 / spread }).allSatisfy { (850...1150).contains($0) })
    }

    @Test func `Waits grow to the longest one, and differ by a quarter`() {
        for (attempt, seconds) in [5.0, 10, 20, 30, 30, 30].enumerated() {
            let waits = [0.0, 0.5, 1].map { Self.timing.wait(attempt, $0) / .seconds(seconds) }
            #expect(waits == [0.75, 1, 1.25])
        }
        #expect(Self.timing.wait(.max, 1) == .seconds(37.5))
        let pauses = (0...3).map { Self.timing.pause($0, 0.5) / .milliseconds(1) }
        #expect(pauses == [100, 200, 400, 800])
        #expect(Self.timing.pause(.max, 1) == .seconds(37.5))
    }

    @Test func `More leases than a heartbeat may name are renewed by several`() throws {
        var machine = Self.machine()
        let count = UInt64(Limits.heartbeatLeases + 1)
        for lease in 1...count { machine.hold(lease, rejoin: nil, at: .zero) }
        let heartbeats = try Self.welcome(&machine, at: .zero).map { action in
            guard case .send(let frame) = action else { throw CancellationError() }
            return try WireRequest(frame: frame)
        }
        #expect(heartbeats.map(\.id) == [2, 3])
        #expect(heartbeats.map(\.heartbeat.leases) == [Array(1..<count), [count]])
        // Each of them may tell of leases.
        for (id, lease) in [(2 as UInt64, 7 as UInt64), (3, count)] {
            var reply = WireReply()
            reply.id = id
            reply.epoch = 1
            reply.alive.gone = [lease]
            let told = machine.received(reply.bytes, at: .zero)
            #expect(told == [.leaseGone(lease, message: nil)])
        }
    }

    @Test func `A lease that is refused is gone with the coordinator's sentence`() {
        var machine = Self.machine()
        var refusal = WireReply()
        refusal.error = WireError(.unauthorized, "The invitation was revoked.")
        let gone = ClientMachine.Action.leaseGone(5, message: refusal.error.message)
        machine.hold(5, rejoin: WireJoin(), at: .zero)
        let heartbeats = Self.welcome(&machine, at: .zero)
        #expect(heartbeats.count == 1)
        (refusal.id, refusal.epoch) = (2, 1)
        let afterHeartbeat = machine.received(refusal.bytes, at: .zero)
        #expect(afterHeartbeat == [gone])

        machine.hold(5, rejoin: WireJoin(), at: .zero)
        _ = machine.broke(at: .zero)
        _ = machine.tick(at: .seconds(1))
        _ = machine.shakenHands(at: .seconds(1))
        _ = machine.tick(at: .seconds(1))
        var welcome = WireReply()
        (welcome.id, welcome.epoch, welcome.welcome) = (3, 2, WireWelcome())
        _ = machine.received(welcome.bytes, at: .seconds(1))
        (refusal.id, refusal.epoch) = (4, 2)
        let afterJoin = machine.received(refusal.bytes, at: .seconds(1))
        #expect(afterJoin == [gone, .ready])
    }

    @Test func `A request that is too long for a message is not sent`() {
        var machine = Self.machine()
        var join = WireJoin()
        join.space = String(repeating: "x", count: Limits.messageBytes)
        let error = #expect(throws: WireError.self) { try machine.ask(.join(join), at: .zero) }
        #expect(error?.code == .limit)
        #expect(machine.due == nil)
    }

    @Test func `A refusal is known for as long as the request is under way`() throws {
        var machine = Self.machine()
        let id = try machine.ask(.listKeys(WireListKeys()), at: .zero)
        var reply = WireReply()
        reply.id = id
        reply.error = WireError(.unavailable, "The disk is full.")
        #expect(machine.refusal(of: id) == nil)
        _ = machine.received(reply.bytes, at: .zero)
        #expect(machine.refusal(of: id) == reply.error)
        machine.giveUp(id)
        #expect(machine.refusal(of: id) == nil)
    }
}

/// Counts how many of the numbers from 0 to 1 lie in each tenth.
func tenths(_ shares: [Double]) -> [Int] {
    shares.reduce(into: Array(repeating: 0, count: 10)) {
        $0[min(9, max(0, Int($1 * 10)))] += 1
    }
}
