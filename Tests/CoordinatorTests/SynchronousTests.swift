import Evolution
import Messages
import Records
import Testing

@testable import Coordinator

/// Synchronous populations: who is handed what, and when a generation closes.
struct SynchronousTests {
    // MARK: Workers that take any member

    @Test func `Sixteen members on four workers report once for each generation`() throws {
        var crew = try Crew(workers: 4) {
            try $0.create(members: 16, maxSteps: 50, synchronous: true)
        }
        try crew.work()
        #expect(crew.desk.members.allSatisfy { $0.step == 50 })
        let closed = try crew.desk.closed()
        #expect(closed.map(\.generation) == [1, 2, 3, 4, 5])
        #expect(closed.allSatisfy { $0.reported == 16 && !$0.isByDeadline })
        // Three of sixteen copy, but for the last time, when all have finished.
        #expect(crew.desk.core.populations[0].population.exploits == 12)
        try crew.desk.expectSound()
    }

    @Test func `A worker that dies in the middle holds nobody up for longer than its lease`() throws
    {
        var crew = try Crew(workers: 4) {
            try $0.create(members: 16, maxSteps: 30, synchronous: true)
        }
        for _ in 0..<7 { try crew.turn() }
        crew.workers[2].isDead = true
        try crew.work()
        #expect(crew.workers[2].token != 0)
        #expect(crew.desk.members.allSatisfy { $0.step == 30 })
        #expect(try crew.desk.closed().map(\.reported) == [16, 16, 16])
        try crew.desk.expectSound()
    }

    @Test func `Who has as many workers as members has its own member again`() throws {
        var desk = try Desk()
        try desk.create(members: 6, synchronous: true)
        var leases = try (0..<6).map { _ in try desk.lease() }
        for step in [10, 20, 30] {
            for lease in leases.dropLast() {
                let directive = try desk.report(lease, to: step)
                #expect(directive.wait.milliseconds > 0)
                #expect(try desk.join(former: lease.token).wait.milliseconds > 0)
            }
            // The last one closes it, and goes on under its lease.
            let last = try desk.report(leases[5], to: step)
            #expect(last.same.targetStep == UInt64(step + 10))
            // They come in another order than they left.
            for index in [3, 0, 4, 1, 2] {
                let directive = try desk.join(former: leases[index].token)
                #expect(directive.lease.member == leases[index].member)
                #expect(directive.lease.token != leases[index].token)
                let isInherited = desk.members[Int(directive.lease.member)].isInherited
                #expect((directive.outcome == .continue(WireContinue())) == !isInherited)
                if isInherited {
                    let state = desk.members[Int(directive.lease.member)].latest
                    #expect(directive.exploit.checkpoint == state?.checkpoint)
                    #expect(directive.exploit.donor == state.map { UInt64($0.member) })
                    #expect(directive.exploit.hyperparameters == directive.lease.hyperparameters)
                }
                leases[index] = directive.lease
            }
        }
        try desk.expectSound()
    }

    @Test func `The report that closes a generation is told what was decided for its member`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 5, synchronous: true)
        let leases = try (0..<5).map { _ in try desk.lease() }
        for lease in leases.dropFirst() { _ = try desk.report(lease, to: 10) }
        let directive = try desk.report(leases[0].token, step: 10, score: -1)
        #expect(directive.exploit.donor == 4)
        // All others wait, and one that must load anyway takes the one that has waited longest.
        #expect(directive.lease.member == 1)
        #expect(desk.members[0].isInherited)
        #expect(try desk.events().last { $0.kind == .released(.switched) }?.member == 0)
        #expect(try desk.join().lease.member != 0)
        try desk.expectSound()
    }

    @Test func `A retry of a report gets the same answer, and its member is not trained again`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 2, synchronous: true)
        let lease = try desk.lease()
        let report = desk.nextReport(lease.token, step: 10, score: 1)
        let first = try desk.directive(.report(report))
        #expect(first.lease.member == 1)
        #expect(try desk.directive(.report(report)) == first)
        #expect(try desk.join().wait.milliseconds > 0)
        var other = report
        other.sequence += 1
        #expect(try desk.refusal(.report(other))?.code == .leaseLapsed)
    }

    @Test func `A report that does not end the interval is history, and the worker goes on`() throws
    {
        var desk = try Desk()
        try desk.create(members: 2, synchronous: true)
        let lease = try desk.lease()
        #expect(try desk.report(lease.token, step: 4, score: 1).same.targetStep == 10)
        #expect(desk.core.populations[0].population.generation?.reported == 0)
        #expect(try desk.report(lease.token, step: 10, score: 1).lease.member == 1)
        #expect(desk.core.populations[0].population.generation?.reported == 1)
    }

    @Test(arguments: [(16, 0.0), (1, 0.2)])
    func `Where nobody copies, generations close all the same`(members: Int, fraction: Double)
        throws
    {
        var crew = try Crew(workers: 3) {
            try $0.create(members: members, maxSteps: 30, fraction: fraction, synchronous: true)
        }
        try crew.work()
        #expect(try crew.desk.closed().map(\.reported) == [members, members, members])
        #expect(crew.desk.core.populations[0].population.exploits == 0)
        try crew.desk.expectSound()
    }

    @Test func `A restart in the middle of a generation changes nothing of it`() throws {
        var desk = try Desk()
        try desk.create(members: 5, synchronous: true)
        let leases = try (0..<2).map { _ in try desk.lease() }
        let third = try desk.report(leases[0], to: 10).lease
        try desk.restart()
        let open = desk.core.populations[0].population.generation
        #expect(open?.number == 1 && open?.reported == 1 && open?.awaited == 4)
        let fourth = try desk.report(leases[1], to: 10).lease
        #expect([third.member, fourth.member] == [2, 3])
        let fifth = try desk.report(third, to: 10).lease
        #expect(fifth.member == 4)
        #expect(try desk.join().wait.milliseconds > 0)
        _ = try desk.report(fourth, to: 10)
        try desk.restart()
        #expect(try desk.report(fifth, to: 10).assignment != nil)
        #expect(try desk.closed().map(\.reported) == [5])
        try desk.restart()
        #expect(desk.core.populations[0].population.generation?.number == 2)
        #expect(try (0..<4).map { _ in try desk.join().lease.member }.count == 4)
        try desk.expectSound()
    }

    @Test func `Whoever is waited for may be removed, or finish by another last step`() throws {
        var desk = try Desk()
        try desk.create(members: 3, synchronous: true)
        let leases = try (0..<3).map { _ in try desk.lease() }
        for lease in leases.dropLast() { _ = try desk.report(lease, to: 10) }
        #expect(try desk.join().wait.milliseconds > 0)
        try desk.change(.with { $0.removeMember.member = 2 })
        #expect(try desk.closed().map(\.reported) == [2])
        let next = try desk.join().lease
        _ = try desk.report(next, to: 20)
        // The other one has been at step 10 all along.
        try desk.change(.with { $0.settings.maxSteps = 10 })
        #expect(try desk.closed().map(\.reported) == [2, 1])
        #expect(try desk.join().stop.reason.contains("finished"))
        try desk.expectSound()
    }

    @Test func `Members that are added report for the generation that is open`() throws {
        var desk = try Desk()
        try desk.create(members: 2, synchronous: true)
        let first = try desk.lease()
        try desk.change(.with { $0.addMembers.members = 1 })
        let second = try desk.report(first, to: 10).lease
        let third = try desk.report(second, to: 10).lease
        #expect(third.member == 2)
        #expect(try desk.closed().isEmpty)
        _ = try desk.report(third, to: 10)
        #expect(try desk.closed().map(\.reported) == [3])
    }

    // MARK: The deadline

    @Test func `At its deadline a generation closes without those that are late`() throws {
        var desk = try Desk()
        try desk.create(members: 5, synchronous: true, deadline: 30)
        let leases = try (0..<5).map { _ in try desk.lease() }
        for lease in leases.dropFirst() { _ = try desk.report(lease, to: 10) }
        try desk.wait(29, leases[0])
        #expect(try desk.closed().isEmpty)
        try desk.wait(2, leases[0])
        #expect(
            try desk.closed()
                == [GenerationClosed(generation: 1, reported: 4, isByDeadline: true)])
        // Its report, which is late, counts for the next one.
        #expect(try desk.report(leases[0], to: 10).lease.member == 1)
        #expect(desk.members[0].generation == 2)
        try desk.expectSound()
    }

    @Test func `The deadline waits for a first report, for a pause, and for a new coordinator`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 5, synchronous: true, deadline: 30)
        let leases = try (0..<2).map { _ in try desk.lease() }
        try desk.wait(40, leases[0], leases[1])
        _ = try desk.report(leases[0], to: 10)
        try desk.wait(15, leases[1])
        // It began anew after thirty seconds.
        #expect(try desk.closed().isEmpty)
        try desk.change(.with { $0.pause = WirePause() })
        try desk.wait(100, leases[1])
        #expect(try desk.closed().isEmpty)
        try desk.change(.with { $0.resume = WireResume() })
        try desk.wait(25, leases[1])
        try desk.restart()
        try desk.wait(25, leases[1])
        #expect(try desk.closed().isEmpty)
        // It stands still itself.
        desk.advance(.seconds(200))
        _ = try desk.ask(.heartbeat(.with { $0.leases = [leases[1].token] }))
        #expect(try desk.closed().isEmpty)
        try desk.wait(6, leases[1])
        #expect(try desk.closed().map(\.isByDeadline) == [true])
        try desk.expectSound()
    }

    // MARK: Workers that keep their member

    @Test func `A worker that keeps its member waits under its lease, and goes on with it`() throws
    {
        var desk = try Desk()
        try desk.create(members: 5, synchronous: true)
        let leases = try (0..<5).map { _ in try desk.join(keeps: true).lease }
        for lease in leases.dropFirst() {
            #expect(try desk.report(lease, to: 10).wait.milliseconds > 0)
            #expect(try desk.join(former: lease.token, keeps: true).wait.milliseconds > 0)
        }
        // Asking is a sign of life.
        for _ in 0..<10 {
            desk.advance(.seconds(10))
            _ = try desk.ask(.heartbeat(.with { $0.leases = [leases[0].token] }))
            for lease in leases.dropFirst() {
                #expect(try desk.join(former: lease.token, keeps: true).wait.milliseconds > 0)
            }
        }
        let directive = try desk.report(leases[0].token, step: 10, score: -1)
        #expect(directive.exploit.donor == 4)
        #expect(directive.same.targetStep == 20)
        for lease in leases.dropFirst() {
            let again = try desk.join(former: lease.token, keeps: true).lease
            #expect((again.token, again.sequence) == (lease.token, 1))
        }
        #expect(desk.members.count == 5)
        try desk.expectSound()
    }

    @Test func `Whoever keeps its member and copies while it waits is told so when it asks`() throws
    {
        var desk = try Desk()
        try desk.create(members: 5, synchronous: true)
        let leases = try (0..<5).map { _ in try desk.join(keeps: true).lease }
        for lease in leases { _ = try desk.report(lease, to: 10) }
        let directive = try desk.join(former: leases[0].token, keeps: true)
        #expect(directive.exploit.donor == 4)
        #expect(directive.lease.token == leases[0].token)
        #expect(directive.lease.inherited)
        let next = try desk.report(leases[0].token, step: 20, score: 1, effect: .applied)
        #expect(next.wait.milliseconds > 0)
    }

    @Test func `A generation does not wait for a member whose worker kept it and is gone`() throws {
        var desk = try Desk()
        try desk.create(members: 3, synchronous: true)
        let leases = try (0..<3).map { _ in try desk.join(keeps: true).lease }
        _ = try desk.report(leases[1], to: 10)
        _ = try desk.report(leases[2], to: 10)
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            for lease in leases[1...] { _ = try desk.join(former: lease.token, keeps: true) }
        }
        #expect(try desk.closed().map(\.reported) == [2])
        // Nor for the next ones, until somebody has it again.
        for lease in leases[1...] { _ = try desk.report(lease, to: 20) }
        #expect(try desk.closed().map(\.reported) == [2, 2])
        // After a restart others may come back, for the length of a lease.
        try desk.restart()
        for lease in leases[1...] { _ = try desk.report(lease, to: 30) }
        #expect(try desk.closed().map(\.reported) == [2, 2])
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            for lease in leases[1...] { _ = try desk.join(former: lease.token, keeps: true) }
        }
        #expect(try desk.closed().map(\.reported) == [2, 2, 2])
        let again = try desk.join(keeps: true).lease
        #expect(again.member == 0)
        for lease in leases[1...] { _ = try desk.report(lease, to: 40) }
        #expect(try desk.closed().count == 3)
        _ = try desk.report(again, to: 10)
        #expect(try desk.closed().map(\.reported) == [2, 2, 2, 3])
        try desk.expectSound()
    }

    @Test func `Fewer workers that keep their members than members wait for nobody else`() throws {
        var desk = try Desk()
        try desk.create(members: 4, synchronous: true)
        let leases = try (0..<3).map { _ in try desk.join(keeps: true).lease }
        for lease in leases { _ = try desk.report(lease, to: 10) }
        // At first another worker may come.
        #expect(try desk.closed().isEmpty)
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            for lease in leases { _ = try desk.join(former: lease.token, keeps: true) }
        }
        #expect(try desk.closed().map(\.reported) == [3])
        // One that takes any member is waited for, and one that is gone no more.
        let other = try desk.join().lease
        #expect(other.member == 3)
        for lease in leases { _ = try desk.report(lease, to: 20) }
        #expect(try desk.closed().count == 1)
        _ = try desk.ask(.leave(.with { $0.lease = other.token }))
        #expect(try desk.closed().count == 1)
        for _ in 0..<7 {
            desk.advance(.seconds(10))
            for lease in leases { _ = try desk.join(former: lease.token, keeps: true) }
        }
        #expect(try desk.closed().map(\.reported) == [3, 3])
        try desk.expectSound()
    }

    @Test func `A worker that dies while it waits is noticed`() throws {
        var desk = try Desk()
        try desk.create(members: 2, synchronous: true)
        let leases = try (0..<2).map { _ in try desk.join(keeps: true).lease }
        _ = try desk.report(leases[0], to: 10)
        try desk.wait(70, leases[1])
        _ = try desk.report(leases[1], to: 10)
        _ = try desk.report(leases[1], to: 20)
        #expect(try desk.closed().map(\.reported) == [2, 1])
        // It comes back after all.
        #expect(try desk.join(former: leases[0].token, keeps: true).lease.member == 0)
        try desk.expectSound()
    }

    @Test func `A pause or an end reaches those who wait`() throws {
        var desk = try Desk()
        try desk.create(members: 2, synchronous: true)
        let leases = try (0..<2).map { _ in try desk.join(keeps: true).lease }
        _ = try desk.report(leases[0], to: 10)
        try desk.change(.with { $0.pause = WirePause() })
        #expect(try desk.report(leases[1], to: 10).wait.milliseconds == 2000)
        #expect(try desk.closed().map(\.reported) == [2])
        for lease in leases {
            #expect(try desk.join(former: lease.token, keeps: true).wait.milliseconds == 2000)
        }
        try desk.change(.with { $0.resume = WireResume() })
        for lease in leases {
            #expect(try desk.join(former: lease.token, keeps: true).lease.token == lease.token)
        }
        _ = try desk.report(leases[0], to: 20)
        try desk.change(.with { $0.end = WireEnd() })
        #expect(
            try desk.join(former: leases[0].token, keeps: true).stop.reason.contains("ended"))
        #expect(try desk.report(leases[1], to: 20).stop.reason.contains("ended"))
        try desk.expectSound()
    }

    @Test func `A population that grows closes its generations with those who are there`() throws {
        var settings = Settings()
        settings.open = OpenPopulation(name: "p")
        var desk = try Desk(settings: settings)
        var join = WireJoin()
        join.population = "p"
        join.space = """
            mode: synchronous
            hyperparameters: {rate: {type: float, min: 0, max: 1}}
            """
        join.keeps = true
        join.key = desk.key()
        var leases = [try desk.directive(.join(join)).lease]
        for _ in 0..<4 { leases.append(try desk.join(keeps: true).lease) }
        for lease in leases { _ = try desk.report(lease, to: 1) }
        #expect(try desk.closed().map(\.reported) == [5])
        // One leaves for good, and another one comes.
        _ = try desk.ask(.leave(.with { $0.lease = leases.removeLast().token }))
        leases.append(try desk.join(keeps: true).lease)
        #expect(leases[4].member == 5)
        for lease in leases { _ = try desk.report(lease, to: 2) }
        #expect(try desk.closed().map(\.reported) == [5, 5])
        #expect(desk.members.count == 6)
        try desk.expectSound()
    }

    // MARK: What is shown

    @Test func `Boards say how far the generation is`() throws {
        var desk = try Desk()
        try desk.create(members: 3, synchronous: true, deadline: 60)
        _ = try desk.report(desk.lease(), to: 10)
        guard case .leaderboard(let board) = try desk.ask(.getLeaderboard(WireGetLeaderboard())),
            case .populations(let all) = try desk.ask(.listPopulations(WireListPopulations()))
        else { throw DeskError.unexpected("no board") }
        let summary = board.summary
        #expect(summary.synchronous)
        #expect((summary.generation, summary.generationReported) == (1, 1))
        let population = all.populations[0]
        #expect(population.synchronous)
        #expect((population.generation, population.generationReported) == (1, 1))
        #expect(population.generationDeadlineSeconds == 60)
    }
}

/// Workers that train whatever they are given, without sockets.
private struct Crew {
    var desk: Desk
    var workers: [Member]
    private var turns = 0

    struct Member {
        var token: UInt64 = 0
        var former: UInt64 = 0
        var member = 0
        var target = 0
        var isDead = false
        var isDone = false
    }

    init(workers: Int, _ make: (inout Desk) throws -> Void) throws {
        desk = try Desk()
        try make(&desk)
        self.workers = Array(repeating: Member(), count: workers)
    }

    /// Until there is nothing more to train.
    mutating func work() throws {
        while !workers.allSatisfy({ $0.isDead || $0.isDone }) {
            try turn()
            guard turns < 100_000 else { throw DeskError.unexpected("it never ends") }
        }
        _ = try desk.closed()
    }

    /// One of them does the next thing.
    mutating func turn() throws {
        let index = turns % workers.count
        turns += 1
        desk.advance(.milliseconds(250))
        let worker = workers[index]
        guard !worker.isDead, !worker.isDone else { return }
        var directive: WireDirective
        if worker.token == 0 {
            directive = try desk.join(former: worker.former)
        } else {
            let step = worker.target
            directive = try desk.report(
                worker.token, step: step,
                score: Double((worker.member * 7 + step) % 16) + Double(step),
                effect: desk.members[worker.member].isInherited ? .applied : .unspecified)
        }
        switch directive.assignment {
        case .same(let same): workers[index].target = Int(same.targetStep)
        case .lease(let lease):
            workers[index].token = lease.token
            workers[index].member = Int(lease.member)
            workers[index].target = Int(lease.targetStep)
        case .wait:
            if worker.token != 0 { workers[index].former = worker.token }
            workers[index].token = 0
        case .stop: workers[index].isDone = true
        case nil: throw DeskError.unexpected("no assignment")
        }
    }
}

extension Desk {
    /// Reports at a step; a member's number is its score.
    fileprivate mutating func report(_ lease: WireLease, to step: Int) throws -> WireDirective {
        try report(
            lease.token, step: step, score: Double(lease.member),
            effect: members[Int(lease.member)].isInherited ? .applied : .unspecified)
    }

    fileprivate mutating func change(_ change: WireChangePopulation) throws {
        var change = change
        change.key = key()
        guard case .population = try ask(.changePopulation(change)) else {
            throw DeskError.unexpected("the population was not changed")
        }
    }

    /// So many seconds, in which the holders of leases are heard of.
    fileprivate mutating func wait(_ seconds: Int, _ leases: WireLease...) throws {
        for _ in 0..<seconds {
            advance(.seconds(1))
            _ = try ask(.heartbeat(.with { $0.leases = leases.map(\.token) }))
        }
    }

    fileprivate mutating func events() throws -> [Event] {
        // What a tick changed is committed with the next request.
        _ = try ask(.listPopulations(WireListPopulations()))
        guard let journal else { throw DeskError.unexpected("the journal is closed") }
        return try journal.events(of: 0, after: 0, limit: 1_000_000).map(\.event)
    }

    fileprivate mutating func closed() throws -> [GenerationClosed] {
        try events().compactMap { event in
            if case .generationClosed(let closed) = event.kind { closed } else { nil }
        }
    }

    /// The journal is what its events lead to, and each member reported once for each generation
    /// while that was open.
    fileprivate mutating func expectSound() throws {
        var open = 1
        var reported: Set<Int> = []
        for event in try events() {
            switch event.kind {
            case .reported(let report):
                guard let generation = report.generation, let member = event.member else {
                    continue
                }
                #expect(generation == open)
                #expect(reported.insert(member).inserted)
            case .generationClosed:
                open += 1
                reported = []
            default: continue
            }
        }
        #expect(try "\(replayed())" == "\(members)")
        #expect(try Inspection(directory: directory.path).faults == [])
    }
}
