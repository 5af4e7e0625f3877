import Evolution
import Foundation
import Messages

@testable import Coordinator
@testable import Simulation

/// A coordinator that is asked random things under a seed, so that its journal has every kind of
/// event in any order.
struct RandomHistory {
    var desk: Desk
    private var draws: SeededGenerator
    /// The best states ever are copied too, from some time on.
    private let archives: Bool

    init(seed: UInt64, requests: Int) throws {
        archives = seed % 3 == 2
        draws = SeededGenerator(seed: seed)
        desk = try Desk()
        try desk.create(
            members: .random(in: 2...7, using: &draws),
            interval: .random(in: 1...4, using: &draws), fraction: 0.4, seed: seed,
            synchronous: seed % 3 == 1)
        try desk.create("q", members: 2)
        if archives { try desk.set(["selection": "archive", "archive": 2]) }
        for _ in 0..<requests { _ = try ask() }
    }

    /// Goes on with a copy of what there is, and with draws of its own.
    init(copyOf other: RandomHistory, seed: UInt64) throws {
        desk = try Desk(copyOf: other.desk)
        draws = SeededGenerator(seed: seed)
        archives = other.archives
    }

    /// - Returns: what was answered.
    mutating func ask() throws -> String {
        desk.advance(.milliseconds(10))
        switch Int.random(in: 0..<24, using: &draws) {
        case 0...2: return try join()
        case 3: return try leave()
        case 4: return try decline()
        case 5: return try lapse()
        case 6: return try steer()
        default: return try report()
        }
    }

    private mutating func lease() -> Lease? {
        desk.core.leases.values.filter(\.isLive)
            .sorted {
                ($0.record.population, $0.record.member) < ($1.record.population, $1.record.member)
            }
            .randomElement(using: &draws)
    }

    private mutating func join() throws -> String {
        var join = WireJoin()
        join.key = desk.key()
        join.population = Int.random(in: 0..<8, using: &draws) == 0 ? "q" : "p"
        join.worker = "w\(Int.random(in: 0..<9, using: &draws))"
        return try answer(.join(join))
    }

    private mutating func report() throws -> String {
        guard let lease = lease() else { return try join() }
        let hosted = desk.core.populations[lease.record.population]
        let member = hosted.population.members[lease.record.member]
        var report = WireReport()
        report.lease = lease.record.token
        report.sequence = UInt64(lease.record.sequence + 1)
        report.step = UInt64(member.step + Int.random(in: 0...3, using: &draws))
        report.score =
            Int.random(in: 0..<12, using: &draws) == 0
            ? .infinity : Double(Int.random(in: 0..<40, using: &draws))
        if Int.random(in: 0..<6, using: &draws) > 0 {
            report.checkpoint = "/c/\(desk.core.sequence)"
        }
        if member.isInherited {
            report.effect = Int.random(in: 0..<5, using: &draws) == 0 ? .declined : .applied
        }
        if Int.random(in: 0..<15, using: &draws) == 0 {
            var value = WireHyperparameter()
            value.name = "rate"
            value.value.number = Double(Int.random(in: 1..<10, using: &draws)) / 10
            report.hyperparameters = [value]
        }
        if Bool.random(using: &draws) {
            report.released = desk.core.releases.told(
                to: member.id, of: lease.record.population
            ).map(\.number)
        }
        return try answer(.report(report))
    }

    private mutating func decline() throws -> String {
        guard let lease = lease() else { return try join() }
        var decline = WireDecline()
        decline.key = desk.key()
        decline.lease = lease.record.token
        decline.reason = "gone"
        return try answer(.decline(decline))
    }

    private mutating func leave() throws -> String {
        guard let lease = lease() else { return try join() }
        return try answer(.leave(.with { $0.lease = lease.record.token }))
    }

    private mutating func lapse() throws -> String {
        let lost = lease()?.record.token
        let heard = desk.core.leases.keys.filter { $0 != lost }.sorted()
        var answers = ""
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            answers += try answer(.heartbeat(.with { $0.leases = heard }))
        }
        return answers
    }

    private mutating func steer() throws -> String {
        var change = WireChangePopulation()
        change.key = desk.key()
        change.population = "p"
        switch Int.random(in: 0..<8, using: &draws) {
        case 0: change.pause = WirePause()
        case 1...2: change.resume = WireResume()
        case 3: change.addMembers.members = 1
        case 4:
            change.removeMember.member = .random(in: 0..<UInt64(desk.members.count), using: &draws)
        default:
            change.settings.interval = .random(in: 1...4, using: &draws)
            if archives {
                let selection = ["archive", "archive", "truncation"].randomElement(using: &draws)
                change.settings.settings = [
                    WireSetting("selection", .word(selection ?? "archive")),
                    WireSetting("archive", .integer(.random(in: 1...3, using: &draws))),
                ]
            }
        }
        return try answer(.changePopulation(change))
    }

    private mutating func answer(_ body: WireRequest.OneOf_Body) throws -> String {
        "\(try desk.ask(body))"
    }
}
