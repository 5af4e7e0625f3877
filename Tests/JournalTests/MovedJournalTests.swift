import Evolution
import Foundation
import Records
import TestSupport
import Testing

@testable import Journal

/// Journals whose directory was moved after checkpoints had been reported.
struct MovedJournalTests {
    let directory: TemporaryDirectory
    private var project: String { directory.path + "/project" }
    private var run: String { project + "/runs/0001" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func serve(_ directory: String, _ changes: [Change] = []) throws {
        let journal = try Journal(directory: directory, access: .write)
        _ = try journal.beginEpoch()
        try journal.keepMoves()
        if !changes.isEmpty { try journal.commit(changes) }
    }

    private func state(_ checkpoint: String, report: Int = 1) -> CommittedState {
        CommittedState(
            member: 0, report: report, step: 10, score: 0.5, hyperparameters: [.number(0.5)],
            checkpoint: checkpoint)
    }

    /// A member that has copied, and what it held and holds.
    private func changes(in run: String, beside: String, elsewhere: String) -> [Change] {
        var population = PopulationRecord(
            id: 0, name: "digits", specification: "text", hyperparameters: ["rate"], created: 7)
        population.best = state(elsewhere)
        var member = Member(id: 0, hyperparameters: [.number(0.5)])
        member.latest = state(run + "/checkpoints/b", report: 2)
        member.previous = state(beside)
        var reported = Reported(
            report: 2, step: 20, score: 0.25, checkpoint: run + "/checkpoints/b",
            hyperparameters: [.number(0.5)])
        reported.exploit = Exploit(
            donor: state(beside), explored: [.number(0.5)], operations: [.kept])
        return [
            .population(population),
            .event(
                EventRecord(
                    sequence: 1, population: 0, time: 7,
                    event: Event(member: 0, kind: .reported(reported)))),
            .member(population: 0, member),
            .release(
                ReleaseRecord(
                    number: 1, population: 0, member: 0, checkpoint: run + "/checkpoints/a")),
        ]
    }

    /// All addresses that a journal tells of.
    private func addresses(_ directory: String) throws -> [String?] {
        let journal = try Journal(directory: directory, access: .read)
        let member = try #require(try journal.members(of: 0).first)
        let event = try #require(try journal.events(of: 0, after: 0, limit: 1).first?.event)
        guard case .reported(let reported) = event.kind else { return [] }
        return [
            member.latest?.checkpoint, reported.checkpoint, try journal.releases()[0].checkpoint,
            member.previous?.checkpoint, reported.exploit?.donor.checkpoint,
            try journal.populations()[0].best?.checkpoint,
        ]
    }

    private func expected(in run: String, beside: String) -> [String?] {
        let own = ["b", "b", "a"].map { run + "/checkpoints/" + $0 }
        return own + [beside, beside, "s3://bucket/c"]
    }

    private func move(_ path: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: path, toPath: other)
    }

    /// Rows of the present state are in their tables, or wait for that.
    @Test(arguments: [Deferral(), Deferral(most: 30)])
    func `What lies in a directory that was moved is where that is now`(deferral: Deferral) throws {
        let beside = project + "/saved/c"
        do {
            let journal = try Journal(directory: run, access: .write, deferral: deferral)
            _ = try journal.beginEpoch()
            try journal.keepMoves()
            try journal.commit(changes(in: run, beside: beside, elsewhere: "s3://bucket/c"))
        }
        #expect(try addresses(run) == expected(in: run, beside: beside))

        let other = directory.path + "/other"
        try move(project, to: other)
        let moved = expected(in: other + "/runs/0001", beside: other + "/saved/c")
        #expect(try addresses(other + "/runs/0001") == moved)
        try serve(other + "/runs/0001")
        #expect(try addresses(other + "/runs/0001") == moved)

        // Once more, and without what lay beside it.
        let alone = directory.path + "/alone"
        try move(other + "/runs/0001", to: alone)
        #expect(try addresses(alone) == expected(in: alone, beside: other + "/saved/c"))
        try serve(alone)
        try FileManager.default.createDirectory(
            atPath: project + "/runs", withIntermediateDirectories: true)
        try move(alone, to: run)
        try serve(run)
        #expect(try addresses(run) == expected(in: run, beside: other + "/saved/c"))
    }

    @Test func `A copy of the journal alone leaves checkpoints where they are`() throws {
        let beside = project + "/saved/c"
        try serve(run, changes(in: run, beside: beside, elsewhere: "s3://bucket/c"))
        let copy = directory.path + "/restored"
        try FileManager.default.createDirectory(
            atPath: copy, withIntermediateDirectories: true)
        _ = try Backup(directory: run, file: copy + "/" + Journal.fileName)
        #expect(try addresses(copy) == expected(in: run, beside: beside))
        try serve(copy)
        #expect(try addresses(copy) == expected(in: run, beside: beside))
    }

    @Test func `A copy of a run with its checkpoints has its own`() throws {
        let beside = project + "/saved/c"
        try serve(run, changes(in: run, beside: beside, elsewhere: "s3://bucket/c"))
        try FileManager.default.createDirectory(
            atPath: run + "/checkpoints", withIntermediateDirectories: true)
        let copy = directory.path + "/copy"
        try FileManager.default.copyItem(atPath: run, toPath: copy)
        #expect(try addresses(copy) == expected(in: copy, beside: beside))
        #expect(try addresses(run) == expected(in: run, beside: beside))
    }

    @Test func `A check finds nothing wrong with a journal that was moved`() throws {
        try serve(run, changes(in: run, beside: "/x", elsewhere: "/y"))
        try move(run, to: directory.path + "/moved")
        try serve(directory.path + "/moved")
        let journal = try Journal(directory: directory.path + "/moved", access: .read)
        #expect(try journal.malformedRows(limit: 9) == [])
        #expect(!journal.moves.isEmpty)
    }

    // MARK: Paths alone

    @Test func `The innermost directory that was moved counts, and each address is moved once`() {
        var moves = Moves()
        moves.add("/a", to: "/b")
        moves.add("/a/c", to: "/d")
        #expect(moves.now("/a/c/file") == "/d/file")
        #expect(moves.now("/a/file") == "/b/file")
        #expect(moves.now("/ab/file") == "/ab/file")
        #expect(moves.now("/b/file") == "/b/file")
        moves.add("/b", to: "/e")
        #expect(moves.now("/a/file") == "/e/file")
        moves.add("/e", to: "/a")
        #expect(moves.now("/b/file") == "/a/file")
        #expect(moves.now("/a/file") == "/a/file")
        moves.use("/b")
        #expect(moves.now("/b/file") == "/b/file")
    }
}
