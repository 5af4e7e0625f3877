import Evolution
import Foundation
import Journal
import Logging
import Messages
import TestSupport

@testable import Coordinator

/// A core with a real journal and a clock that the test turns: what the loop does, without sockets.
struct Desk {
    let directory: TemporaryDirectory
    let settings: Settings
    var core: Core
    var journal: Journal?
    var now = Moment(uptime: .zero, wall: 1_700_000_000_000)
    /// Whose connection the requests come by.
    var user = Keyring.sharedUser
    var connection: ConnectionNumber?
    /// Some changes wait, and some are written to their tables.
    private static let deferral = Deferral(most: 40)
    private var keys: UInt64 = 0
    private var sequences: [UInt64: UInt64] = [:]

    init(settings: Settings = Settings()) throws {
        self.settings = settings
        directory = try TemporaryDirectory()
        (core, journal) = try Self.open(directory, settings, now)
    }

    /// A coordinator that goes on from a copy of another one's journal, as at a restart.
    init(copyOf desk: Desk) throws {
        settings = desk.settings
        now = desk.now
        keys = desk.keys
        directory = try TemporaryDirectory()
        _ = try Archive.backUp(
            directory: desk.directory.path, to: directory.path + "/" + Journal.fileName)
        (core, journal) = try Self.open(directory, settings, now)
    }

    private static func open(
        _ directory: TemporaryDirectory, _ settings: Settings, _ now: Moment
    ) throws -> (Core, Journal) {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        let epoch = try journal.beginEpoch()
        var core = Core(
            settings: settings, epoch: epoch, sequence: journal.sequence, now: now,
            tokens: SeededGenerator(seed: epoch),
            logger: Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() }))
        try core.restore(from: journal, at: now)
        return (core, journal)
    }

    /// Ends the coordinator's run without any warning, and starts another one.
    mutating func restart() throws {
        journal = nil
        (core, journal) = try Self.open(directory, settings, now)
    }

    mutating func advance(_ time: Duration) {
        now.uptime += time
        now.wall += time.milliseconds
        core.tick(at: now)
    }

    /// One turn of the loop for one request.
    mutating func ask(_ body: WireRequest.OneOf_Body) throws -> WireReply.OneOf_Body {
        guard let journal else { throw DeskError.unexpected("the journal is closed") }
        var request = WireRequest()
        request.id = 1
        request.body = body
        core.receive(
            frame: request.bytes, from: Peer(number: 0, connection: connection), as: user, at: now)
        let batch = core.takeBatch()
        try journal.commit(batch.changes)
        if let query = batch.queries.first {
            return core.answer(query, from: Queries(journal: journal))
        }
        guard batch.replies.count == 1 else { throw DeskError.unexpected("not one reply") }
        guard let body = WireReply(bytes: batch.replies[0].body)?.body else {
            throw DeskError.unexpected("an unreadable reply")
        }
        return body
    }

    /// Ends the coordinator's run, so that something else may have its directory.
    mutating func close() { journal = nil }

    /// Writes all rows to their tables, where a test changes them.
    func settle() throws { try journal?.settle() }

    // MARK: Short forms

    mutating func create(
        _ name: String = "p", members: Int, interval: Int = 10, maxSteps: Int? = nil,
        fraction: Double? = nil, seed: UInt64 = 1, synchronous: Bool = false,
        deadline: Double? = nil
    ) throws {
        var creation = WireCreatePopulation()
        creation.key = key()
        creation.name = name
        creation.space = "name,min,max,scale\nrate,0,1,linear\n"
        creation.source = "space.csv"
        creation.populationSize = UInt64(members)
        creation.interval = UInt64(interval)
        creation.seed = seed
        if let maxSteps { creation.maxSteps = UInt64(maxSteps) }
        if let fraction { creation.fraction = fraction }
        if synchronous { creation.synchronous = true }
        if let deadline { creation.generationDeadlineSeconds = deadline }
        guard case .population = try ask(.createPopulation(creation)) else {
            throw DeskError.unexpected("the population was not made")
        }
    }

    mutating func key() -> Data {
        keys += 1
        return Data(repeating: 0, count: 8) + withUnsafeBytes(of: keys) { Data($0) }
    }

    mutating func join(
        _ population: String = "p", former: UInt64 = 0, keeps: Bool = false
    ) throws -> WireDirective {
        var join = WireJoin()
        join.key = key()
        join.population = population
        join.worker = "w"
        join.former = former
        join.keeps = keeps
        return try directive(.join(join))
    }

    mutating func lease() throws -> WireLease { try join().lease }

    /// Reports the next sequence of a lease.
    mutating func report(
        _ lease: UInt64, step: Int, score: Double, checkpoint: String? = nil,
        effect: WireEffect = .unspecified
    ) throws -> WireDirective {
        try directive(
            .report(
                nextReport(lease, step: step, score: score, checkpoint: checkpoint, effect: effect))
        )
    }

    mutating func nextReport(
        _ lease: UInt64, step: Int, score: Double, checkpoint: String? = nil,
        effect: WireEffect = .unspecified
    ) -> WireReport {
        sequences[lease, default: 0] += 1
        var report = WireReport()
        report.lease = lease
        report.sequence = sequences[lease, default: 0]
        report.step = UInt64(step)
        report.score = score
        report.checkpoint = checkpoint ?? "/c/\(lease)/\(step)"
        report.effect = effect
        return report
    }

    mutating func directive(_ body: WireRequest.OneOf_Body) throws -> WireDirective {
        switch try ask(body) {
        case .directive(let directive): return directive
        case .error(let error): throw error
        case let other: throw DeskError.unexpected("\(other)")
        }
    }

    mutating func refusal(_ body: WireRequest.OneOf_Body) throws -> WireError? {
        guard case .error(let error) = try ask(body) else { return nil }
        return error
    }

    var members: [Member] { core.populations[0].population.members }

    /// The members as the events make them, from nothing.
    func replayed() throws -> [Member] {
        guard let journal else { throw DeskError.unexpected("the journal is closed") }
        var population = Population(core.populations[0].specification)
        for record in try journal.events(of: 0, after: 0, limit: 1_000_000) {
            population.apply(record.event)
        }
        return population.members
    }
}

enum DeskError: Error {
    case unexpected(String)
}

extension Core.Publication {
    var message: WireBroadcast {
        guard let message = WireBroadcast(bytes: frame) else {
            preconditionFailure("what is published can be read")
        }
        return message
    }
}
