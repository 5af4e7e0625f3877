import Messages

@testable import Coordinator

extension Desk {
    /// A coordinator in whose journal everything has happened that can: to the population `p`,
    /// while `q` waits, and to the synchronous `s`.
    static func withEveryKindOfEvent() throws -> Desk {
        var desk = try Desk()
        try desk.create("p", members: 6, maxSteps: 100)
        try desk.create("q", members: 2)
        var leases = try (0..<6).map { _ in try desk.lease() }
        for step in [10, 20] {
            for lease in leases { try desk.train(lease, to: step) }
        }
        // One that can load nothing goes back, copies another one, and starts anew.
        for _ in 0..<3 { try desk.decline(leases[4]) }
        // One that comes back to where it was reports the same address again.
        try desk.decline(leases[1])
        for _ in 0..<2 {
            _ = try desk.report(leases[1].token, step: 20, score: 1, checkpoint: "/c")
        }
        try desk.train(leases[0], to: 30, score: .nan)
        _ = try desk.ask(.leave(.with { $0.lease = leases.removeLast().token }))
        try desk.lapse(leases.removeLast(), while: leases)
        try desk.steer(.with { $0.removeMember.member = leases.removeLast().member })
        try desk.steer(.with { $0.settings.interval = 5 })
        try desk.steer(.with { $0.pause = WirePause() })
        try desk.train(leases.removeLast(), to: 30)
        try desk.steer(.with { $0.resume = WireResume() })
        try desk.steer(.with { $0.addMembers.members = 1 })
        try desk.steer(.with { $0.settings.interval = 10 })
        try desk.steer(.with { $0.end = WireEnd() })
        try desk.create("s", members: 5, synchronous: true)
        var lease = try desk.join("s").lease
        for _ in 0..<4 {
            lease = try desk.report(lease.token, step: 10, score: -Double(lease.member)).lease
        }
        // The last one copies, and another one is handed out instead.
        lease = try desk.report(lease.token, step: 10, score: -4).lease
        _ = try desk.report(lease.token, step: 20, score: 0)
        return desk
    }

    /// Reports for a member. Its number, and a little of its step, are its score.
    private mutating func train(
        _ lease: WireLease, to step: Int, score: Double? = nil
    ) throws {
        let isInherited = members[Int(lease.member)].isInherited
        _ = try report(
            lease.token, step: step, score: score ?? Double(lease.member) + Double(step) / 100,
            effect: isInherited ? .applied : .unspecified)
    }

    private mutating func decline(_ lease: WireLease) throws {
        var decline = WireDecline()
        decline.key = key()
        decline.lease = lease.token
        decline.reason = "gone"
        _ = try directive(.decline(decline))
    }

    private mutating func lapse(_ lease: WireLease, while others: [WireLease]) throws {
        for _ in 0..<7 {
            advance(.seconds(10))
            _ = try ask(.heartbeat(.with { $0.leases = others.map(\.token) }))
        }
    }

    private mutating func steer(_ change: WireChangePopulation) throws {
        var change = change
        change.key = key()
        change.population = "p"
        guard case .population = try ask(.changePopulation(change)) else {
            throw DeskError.unexpected("the population was not changed")
        }
    }
}
