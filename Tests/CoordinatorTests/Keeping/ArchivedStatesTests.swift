import Evolution
import Foundation
import GRDB
import Journal
import Messages
import Testing

@testable import Coordinator

/// What a check and a pruning make of the best states that are kept, and of settings that were changed.
struct ArchivedStatesTests {
    /// A population that began to keep the best states after some reports, and has copied some of them.
    private func archiving() throws -> Desk {
        var desk = try Desk()
        try desk.create(members: 5, interval: 1, fraction: 0.4)
        let leases = try (0..<5).map { _ in try desk.lease().token }
        for round in 1...6 {
            if round == 2 { try desk.set(["selection": "archive", "archive": 2]) }
            for member in 0..<5 {
                // The third round is good, and all that comes after it is not.
                let score = Double(round == 3 ? 50 + member : member - round)
                let before = desk.members[member]
                _ = try desk.report(
                    leases[member], step: before.step + 1, score: score,
                    checkpoint: "/c/\(member)/\(round)",
                    effect: before.isInherited ? .applied : .unspecified)
            }
        }
        let archive = desk.core.populations[0].population.archive.states
        #expect(archive.map(\.state.checkpoint) == ["/c/4/3", "/c/3/3"])
        #expect(archive.contains { $0.copies > 0 })
        return desk
    }

    @Test func `States that are kept since the settings say so are what the events lead to`() throws
    {
        var desk = try archiving()
        let path = desk.directory.path
        #expect(try Inspection(directory: path).faults == [])
        try desk.restart()
        #expect(try Inspection(directory: path).faults == [])
        let before = desk.core.populations[0].population.archive
        desk.close()
        _ = try Pruning(directory: path, .init(events: 4), now: 0, isRehearsal: false).prune()
        #expect(try Inspection(directory: path).faults == [])
        try desk.restart()
        #expect(desk.core.populations[0].population.archive == before)
        desk.close()
        // Once more, from the baseline on.
        _ = try Pruning(directory: path, .init(events: 1), now: 0, isRehearsal: false).prune()
        #expect(try Inspection(directory: path).faults == [])
    }

    @Test(arguments: [
        (
            "UPDATE archived SET copies = copies + 1",
            "how often that one was copied is stored as"
        ),
        ("DELETE FROM archived WHERE place = 2", "the number of the best states is stored as 1"),
        (
            "UPDATE archived SET state_step = 9 WHERE place = 1",
            "the best state number 1 is stored as report 3 of member 4 at step 9"
        ),
        (
            "UPDATE archived SET state_checkpoint = x'01'",
            "The row of the table archived with population 0, place 1"
        ),
    ])
    func `What is stored of them otherwise is found and named`(
        change: String, sentence: String
    ) throws {
        let desk = try archiving()
        try desk.settle()
        let queue = try DatabaseQueue(path: desk.directory.path + "/" + Journal.fileName)
        try queue.writeWithoutTransaction { try $0.execute(sql: change) }
        try queue.close()
        let faults = try Inspection(directory: desk.directory.path).faults.map(\.description)
        #expect(faults.contains { $0.contains(sentence) }, "\(faults)")
    }

    @Test func `Scores that are looked at since the settings say so are no fault`() throws {
        var desk = try Desk()
        try desk.create(members: 2, interval: 1, fraction: 0)
        let leases = try (0..<2).map { _ in try desk.lease().token }
        for step in 1...3 {
            for lease in leases { _ = try desk.report(lease, step: step, score: Double(step)) }
        }
        try desk.set(["ranking": "mean", "window": 5])
        _ = try desk.report(leases[0], step: 4, score: 4)
        #expect(desk.members[0].scores.entries.count == 1)
        #expect(try Inspection(directory: desk.directory.path).faults == [])
    }
}
