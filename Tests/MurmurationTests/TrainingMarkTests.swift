import Foundation
import Messages
import TestSupport
import Testing

@testable import Murmuration

/// What whoever started a worker sees of its training.
@Suite(.timeLimit(.minutes(5)))
struct TrainingMarkTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func marks() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
    }

    @Test func `It is there while a lease is held, and not while an answer is waited for`()
        async throws
    {
        let path = directory.path
        try await ScriptedCoordinator.with { request, _ in
            let marks = try? FileManager.default.contentsOfDirectory(atPath: path)
            return marks == [] ? .leaderboard(WireLeaderboard()) : nil
        } _: { coordinator in
            let connection = try Connection(
                to: Address(coordinator.url), timing: WorkerTests.calm, marks: path)
            #expect(try marks() == [])
            await connection.hold(7)
            let mark = try #require(try marks().first)
            #expect(mark.hasPrefix("\(getpid())-"))
            _ = try await connection.ask(.getLeaderboard(WireGetLeaderboard()), patience: nil)
            #expect(try marks() == [mark])
            await connection.forget(7)
            #expect(try marks() == [])
            _ = try await connection.ask(.getLeaderboard(WireGetLeaderboard()), patience: nil)
            #expect(try marks() == [])
            await connection.hold(8)
            await connection.close()
            #expect(try marks() == [])
        }
    }

    @Test func `A directory that cannot be written is told`() throws {
        var mark = TrainingMark(in: directory.path + "/missing")
        let isSet = mark.set(true)
        #expect(!isSet)
        var none = TrainingMark(in: nil)
        let isNoneWanted = none.set(true)
        #expect(isNoneWanted)
    }
}
