import Foundation
import Messages
import Testing

@testable import Coordinator

/// Makes a journal to measure with: `MURMURATION_JOURNAL=DIR swift test --filter LargeJournal`.
struct LargeJournal {
    private static let directory = ProcessInfo.processInfo.environment["MURMURATION_JOURNAL"]
    private static let events = 1_000_000
    private static let members = 1000

    @Test(.enabled(if: directory != nil, "a journal takes minutes to make"))
    func `A million events`() throws {
        var desk = try Desk()
        desk.requestsPerCommit = 2000
        // An exploit is considered at every tenth report.
        try desk.create(members: Self.members, interval: 100)
        let leases = try (0..<Self.members).map { _ in try desk.lease() }
        var draws = Draws(seed: 1)
        var round = 0
        while desk.core.sequence < Self.events {
            round += 1
            desk.advance(.seconds(1))
            for lease in leases {
                let member = desk.members[Int(lease.member)]
                _ = try desk.report(
                    lease.token, step: member.step + 10, score: .random(in: 0..<1, using: &draws),
                    checkpoint: "/shared/checkpoints/p-\(lease.member)-\(round).npz",
                    effect: member.isInherited ? .applied : .unspecified)
            }
        }
        try desk.commit()
        desk.close()
        let path = try #require(Self.directory)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try Archive.backUp(directory: desk.directory.path, to: path + "/journal.sqlite")
    }
}
