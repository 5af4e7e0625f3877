import Evolution
import Messages
import Records
import Testing

@testable import Coordinator

struct CheckpointTests {
    private func told(_ directive: WireDirective) -> [String] {
        directive.released.map(\.checkpoint)
    }

    @Test func `The latest two and the best are held, and others are released`() throws {
        var desk = try Desk()
        try desk.create(members: 1, interval: 1)
        let lease = try desk.lease().token
        var released: [String] = []
        for (step, score) in [1.0, 5, 2, 3, 4].enumerated() {
            let directive = try desk.report(
                lease, step: step + 1, score: score, checkpoint: "/c/\(step + 1)")
            released += told(directive)
        }
        // None was acknowledged, so the first is told again.
        #expect(released == ["/c/1", "/c/1", "/c/1", "/c/3"])
        let board = desk.core.board(of: desk.core.populations[0], offset: 0, limit: 1)
        #expect((board.best.checkpoint, board.best.score, board.best.rank) == ("/c/2", 5, 0))
        let better = try desk.report(lease, step: 6, score: 6, checkpoint: "/c/6")
        #expect(
            told(better) == ["/c/1", "/c/3", "/c/4", "/c/2"]
                || told(better) == ["/c/1", "/c/3", "/c/2", "/c/4"])
    }

    @Test func `What is acknowledged is not told again, and the rest is, also after a restart`()
        throws
    {
        var desk = try Desk()
        try desk.create(members: 1, interval: 1)
        let lease = try desk.lease().token
        for step in 1...2 {
            _ = try desk.report(lease, step: step, score: 1, checkpoint: "/c/\(step)")
        }
        // The first is the best, as long as none is better.
        let first = try desk.report(lease, step: 3, score: 2, checkpoint: "/c/3")
        #expect(told(first) == ["/c/1"])
        var next = desk.nextReport(lease, step: 4, score: 3, checkpoint: "/c/4")
        next.released = first.released.map(\.number) + [99]
        let second = try desk.directive(.report(next))
        #expect(told(second) == ["/c/2"])
        #expect(try desk.directive(.report(next)) == second)
        try desk.restart()
        #expect(
            told(try desk.report(lease, step: 5, score: 4, checkpoint: "/c/5")) == ["/c/2", "/c/3"])
        #expect(try desk.journal?.releases().map(\.checkpoint) == ["/c/2", "/c/3"])
    }

    @Test func `The best states ever are held while they are kept, also after a restart`() throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1, fraction: 0)
        try desk.set(["selection": "archive", "archive": 2])
        let leases = try (0..<2).map { _ in try desk.lease().token }
        var released: Set<String> = []
        func report(_ member: Int, _ step: Int, _ score: Double) throws {
            let directive = try desk.report(
                leases[member], step: step, score: score, checkpoint: "/c/\(member)/\(step)")
            released.formUnion(told(directive))
        }
        try report(0, 1, 9)
        for step in 1...5 { try report(1, step, 6 - Double(step)) }
        for step in 2...5 { try report(0, step, 1) }
        #expect(released == ["/c/0/2", "/c/0/3", "/c/1/2", "/c/1/3"])
        try desk.restart()
        #expect(desk.core.isHeld("/c/1/1"))
        try report(1, 6, 7)
        #expect(released.isSuperset(of: ["/c/1/1", "/c/1/4"]))
        #expect(!desk.core.isHeld("/c/1/1"))
        // The better one is the best ever, too.
        #expect(!released.contains("/c/0/1"))
        try desk.set(["selection": "truncation"])
        try report(1, 7, 1)
        try report(1, 8, 1)
        #expect(released.contains("/c/1/6"))
        #expect(desk.core.isHeld("/c/0/1"))
        #expect(try Inspection(directory: desk.directory.path).faults == [])
    }

    @Test func `A copy of an earlier state is told with its step, and recorded`() throws {
        var desk = try Desk()
        try desk.create(members: 5, interval: 1, fraction: 0.2)
        try desk.set(["selection": "archive", "archive": 1])
        let leases = try (0..<5).map { _ in try desk.lease().token }
        var last = WireDirective()
        for step in 1...3 {
            for member in 0..<5 {
                let score = step == 1 && member == 4 ? 100 : Double(member)
                // Whoever has copied trains on from there.
                last = try desk.report(
                    leases[member], step: desk.members[member].step + 1, score: score,
                    checkpoint: "/c/\(member)/\(step)",
                    effect: desk.members[member].isInherited ? .applied : .unspecified)
                guard last.exploit.score == 100 else { continue }
                #expect(last.exploit.step == 1)
                #expect(last.exploit.checkpoint == "/c/4/1")
                #expect(last.same.targetStep == 2)
            }
        }
        let copies = desk.core.populations[0].population.archive.states.map(\.copies)
        #expect(try #require(copies.first) > 1)
        try desk.restart()
        #expect(desk.core.populations[0].population.archive.states.map(\.copies) == copies)
        #expect(try Inspection(directory: desk.directory.path).faults == [])
    }

    @Test func `A donor's checkpoint is held by whoever copied it`() throws {
        var desk = try Desk()
        try desk.create(members: 5, interval: 1)
        let leases = try (0..<5).map { _ in try desk.lease().token }
        var copied: WireExploit?
        for member in (0..<5).reversed() {
            let directive = try desk.report(
                leases[member], step: 1, score: Double(member), checkpoint: "/c/\(member)/1")
            if directive.exploit.score > 0 { copied = directive.exploit }
        }
        let exploit = try #require(copied)
        #expect(exploit.checkpoint == "/c/4/1")
        for step in 2...5 {
            let directive = try desk.report(
                leases[4], step: step, score: 4 + Double(step), checkpoint: "/c/4/\(step)")
            #expect(!told(directive).contains("/c/4/1"))
        }
        // Its copy trains on from it twice, and then nobody needs it.
        let one = try desk.report(
            leases[0], step: 2, score: 5, checkpoint: "/c/0/2", effect: .applied)
        #expect(!told(one).contains("/c/4/1"))
        let two = try desk.report(leases[0], step: 3, score: 6, checkpoint: "/c/0/3")
        #expect(told(two).contains("/c/4/1"))
    }

    @Test func `An address that is in use again is not told`() throws {
        var desk = try Desk()
        try desk.create(members: 1, interval: 1)
        let lease = try desk.lease().token
        for step in 1...3 {
            _ = try desk.report(lease, step: step, score: Double(step), checkpoint: "/c/\(step)")
        }
        let again = try desk.report(lease, step: 4, score: 4, checkpoint: "/c/1")
        #expect(told(again) == ["/c/2"])
        #expect(try desk.journal?.releases().map(\.checkpoint) == ["/c/2"])
        // A user who saves under one name only loses nothing.
        for step in 5...9 {
            let directive = try desk.report(lease, step: step, score: 1, checkpoint: "/c/1")
            #expect(!told(directive).contains("/c/1"))
        }
    }

    @Test func `What a finished member's worker does not acknowledge is told to others`() throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1, maxSteps: 3)
        let first = try desk.lease().token
        let second = try desk.lease().token
        for step in 1...3 {
            let directive = try desk.report(
                first, step: step, score: Double(step), checkpoint: "/c/0/\(step)")
            if step == 3 { #expect(told(directive) == ["/c/0/1"]) }
        }
        let other = try desk.report(second, step: 1, score: 0, checkpoint: "/c/1/1")
        #expect(told(other) == ["/c/0/1"])
        var report = desk.nextReport(second, step: 2, score: 0, checkpoint: "/c/1/2")
        report.released = other.released.map(\.number)
        #expect(try told(desk.directive(.report(report))).isEmpty)
        #expect(try desk.journal?.releases().isEmpty == true)
    }

    @Test func `What a removed member held is told to any worker`() throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1, fraction: 0)
        let leases = try (0..<2).map { _ in try desk.lease().token }
        _ = try desk.report(leases[1], step: 1, score: 9, checkpoint: "/c/1/1")
        for step in 1...2 {
            _ = try desk.report(leases[0], step: step, score: 1, checkpoint: "/c/0/\(step)")
        }
        var remove = WireChangePopulation()
        remove.key = desk.key()
        remove.removeMember = .with { $0.member = 0 }
        _ = try desk.ask(.changePopulation(remove))
        let directive = try desk.report(leases[1], step: 2, score: 1, checkpoint: "/c/1/2")
        #expect(Set(told(directive)) == ["/c/0/1", "/c/0/2"])
    }

    @Test func `Releases that nobody acknowledges are bounded, and each directive's too`() throws {
        var desk = try Desk()
        try desk.create(members: 1, interval: 1)
        let lease = try desk.lease().token
        let long = String(repeating: "c", count: 2000)
        var last = WireDirective()
        for step in 1...200 {
            last = try desk.report(lease, step: step, score: 1, checkpoint: "/\(step)\(long)")
        }
        #expect(try desk.journal?.releases().count == Releases.most)
        #expect(!last.released.isEmpty)
        #expect(last.bytes.count < Limits.messageBytes / 2)
    }

    @Test func `A retry is not told of what is held again`() throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1)
        let leases = try (0..<2).map { _ in try desk.lease().token }
        for step in 1...2 {
            _ = try desk.report(leases[0], step: step, score: Double(step), checkpoint: "/\(step)")
        }
        let report = desk.nextReport(leases[0], step: 3, score: 3, checkpoint: "/3")
        #expect(try told(desk.directive(.report(report))) == ["/1"])
        _ = try desk.report(leases[1], step: 1, score: 1, checkpoint: "/1")
        #expect(try told(desk.directive(.report(report))).isEmpty)
    }

    @Test func `What a removed member's worker did not deal with is told to any worker`() throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1)
        let leases = try (0..<2).map { _ in try desk.lease().token }
        for step in 1...4 {
            let directive = try desk.report(
                leases[0], step: step, score: Double(step), checkpoint: "/c/0/\(step)")
            #expect(told(directive).contains("/c/0/1") == (step > 2))
        }
        var remove = WireChangePopulation()
        remove.key = desk.key()
        remove.removeMember = .with { $0.member = 0 }
        _ = try desk.ask(.changePopulation(remove))
        try desk.restart()
        var report = desk.nextReport(leases[1], step: 1, score: 1, checkpoint: "/c/1/1")
        let directive = try desk.directive(.report(report))
        #expect(told(directive) == ["/c/0/1", "/c/0/2", "/c/0/3", "/c/0/4"])
        report = desk.nextReport(leases[1], step: 2, score: 1, checkpoint: "/c/1/2")
        report.released = directive.released.map(\.number)
        #expect(try told(desk.directive(.report(report))).isEmpty)
        #expect(try desk.journal?.releases().isEmpty == true)
    }

    @Test func `The best that an older version's journal lacks is kept once it is chosen`() throws {
        var desk = try Desk()
        try desk.create(members: 1, interval: 1)
        let lease = try desk.lease().token
        _ = try desk.report(lease, step: 1, score: 9, checkpoint: "/c/1")
        var record = desk.core.populations[0].record
        record.best = nil
        try desk.journal?.commit([.population(record)])
        try desk.restart()
        for step in 2...3 {
            _ = try desk.report(lease, step: step, score: 1, checkpoint: "/c/\(step)")
        }
        try desk.restart()
        let directive = try desk.report(lease, step: 4, score: 1, checkpoint: "/c/4")
        #expect(desk.core.populations[0].population.best?.checkpoint == "/c/1")
        #expect(told(directive) == ["/c/2"])
    }
}
