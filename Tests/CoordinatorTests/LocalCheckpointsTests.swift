import Evolution
import Foundation
import Journal
import Logging
import Messages
import Records
import TestSupport
import Testing

@testable import Coordinator

/// What becomes of a start when checkpoints are not where they should be.
struct LocalCheckpointsTests {
    let directory: TemporaryDirectory
    private var data: String { directory.path + "/data" }
    private var folder: String { data + "/checkpoints" }

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    /// A population of members that reported checkpoints.
    private func populations(_ checkpoints: [String]) throws -> [HostedPopulation] {
        let specification = try SpaceFile.parse(
            text: "name,min,max,scale\nrate,0.1,1,log\n", source: "space.csv")
        let members = checkpoints.enumerated().map { id, checkpoint in
            var member = Member(id: id, hyperparameters: [.number(0.5)])
            member.latest = CommittedState(
                member: id, report: 1, step: 10, score: 0.5, hyperparameters: [.number(0.5)],
                checkpoint: checkpoint)
            return member
        }
        let population = Population(
            specification, status: .active, members: members, best: nil, generation: 0,
            reports: members.count, exploits: 0)
        return [HostedPopulation(id: 0, name: "digits", created: 0, population: population)]
    }

    private func check(_ checkpoints: [String]) throws {
        let local = LocalCheckpoints(directory: folder)
        try local.check(try populations(checkpoints), data: data)
    }

    private func paths(_ count: Int) -> [String] { (0..<count).map { "\(folder)/\($0)" } }

    private func write(_ paths: some Sequence<String>) {
        for path in paths {
            #expect(FileManager.default.createFile(atPath: path, contents: Data()))
        }
    }

    @Test func `Nearly all missing is one directory that is elsewhere`() throws {
        write(paths(1))
        let error = #expect(throws: CoordinatorError.self) { try check(paths(10)) }
        #expect(
            error?.description.hasPrefix(
                "9 of 10 checkpoints to go on from are missing in \(folder), and without") == true)
    }

    @Test func `Some that are missing are left to the workers, who decline them`() throws {
        write(paths(2))
        try check(paths(10))
    }

    @Test func `Others than those in its directories are not looked for`() throws {
        try check(["s3://bucket/a", "/nowhere/b", "relative", ""])
    }

    @Test func `A checkpoint may be several files whose names begin with it`() throws {
        write(["\(folder)/0.index", "\(folder)/0.data", "\(folder)/zzz"])
        try check(paths(1))
    }

    @Test func `A directory that was moved is found where it is now`() {
        var moves = Moves()
        LocalCheckpoints(directory: folder, former: "\(data)/former").note(in: &moves)
        #expect(moves.now("\(data)/former/a") == "\(folder)/a")
    }

    @Test func `One that is where it was is another directory`() {
        var moves = Moves()
        LocalCheckpoints(directory: folder, former: data).note(in: &moves)
        #expect(moves.isEmpty)
    }

    @Test func `Nothing is started anew when they are missing, and it goes on when they are back`()
        async throws
    {
        var configuration = Coordinator.Configuration(
            data: data, secret: nil,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        configuration.port = 0
        configuration.localCheckpoints = LocalCheckpoints(directory: folder)
        do {
            let journal = try Journal(directory: data, access: .write)
            let hosted = try populations(paths(2))[0]
            try journal.commit(
                [.population(hosted.record)]
                    + hosted.population.members.map { .member(population: 0, $0) })
        }
        let refused = try Coordinator(configuration)
        await #expect(throws: CoordinatorError.self) { try await refused.start() }

        write(paths(2))
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        await coordinator.shutDown()
    }
}
