import Evolution
import Foundation
import Journal
import Logging
import Messages
import TestSupport
import Testing

@testable import Coordinator
@testable import Simulation

/// A pipeline with a real journal and a clock that the test turns.
struct Desk {
    let directory: TemporaryDirectory
    let settings: Settings
    private var pipeline: Pipeline<ConnectionNumber?>?
    /// As it was when the coordinator's run ended.
    private var lastCore: Core?
    private(set) var journal: Journal?
    var now = Moment(uptime: .zero, wall: 1_700_000_000_000)
    /// Whose connection the requests come by.
    var user = Keyring.sharedUser
    var connection: ConnectionNumber?
    /// Since a test took them.
    private var publications: [Core.Publication] = []
    private var admissions: [Keyring.Admission] = []
    /// Some changes wait, and some are written to their tables.
    private static let deferral = Deferral(most: 40)
    private var keys: UInt64 = 0
    private var sequences: [UInt64: UInt64] = [:]

    /// - Parameter topics: beginnings of those that somebody subscribed to.
    init(settings: Settings = Settings(), topics: [String] = [""]) throws {
        self.settings = settings
        directory = try TemporaryDirectory()
        (pipeline, journal) = try Self.open(directory, settings, now, topics: topics)
    }

    /// A coordinator that goes on from a copy of another one's journal, as at a restart.
    init(copyOf desk: Desk) throws {
        settings = desk.settings
        now = desk.now
        keys = desk.keys
        directory = try TemporaryDirectory()
        _ = try Archive.backUp(
            directory: desk.directory.path, to: directory.path + "/" + Journal.fileName)
        (pipeline, journal) = try Self.open(directory, settings, now)
    }

    private static func open(
        _ directory: TemporaryDirectory, _ settings: Settings, _ now: Moment,
        topics: [String] = [""]
    ) throws -> (Pipeline<ConnectionNumber?>, Journal) {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        let epoch = try journal.beginEpoch()
        var pipeline = try Pipeline<ConnectionNumber?>(
            settings: settings, epoch: epoch, storage: journal, now: now,
            tokens: SeededGenerator(seed: epoch),
            logger: Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() }))
        for topic in topics { pipeline.audience.take([1] + Array(topic.utf8)) }
        return (pipeline, journal)
    }

    var core: Core {
        guard let core = pipeline?.core ?? lastCore else {
            preconditionFailure("one of them is there")
        }
        return core
    }

    /// Ends the coordinator's run without any warning, and starts another one.
    mutating func restart() throws {
        close()
        (pipeline, journal) = try Self.open(directory, settings, now)
    }

    mutating func advance(_ time: Duration) {
        now.uptime += time
        now.wall += time.milliseconds
        _ = takeTurn([])
    }

    /// Has the coordinator answer one request.
    mutating func ask(_ body: WireRequest.OneOf_Body) throws -> WireReply.OneOf_Body {
        guard journal != nil else { throw DeskError.unexpected("the journal is closed") }
        var request = WireRequest()
        request.id = 1
        request.body = body
        let replies = take([request.bytes])
        guard replies.count == 1 else { throw DeskError.unexpected("not one reply") }
        guard let body = replies[0].body else { throw DeskError.unexpected("an unreadable reply") }
        return body
    }

    /// One turn, for messages that are all there when it begins.
    mutating func take(_ frames: [[UInt8]]) -> [WireReply] {
        takeTurn(frames.map { Incoming(frame: $0, connection: connection, user: user) })
            .map(\.reply)
    }

    mutating func takeTurn(
        _ requests: [Incoming<ConnectionNumber?>]
    ) -> [(connection: ConnectionNumber?, reply: WireReply)] {
        guard let turn = pipeline?.takeTurn(requests, at: now) else {
            preconditionFailure("nobody takes a turn after the end of the run")
        }
        if let failure = turn.failure { Issue.record("the journal refuses: \(failure)") }
        publications += turn.publications
        admissions += turn.admissions
        return turn.replies
    }

    /// Somebody subscribes.
    mutating func subscribe(to beginning: String) {
        pipeline?.audience.take([1] + Array(beginning.utf8))
    }

    /// What was published since the last time.
    mutating func takePublications() -> [Core.Publication] {
        defer { publications = [] }
        return publications
    }

    /// Whom the authenticator was told of since the last time.
    mutating func takeAdmissions() -> [Keyring.Admission] {
        defer { admissions = [] }
        return admissions
    }

    /// Ends the coordinator's run, so that something else may have its directory.
    mutating func close() {
        lastCore = core
        (pipeline, journal) = (nil, nil)
    }

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

    /// Changes settings of the population `p`.
    mutating func set(_ settings: SettingValues) throws {
        var change = WireChangePopulation()
        change.key = key()
        change.population = "p"
        change.settings.settings = settings.pairs.map { WireSetting($0.name, $0.value) }
        guard case .population = try ask(.changePopulation(change)) else {
            throw DeskError.unexpected("the settings were not changed")
        }
    }

    mutating func key() -> Data {
        keys += 1
        return Data(repeating: 0, count: 8) + withUnsafeBytes(of: keys) { Data($0) }
    }

    mutating func join(
        _ population: String = "p", former: UInt64 = 0, keeps: Bool = false, place: String = ""
    ) throws -> WireDirective {
        var join = WireJoin()
        join.key = key()
        join.population = population
        join.worker = "w"
        join.former = former
        join.keeps = keeps
        join.place = place
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
