import Evolution
import Messages
import Records
import Testing

@testable import Coordinator
@testable import Simulation

/// Who trains what, with many more members than workers, many more workers than members, and workers
/// that come and go.
struct AssignmentTests {
    /// What each of some workers does next.
    private typealias Leases = [WireLease]

    /// One round: each worker trains an interval and reports.
    private func train(
        _ leases: Leases, at desk: inout Desk,
        check: (_ member: Int, _ steps: (before: Int, after: Int)) -> Void = { _, _ in }
    ) throws -> Leases {
        var next: Leases = []
        for var lease in leases {
            let member = desk.members[Int(lease.member)]
            let directive = try desk.report(
                lease.token, step: Int(lease.targetStep), score: Double(lease.member * 7919 % 1009),
                effect: member.isInherited ? .applied : .unspecified)
            check(member.id, (member.step, desk.members[member.id].step))
            switch directive.assignment {
            case .lease(let other): next.append(other)
            case .same(let same):
                lease.targetStep = same.targetStep
                next.append(lease)
            case .wait, .stop: break
            case nil: Issue.record("a directive has an assignment")
            }
        }
        return next
    }

    /// An exploit moves a member to its donor, which is one interval further or less far at most.
    @Test(arguments: [(0.0, 1), (0.2, 2)])
    func `4 workers train 1 000 members evenly at all times`(
        fraction: Double, intervals: Int
    ) throws {
        var desk = try Desk()
        let interval = 10
        try desk.create(members: 1000, interval: interval, maxSteps: 20, fraction: fraction)
        var leases = try (0..<4).map { _ in try desk.lease() }
        var widest = 0
        // How many members are at each step.
        var counts = [0: 1000]
        while !leases.isEmpty {
            leases = try train(leases, at: &desk) { member, steps in
                counts[steps.before, default: 0] -= 1
                if counts[steps.before] == 0 { counts[steps.before] = nil }
                counts[steps.after, default: 0] += 1
                widest = max(widest, (counts.keys.max() ?? 0) - (counts.keys.min() ?? 0))
            }
        }
        #expect(counts == [20: 1000])
        #expect(widest <= intervals * interval)
        #expect(desk.core.populations[0].population.isFinished)
        #expect(desk.members.allSatisfy { $0.reports >= 1 })
        if fraction == 0 { #expect(desk.members.allSatisfy { $0.reports == 2 }) }
    }

    @Test func `Of 16 workers on 4 members 12 wait for a told time, and get one when it is free`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 4)
        var leases: Leases = []
        var waiting: [Duration] = []
        for _ in 0..<16 {
            switch try desk.join().assignment {
            case .lease(let lease): leases.append(lease)
            case .wait(let wait): waiting.append(.milliseconds(Int64(wait.milliseconds)))
            default: Issue.record("a worker trains or waits")
            }
        }
        #expect(leases.count == 4)
        #expect(waiting.count == 12)
        #expect(waiting.allSatisfy { $0 > .zero && $0 <= .seconds(5) })

        // Those who have a member keep it, however often the others ask.
        for _ in 0..<20 {
            desk.advance(waiting[0])
            leases = try train(leases, at: &desk)
            #expect(try desk.join().wait.milliseconds > 0)
        }
        #expect(Set(leases.map(\.member)) == [0, 1, 2, 3])

        for lease in leases.prefix(3) {
            _ = try desk.ask(.leave(.with { $0.lease = lease.token }))
        }
        let answers = try (0..<12).map { _ in try desk.join().assignment }
        let members = answers.compactMap { answer -> UInt64? in
            if case .lease(let lease) = answer { lease.member } else { nil }
        }
        #expect(members.sorted() == leases.prefix(3).map(\.member).sorted())
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `Workers that come and go starve no member, and no lease is doubled`(seed: UInt64) throws {
        var run = try Coming(seed: seed)
        for _ in 0..<400 { try run.step() }
        #expect(run.grants > 100, "seed \(seed)")
        // No member waits while all the others are trained twice.
        #expect(run.longestWait <= 2 * Coming.members, "seed \(seed)")
        try run.finish()
        #expect(run.desk.members.allSatisfy { $0.step == Coming.maxSteps }, "seed \(seed)")
        #expect(try run.desk.replayed() == run.desk.members, "seed \(seed)")
    }

    // MARK: - Coming back

    private func spread(_ desk: inout Desk) throws -> Duration {
        var hello = WireHello()
        hello.minVersion = WireVersion.min
        hello.maxVersion = WireVersion.max
        guard case .welcome(let welcome) = try desk.ask(.hello(hello)) else { return .zero }
        return .milliseconds(Int64(welcome.returnMilliseconds))
    }

    @Test func `The time to come back within grows with the leases`() throws {
        var settings = Settings()
        settings.returnsPerSecond = 2
        var desk = try Desk(settings: settings)
        try desk.create(members: 100)
        #expect(try spread(&desk) == .seconds(5))
        for _ in 0..<20 { _ = try desk.lease() }
        #expect(try spread(&desk) == .seconds(10))
        for _ in 0..<80 { _ = try desk.lease() }
        #expect(try spread(&desk) == .seconds(15), "a quarter of a lease")
    }

    @Test func `A short lease makes it short`() throws {
        var settings = Settings()
        settings.lease = .seconds(2)
        var desk = try Desk(settings: settings)
        #expect(try spread(&desk) == .milliseconds(500))
    }

    @Test func `Whoever comes back as late as told after a restart has its lease`() throws {
        var desk = try Desk()
        try desk.create(members: 3)
        let leases = try (0..<3).map { _ in try desk.lease() }
        for _ in 0..<5 { desk.advance(.seconds(10)) }
        try desk.restart()
        let spread = try spread(&desk)
        #expect(spread * 4 <= desk.settings.lease)
        desk.advance(spread)
        for lease in leases {
            let directive = try desk.report(lease.token, step: 10, score: 1)
            #expect(directive.assignment == .same(.with { $0.targetStep = 20 }))
        }
    }
}

/// Workers that join, report, leave and vanish at random, and members that wait meanwhile.
private struct Coming {
    static let members = 40
    static let workers = 12
    static let maxSteps = 20

    var desk: Desk
    private(set) var grants = 0
    /// The most grants of others that a member saw while it waited.
    private(set) var longestWait = 0
    private var draws: SeededGenerator
    private var leases: [WireLease] = []
    /// The grants when each member began to wait.
    private var waitingSince: [Int: Int] = [:]

    init(seed: UInt64) throws {
        draws = SeededGenerator(seed: seed)
        desk = try Desk()
        try desk.create(members: Self.members, interval: 1, maxSteps: Self.maxSteps, fraction: 0)
        for member in 0..<Self.members { waitingSince[member] = 0 }
    }

    mutating func step() throws {
        switch Int.random(in: 0..<10, using: &draws) {
        case 0...2 where leases.count < Self.workers: try join()
        case 3: try leave()
        case 4: try vanish()
        default: try report()
        }
        try check()
    }

    /// The workers that are left do not go any more.
    mutating func finish() throws {
        while leases.count < 4 { try join() }
        while !leases.isEmpty {
            try report()
            try check()
        }
        #expect(desk.core.populations[0].population.isFinished)
    }

    private mutating func join() throws {
        if case .lease(let lease) = try desk.join().assignment { try take(lease) }
    }

    private mutating func take(_ lease: WireLease) throws {
        let member = Int(lease.member)
        let least = waitingSince.keys.map { desk.members[$0].latest?.step ?? 0 }.min()
        #expect(Int(lease.step) == least, "the member that has trained least is next")
        grants += 1
        let found = waitingSince.removeValue(forKey: member)
        let since = try #require(found, "a member that no worker has is handed out")
        longestWait = max(longestWait, grants - since)
        leases.append(lease)
    }

    private mutating func pick() -> WireLease? {
        guard let index = leases.indices.randomElement(using: &draws) else { return nil }
        return leases.remove(at: index)
    }

    private mutating func leave() throws {
        guard let lease = pick() else { return }
        _ = try desk.ask(.leave(.with { $0.lease = lease.token }))
        waitingSince[Int(lease.member)] = grants
    }

    /// Nothing is heard of one for so long that its lease lapses, while the others send heartbeats.
    private mutating func vanish() throws {
        guard let lease = pick() else { return }
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            _ = try desk.ask(.heartbeat(.with { $0.leases = leases.map(\.token) }))
        }
        #expect(desk.core.leases[lease.token]?.isLive == false)
        waitingSince[Int(lease.member)] = grants
    }

    private mutating func report() throws {
        guard var lease = pick() else { return }
        let directive = try desk.report(lease.token, step: Int(lease.targetStep), score: 1)
        switch directive.assignment {
        case .same(let same):
            lease.targetStep = same.targetStep
            leases.append(lease)
        case .lease(let next):
            waitingSince[Int(lease.member)] = grants
            if desk.core.populations[0].population.isFinished(Int(lease.member)) {
                waitingSince[Int(lease.member)] = nil
            }
            try take(next)
        default: break
        }
    }

    private func check() throws {
        let live = desk.core.leases.values.filter(\.isLive)
        #expect(Set(live.map(\.record.member)).count == live.count)
        #expect(Set(live.map(\.record.token)) == Set(leases.map(\.token)))
        #expect(desk.core.populations[0].training == live.count)
    }
}
