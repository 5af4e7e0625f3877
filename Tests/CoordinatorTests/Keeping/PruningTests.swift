import Evolution
import Foundation
import GRDB
import Journal
import Messages
import Murmuration
import Testing

@testable import Coordinator
@testable import Histories
@testable import Simulation
@testable import murmur

/// What a pruned journal answers, and what it goes on to.
struct PruningTests {
    @Test(.timeLimit(.minutes(5)), arguments: 0..<4)
    func `Pruned anywhere, a journal is well, answers the same, and goes on as it would have`(
        block: UInt64
    ) async throws {
        for seed in block * 3..<(block + 1) * 3 {
            do {
                try await check(seed: seed)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }

    private func check(seed: UInt64) async throws {
        var draws = SeededGenerator(seed: seed ^ 0xabcd)
        let history = try RandomHistory(seed: seed, requests: 150)
        var (whole, pruned) = try (
            RandomHistory(copyOf: history, seed: seed), RandomHistory(copyOf: history, seed: seed)
        )
        let last = history.desk.core.sequence
        // The second time, the baseline of the first is replaced by a later one.
        for keep in [last * 3 / 4, Int.random(in: 0..<last / 2, using: &draws)] {
            let before = try await Answers(of: whole.desk)
            pruned.desk.close()
            let path = pruned.desk.directory.path
            let stored = try records(path)
            do {
                let pruning = try Pruning(
                    directory: path, .init(events: keep), now: 0, isRehearsal: false)
                #expect(pruning.sequence == last - keep, "seed \(seed)")
                let (size, _, isCut) = try pruning.prune()
                #expect(size > 0 && isCut)
            }
            #expect(try records(path) == stored, "seed \(seed)")
            let inspection = try Inspection(directory: path)
            #expect(inspection.faults == [], "seed \(seed)")
            #expect(inspection.pruned == last - keep)
            #expect(try Journal(directory: path, access: .read).sequence == last)
            let after = try await Answers(directory: path)
            #expect(after.schedules == before.schedules, "seed \(seed)")
            #expect(after.lineages == before.lineages, "seed \(seed)")
            #expect(after.boards == before.boards, "seed \(seed)")
            #expect(after.chapters.count == before.chapters.count, "seed \(seed)")
            for (kept, all) in zip(after.chapters, before.chapters) {
                let isLeft = Self.isLeft(kept, of: all)
                #expect(isLeft, "seed \(seed): \(kept) of \(all)")
            }
            // Both, for the number of the run keys the tokens of leases.
            try whole.desk.restart()
            try pruned.desk.restart()
        }
        for _ in 0..<50 {
            let (one, other) = try (whole.ask(), pruned.ask())
            #expect(one == other, "seed \(seed)")
        }
        #expect(whole.desk.members == pruned.desk.members, "seed \(seed)")
        #expect(try Inspection(directory: pruned.desk.directory.path).faults == [], "seed \(seed)")
        let (one, other) = try await (Answers(of: whole.desk), Answers(of: pruned.desk))
        #expect(one.schedules == other.schedules, "seed \(seed)")
        #expect(one.lineages == other.lineages, "seed \(seed)")
    }

    @Test func `Reports that only lead on go, and what they led to stays`() throws {
        var desk = try Desk()
        try desk.create(members: 2, fraction: 0)
        let leases = try (0..<2).map { _ in try desk.lease() }
        for step in 1...100 {
            for lease in leases { _ = try desk.report(lease.token, step: step * 10, score: 1) }
        }
        desk.close()
        let path = desk.directory.path
        let rehearsal = try Pruning(
            directory: path, .init(events: 0), now: 0, isRehearsal: true)
        // Of each member: how it was made, that it is leased, its first state, and its last two.
        #expect(rehearsal.events == 204)
        #expect(rehearsal.staying == 2 * 5)
        #expect(rehearsal.going == 204 - rehearsal.staying)
        #expect(try Journal(directory: path, access: .read).pruned == 0)
        let (before, after, isCut) = try Pruning(
            directory: path, .init(events: 0), now: 0, isRehearsal: false
        ).prune()
        #expect(after < before && isCut)
        let inspection = try Inspection(directory: path)
        #expect(inspection.faults == [])
        #expect((inspection.events, inspection.pruned) == (rehearsal.staying, 204))
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(!files.contains { $0.contains("pruned") })
    }

    @Test func `A journal whose pages have another size than a new one's keeps them`() throws {
        let history = try RandomHistory(seed: 3, requests: 100)
        var copied = try RandomHistory(copyOf: history, seed: 3)
        copied.desk.close()
        let path = copied.desk.directory.path
        let file = path + "/" + Journal.fileName
        func pageSize() throws -> Int? {
            try DatabaseQueue(path: file).read { try Int.fetchOne($0, sql: "PRAGMA page_size") }
        }
        #expect(try pageSize() == 8192)
        // The size can only be changed while there is no log.
        try DatabaseQueue(path: file).writeWithoutTransaction { database in
            try database.execute(
                sql: "PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM")
        }
        #expect(try pageSize() == 4096)
        let stored = try records(path)
        let (_, _, isCut) = try Pruning(
            directory: path, .init(events: 10), now: 0, isRehearsal: false
        ).prune()
        #expect(isCut)
        #expect(try pageSize() == 4096)
        #expect(try records(path) == stored)
        #expect(try Inspection(directory: path).faults == [])
    }

    @Test func `An event stays when any part of the policy says so`() throws {
        var desk = try Desk()
        try desk.create(members: 1)
        let lease = try desk.lease()
        for step in 1...20 {
            desk.advance(.seconds(10))
            _ = try desk.report(lease.token, step: step * 10, score: 1)
        }
        desk.close()
        let now = desk.now.wall
        func last(_ policy: Pruning.Policy) throws -> Int {
            try Pruning(directory: desk.directory.path, policy, now: now, isRehearsal: true)
                .sequence
        }
        #expect(try last(.init(events: 5)) == 17)
        #expect(try last(.init(time: .seconds(90))) == 12)
        #expect(try last(.init(time: .seconds(90), events: 5)) == 12)
        #expect(try last(.init(time: .seconds(90), events: 15)) == 7)
        #expect(try last(.init(time: .seconds(9_000))) == 0)
        #expect(try last(.init(events: 9_000)) == 0)
    }

    @Test func `A journal in use, or with a fault, is left as it was`() throws {
        let desk = try Desk.withEveryKindOfEvent()
        let path = desk.directory.path
        #expect(throws: PruningError.inUse(path, process: "\(getpid())")) {
            _ = try Pruning(directory: path, .init(events: 0), now: 0, isRehearsal: false)
        }
        try plant("UPDATE event SET report = 9 WHERE report = 2", in: desk)
        #expect(throws: PruningError.faulty(path)) {
            _ = try Pruning(directory: path, .init(events: 0), now: 0, isRehearsal: true)
        }
        let nowhere = path + "/nowhere"
        #expect(throws: PruningError.journal(.noJournal(nowhere))) {
            _ = try Pruning(directory: nowhere, .init(events: 0), now: 0, isRehearsal: false)
        }
        #expect(!FileManager.default.fileExists(atPath: nowhere))
    }

    @Test(arguments: [
        ("UPDATE baseline_member SET step = step + 1", "the step of member 0 in the baseline"),
        ("UPDATE baseline_member SET latest_score = 99 WHERE id = 2", "with score 99.0"),
        (
            "UPDATE baseline_member SET previous_member = NULL",
            "the previous state of member 2 in the baseline is stored as none"
        ),
        ("UPDATE baseline_member SET considered = 3", "the interval counts from of member 0 in"),
        ("UPDATE baseline_member SET donor = 4", "the donor of member 0 in the baseline"),
        ("UPDATE baseline_member SET lost = 1 - lost", "whether the worker was lost of member 0"),
        ("UPDATE baseline_member SET removed = 1 - removed", "whether it was removed of member 0"),
        ("UPDATE baseline_member SET reports = 9", "the count of reports of member 0 in the base"),
        ("UPDATE baseline_member SET hyperparameters = '{}'", "the next hyperparameters of member"),
        ("UPDATE baseline_member SET id = 9 WHERE id = 5", "the number of member 5 in the base"),
        ("UPDATE baseline_member SET population = 7 WHERE id = 5", "1 members that are of none"),
        ("DELETE FROM baseline_member WHERE id = 5", "the number of members in the baseline"),
        ("DELETE FROM baseline_population WHERE population = 0", "the number of members in the"),
        ("UPDATE baseline_population SET population = 7 WHERE population = 1", "number 7, which"),
        ("UPDATE baseline_population SET status = 'paused'", "the status in the baseline is"),
        ("UPDATE baseline_population SET status = 'x'", "of the table baseline_population with"),
        ("UPDATE baseline_population SET reports = 1", "the number of reports in the baseline"),
        ("UPDATE baseline_population SET exploits = 9", "the number of exploits in the baseline"),
        ("UPDATE baseline_population SET best_score = 0", "the best state in the baseline is"),
        ("UPDATE baseline_member SET step = NULL", "The row of the table baseline_member with"),
        ("UPDATE coordinator SET pruned = pruned + 1", "in the baseline is stored as"),
        ("UPDATE coordinator SET pruned = 0", "but the events lead to 0."),
        ("UPDATE event SET report = 1 WHERE report = 2", "it is report 1 of member"),
        ("UPDATE event SET score = 7 WHERE report = 2", "but the events lead to report 2"),
        ("UPDATE event SET donor_report = 77 WHERE donor IS NOT NULL", "copies report 77 of"),
        ("DELETE FROM event WHERE donor IS NOT NULL", "the number of exploits in the baseline is"),
        ("DELETE FROM event WHERE kind = 'created' AND member = 5", "there is no member 5"),
    ])
    func `Each fault of a pruned journal is found and named`(
        change: String, sentence: String
    ) throws {
        var desk = try Desk.withEveryKindOfEvent()
        desk.close()
        let path = desk.directory.path
        _ = try Pruning(directory: path, .init(events: 6), now: 0, isRehearsal: false).prune()
        #expect(try Inspection(directory: path).faults == [])
        try plant(change, in: desk)
        let faults = try Inspection(directory: path).faults.map(\.description)
        #expect(faults.contains { $0.contains(sentence) }, "\(faults)")
        #expect(faults.allSatisfy { $0.hasSuffix(".") && !$0.contains("\n") }, "\(faults)")
        #expect(throws: (any Error).self) {
            _ = try Pruning(directory: path, .init(events: 0), now: 0, isRehearsal: true)
        }
    }

    private func plant(_ change: String, in desk: Desk) throws {
        let queue = try DatabaseQueue(path: desk.directory.path + "/" + Journal.fileName)
        let changes = try queue.writeWithoutTransaction { database in
            try database.execute(sql: change)
            return database.totalChangesCount
        }
        #expect(changes > 0, "\(change) changes something")
        try queue.close()
    }

    /// All that is stored beside the events.
    private func records(_ path: String) throws -> [String] {
        let journal = try Journal(directory: path, access: .read)
        return try [
            "\(journal.populations())", "\(journal.members(of: 0))", "\(journal.members(of: 1))",
            "\(journal.leases())", "\(journal.answers())", "\(journal.releases())",
            "\(journal.counts(of: 0))", "\(journal.epoch())",
        ]
    }

    /// The chapters that are left say what they said; reports may be missing.
    private static func isLeft(_ left: [MemberStory.Chapter], of all: [MemberStory.Chapter]) -> Bool
    {
        var rest = all[...]
        for chapter in left {
            while let next = rest.first, next != chapter {
                guard case .decision = next else { return false }
                rest.removeFirst()
            }
            guard rest.popFirst() != nil else { return false }
        }
        return rest.allSatisfy { if case .decision = $0 { true } else { false } }
    }
}

/// What the commands that look at a journal have from it.
private struct Answers {
    private(set) var schedules: [[Segment]] = []
    private(set) var lineages: [String] = []
    private(set) var chapters: [[MemberStory.Chapter]] = []
    private(set) var boards: [WireLeaderboard] = []

    init(of desk: Desk) async throws {
        try await self.init(directory: desk.directory.path)
    }

    init(directory: String) async throws {
        var archive = try Archive(directory: directory)
        let questions = Questions { request in
            let reply = archive.answer(request)
            if case .error(let error) = reply.body { throw error }
            return reply
        }
        for population in try await questions.populations() {
            let name = population.name
            var events: [Murmuration.Event] = []
            try await questions.eachEvent(of: name) { events.append($0) }
            var (descent, whole) = (Descent(), Descent())
            for event in events { try whole.add(event) }
            try await questions.eachEvent(of: name, part: .descent) { try descent.add($0) }
            for isWhole in [false, true] {
                let json = try Stretches(
                    descent, of: name, minimize: false, isWhole: isWhole
                ).json
                #expect(
                    try Stretches(whole, of: name, minimize: false, isWhole: isWhole).json == json)
                lineages.append(json)
            }
            schedules.append(try await questions.bestSchedule(in: name))
            for member in descent.members.indices {
                schedules.append(try await questions.schedule(of: member, in: name))
                let story = try await questions.story(of: member, in: name)
                // NaN is unequal to itself, so descriptions are compared.
                let own = events.filter { $0.member == nil || $0.member == member }
                #expect(story.map { "\($0)" } == own.map { "\($0)" })
                chapters.append(MemberStory(of: member, events: story).chapters)
            }
            var page = WireGetLeaderboard()
            page.population = name
            guard case .leaderboard(let board) = archive.answer(.getLeaderboard(page)).body else {
                throw DeskError.unexpected("no board")
            }
            boards.append(board)
        }
    }
}
