import Evolution
import Foundation
import Journal
import Messages
import Testing

@testable import Coordinator

/// Random requests, lapses and restarts under a seed. What must hold is checked after each; then the
/// faults stop, and everything must finish.
struct RandomRequestsTests {
    @Test(.timeLimit(.minutes(1)), arguments: 0..<12)
    func `Whatever is asked in whatever order, nothing breaks`(block: UInt64) throws {
        run(block, isSynchronous: false)
    }

    @Test(.timeLimit(.minutes(1)), arguments: 0..<4)
    func `Nor does it in a synchronous population`(block: UInt64) throws {
        run(block, isSynchronous: true)
    }

    private func run(_ block: UInt64, isSynchronous: Bool) {
        for seed in block * 10..<(block + 1) * 10 {
            do {
                var run = try RandomRun(seed: seed, isSynchronous: isSynchronous)
                try run.go(steps: 30)
            } catch {
                Issue.record("seed \(seed), synchronous \(isSynchronous): \(error)")
            }
        }
    }
}

/// What does not hold, and after which request.
private struct Broken: Error, CustomStringConvertible {
    var description: String
}

private struct RandomRun {
    private var desk: Desk
    private var draws: Draws
    /// The population as its events make it, beside the core.
    private var replica: Population
    private var replayed = 0
    /// Every address that was ever reported.
    private var addresses: Set<String> = []
    /// Those that were told as released, and not reported again.
    private var gone: Set<String> = []
    /// The numbers that each lease was told.
    private var told: [UInt64: [UInt64]] = [:]
    private var reports: [UInt64: WireReport] = [:]
    private var last = "nothing"

    init(seed: UInt64, isSynchronous: Bool) throws {
        draws = Draws(seed: seed)
        let deadline = isSynchronous && Bool.random(using: &draws) ? 30.0 : nil
        var settings = Settings()
        settings.retention = .seconds(200)
        let isOpen = Bool.random(using: &draws)
        if isOpen { settings.open = OpenPopulation(name: "p") }
        desk = try Desk(settings: settings)
        if isOpen {
            var join = WireJoin()
            join.key = desk.key()
            join.population = "p"
            join.keeps = true
            join.space = """
                mode: \(isSynchronous ? "synchronous" : "asynchronous")
                \(deadline.map { "generation_deadline: \($0)" } ?? "")
                exploration: {resample_probability: 0}
                hyperparameters: {rate: {type: float, min: 0, max: 1}}
                """
            _ = try desk.directive(.join(join))
        } else {
            try desk.create(
                members: .random(in: 1...7, using: &draws),
                interval: .random(in: 1...3, using: &draws),
                maxSteps: Bool.random(using: &draws) ? 8 : nil, fraction: 0.4, seed: seed,
                synchronous: isSynchronous, deadline: deadline)
        }
        desk.requestsPerCommit = 8
        replica = Population(desk.core.populations[0].specification)
    }

    mutating func go(steps: Int) throws {
        for _ in 0..<steps {
            try step()
            try check()
        }
        try heal()
        try checkJournal()
    }

    private func checkJournal() throws {
        let faults = try Inspection(directory: desk.directory.path).faults
        try expect(faults.isEmpty, "the journal: \(faults)")
    }

    private var hosted: HostedPopulation { desk.core.populations[0] }

    /// Any lease that the core knows, in an order that the seed decides.
    private mutating func anyLease(where isMeant: (Lease) -> Bool = { _ in true }) -> Lease? {
        desk.core.leases.values.filter(isMeant).sorted { $0.record.token < $1.record.token }
            .randomElement(using: &draws)
    }

    // MARK: Requests

    private mutating func step() throws {
        switch Int.random(in: 0..<20, using: &draws) {
        case 0...2: try join()
        case 3...10: try report()
        case 11: try decline()
        case 12: try leave()
        case 13: try retry()
        case 14: try rejoin()
        case 15: try lapse()
        case 16: try restart()
        default: try steer()
        }
    }

    private mutating func join() throws {
        let keeps = Int.random(in: 0..<3, using: &draws) == 0
        let mayComeBack = keeps || hosted.population.generation != nil
        let former = mayComeBack && Bool.random(using: &draws) ? anyLease()?.record.token : nil
        try join(keeps: keeps, former: former ?? 0)
    }

    private mutating func join(keeps: Bool, former: UInt64 = 0) throws {
        var join = WireJoin()
        join.key = desk.key()
        join.population = "p"
        join.keeps = keeps
        join.former = former
        try direct(.join(join))
    }

    private mutating func report() throws {
        guard let lease = anyLease(where: \.isLive) else { return try join() }
        try send(
            nextReport(
                lease, step: .random(in: 0...3, using: &draws), effect: [.applied, .declined]))
    }

    private mutating func nextReport(
        _ lease: Lease, step: Int, effect: [WireEffect], hasCheckpoint: Bool? = nil
    ) -> WireReport {
        let member = desk.members[lease.record.member]
        var report = WireReport()
        report.lease = lease.record.token
        report.sequence = UInt64(lease.record.sequence + 1)
        report.step = UInt64(member.step + step)
        // An infinite score ranks as NaN does, and equals itself.
        report.score =
            Int.random(in: 0..<10, using: &draws) == 0
            ? .infinity : Double(Int.random(in: 0..<6, using: &draws))
        // Named as users do, so that a member that was put back comes to the same name again.
        if hasCheckpoint ?? (Int.random(in: 0..<4, using: &draws) > 0) {
            report.checkpoint = "/c/\(member.id)/\(report.step)"
        }
        if member.isInherited { report.effect = effect.randomElement(using: &draws) ?? .applied }
        report.released = (told[report.lease] ?? []).filter { _ in Bool.random(using: &draws) }
        return report
    }

    private mutating func send(_ report: WireReport) throws {
        if !report.checkpoint.isEmpty {
            addresses.insert(report.checkpoint)
            gone.remove(report.checkpoint)
        }
        reports[report.lease] = report
        try direct(.report(report))
    }

    private mutating func retry() throws {
        guard let lease = anyLease(), let report = reports[lease.record.token] else { return }
        try direct(.report(report))
    }

    private mutating func rejoin() throws {
        guard let lease = anyLease() else { return }
        var join = WireJoin()
        join.key = desk.key()
        join.lease = lease.record.token
        try direct(.join(join))
    }

    private mutating func decline() throws {
        guard let lease = anyLease() else { return }
        var decline = WireDecline()
        decline.key = desk.key()
        decline.lease = lease.record.token
        try direct(.decline(decline))
    }

    private mutating func leave() throws {
        guard let lease = anyLease() else { return }
        last = "leave"
        _ = try desk.ask(.leave(.with { $0.lease = lease.record.token }))
    }

    /// Time in which only some workers are heard of.
    private mutating func lapse() throws {
        last = "lapse"
        let heard = desk.core.leases.keys.sorted().filter { _ in Bool.random(using: &draws) }
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            _ = try desk.ask(.heartbeat(.with { $0.leases = heard }))
        }
    }

    private mutating func restart() throws {
        last = "restart"
        try desk.commit()
        try checkJournal()
        let (before, training) = (hosted.population, hosted.training)
        let released = try desk.journal?.releases()
        // What came of the time alone was not committed.
        if Bool.random(using: &draws) { desk.advance(.seconds(10)) }
        try desk.restart()
        try expect(hosted.population.members == before.members, "members")
        try expect(hosted.population.best == before.best, "the best")
        try expect(hosted.population.tally == before.tally, "the tally")
        try expect(hosted.population.specification == before.specification, "the specification")
        try expect(hosted.population.status == before.status, "the status")
        try expect(hosted.population.generation == before.generation, "the generation")
        try expect(hosted.training == training, "those that train")
        try expect(try desk.journal?.releases() == released, "the releases")
    }

    private mutating func steer() throws {
        var change = WireChangePopulation()
        switch Int.random(in: 0..<8, using: &draws) {
        case 0: change.pause = WirePause()
        case 1...2: change.resume = WireResume()
        case 3: change.end = WireEnd()
        case 4: change.addMembers.members = 1
        case 5:
            change.removeMember.member = .random(in: 0..<UInt64(desk.members.count), using: &draws)
        default:
            change.settings.maxSteps = [0, 3, 6, 9].randomElement(using: &draws) ?? 0
            change.settings.interval = .random(in: 1...3, using: &draws)
        }
        try steer(change)
    }

    private mutating func steer(_ change: WireChangePopulation) throws {
        last = "\(change)"
        var change = change
        change.key = desk.key()
        let first = try desk.ask(.changePopulation(change))
        let sequence = desk.core.sequence
        if case .error = first { return }
        try expect(try desk.ask(.changePopulation(change)) == first, "a retry's answer")
        try expect(desk.core.sequence == sequence, "a retry")
    }

    /// Asks for a directive, and looks at what it names.
    private mutating func direct(_ body: WireRequest.OneOf_Body) throws {
        last = "\(body)"
        guard case .directive(let directive) = try desk.ask(body) else { return }
        var token: UInt64?
        if case .lease(let lease) = directive.assignment {
            token = lease.token
            try expect(!gone.contains(lease.checkpoint), "\(lease.checkpoint) is to be loaded")
        }
        // A member that was left for another one may have been removed since.
        if case .exploit(let exploit) = directive.outcome, token == nil {
            try expect(!gone.contains(exploit.checkpoint), "\(exploit.checkpoint) is to be copied")
        }
        if token == nil, case .report(let report) = body { token = report.lease }
        for release in directive.released {
            try expect(
                !hosted.population.holds(checkpoint: release.checkpoint),
                "\(release.checkpoint) is held and told as released")
            gone.insert(release.checkpoint)
            if let token { told[token, default: []].append(release.number) }
        }
    }

    // MARK: What must hold

    private func expect(_ holds: Bool, _ what: String) throws {
        if !holds { throw Broken(description: "\(what), after \(last)") }
    }

    private mutating func check() throws {
        try checkCheckpoints(of: hosted.population)
        try checkLeases()
        try checkTally(of: hosted.population)
        try checkGeneration(of: hosted.population)
        if desk.isCommitted { try checkReplay() }
    }

    private mutating func checkReplay() throws {
        let population = hosted.population
        for record in try desk.journal?.events(of: 0, after: replayed, limit: 10_000) ?? [] {
            replica.apply(record.event)
            replayed = record.sequence
        }
        try expect(replica.members == population.members, "a replay's members")
        try expect(replica.best == population.best, "a replay's best")
        try expect(replica.tally == population.tally, "a replay's tally")
        try expect(replica.generation == population.generation, "a replay's generation")
        try expect(
            (replica.reports, replica.exploits) == (population.reports, population.exploits),
            "a replay's counts")
    }

    private func checkCheckpoints(of population: Population) throws {
        var held = Set([population.best?.checkpoint].compactMap(\.self))
        for member in population.members where !member.isRemoved {
            held.formUnion([member.latest, member.previous].compactMap { $0?.checkpoint })
        }
        for address in addresses {
            try expect(
                population.holds(checkpoint: address) == held.contains(address),
                "whether \(address) is held")
        }
        try expect(gone.isDisjoint(with: held), "a held checkpoint was told as released")
    }

    private func checkLeases() throws {
        let live = desk.core.leases.values.filter(\.isLive)
        try expect(Set(live.map(\.record.member)).count == live.count, "one live lease a member")
        try expect(hosted.training == live.count, "those that train")
        for lease in live {
            let member = lease.record.member
            try expect(hosted.holders[member] == lease.record.token, "the holder of \(member)")
            try expect(!desk.members[member].isRemoved, "a removed member trains")
        }
    }

    private func checkTally(of population: Population) throws {
        let there = population.members.filter { !$0.isRemoved }
        let states = there.map { hosted.state(of: $0.id) }
        let tally = population.tally
        try expect(tally.members == there.count, "the count of members")
        try expect(tally.members + tally.removed == population.members.count, "that of removed")
        try expect(tally.lost == states.count { $0 == .lost }, "that of lost")
        try expect(
            tally.finished == there.count { population.isFinished($0.id) }, "that of finished")
        try expect(tally.steps == there.reduce(0) { $0 + $1.step }, "the sum of steps")
    }

    private func checkGeneration(of population: Population) throws {
        guard let generation = population.generation else { return }
        let there = population.members.filter { !$0.isRemoved }
        let reported = there.count { $0.generation == generation.number }
        let awaited = there.filter { population.isToTrain($0.id) }
        try expect(generation.reported == reported, "the count of those that reported")
        try expect(generation.awaited == awaited.count, "that of those that are waited for")
        let isHeldUp = awaited.contains { !hosted.orphans.contains($0.id) }
        try expect(reported == 0 || isHeldUp, "a generation waits for nobody")
        for member in there where hosted.holders[member.id] == nil {
            try expect(
                hosted.isWaiting(member.id) == population.isToTrain(member.id),
                "whether \(member.id) waits")
        }
    }

    // MARK: Healing

    /// Workers that fail no more, and a population that is active and has an end.
    private mutating func heal() throws {
        try steer(.with { $0.resume = WireResume() })
        try steer(.with { $0.settings.maxSteps = 6 })
        // One that keeps a member which copies back for ever would train none of the others.
        while let kept = anyLease(where: { $0.isLive && $0.record.keeps }) {
            _ = try desk.ask(.leave(.with { $0.lease = kept.record.token }))
        }
        for _ in 0..<2000 {
            guard let lease = anyLease(where: \.isLive) else {
                try desk.commit()
                try check()
                if hosted.population.isFinished { return }
                let training = hosted.training
                if hosted.population.tally.members == 0 { return }
                try join(keeps: false)
                try expect(hosted.training > training, "a waiting member is not handed out")
                continue
            }
            try send(nextReport(lease, step: 1, effect: [.applied], hasCheckpoint: true))
        }
        throw Broken(description: "the population does not finish")
    }
}
