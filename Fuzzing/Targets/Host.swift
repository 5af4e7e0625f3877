import Evolution
import Foundation
import Logging
import Messages
import Records

@testable import Coordinator
@testable import Simulation

/// A coordinator's core with three small populations, and a disk in memory that fails when it is
/// told to.
struct Host {
    static let mostMessages = 64

    private let shelf: Shelf
    private var pipeline: CoordinatorPipeline
    private var now = Host.start
    /// Whose connection the next message comes by.
    private var user = Keyring.sharedUser
    private var requests: [[UInt8]] = []
    private var unanswered = 0

    var storage: SimulatedStorage { shelf.storage }
    /// All that was committed.
    var changes: [[Change]] { shelf.changes }

    /// Goes on from the same beginning each time, which is made once.
    init() throws {
        let beginning = try beginning.get()
        shelf = beginning.shelf
        pipeline = beginning.pipeline
        try shelf.fill(with: beginning.changes)
    }

    static let start = Moment(uptime: .seconds(100), wall: 1_700_000_000_000)

    fileprivate typealias CoordinatorPipeline = Pipeline<ConnectionNumber>

    fileprivate static func open(_ shelf: Shelf, at now: Moment) throws -> CoordinatorPipeline {
        var settings = Settings()
        settings.invitations = InvitationEndpoint(
            serverKey: publicKey(9), port: 7779, host: "127.0.0.1")
        return try Pipeline(
            settings: settings, epoch: shelf.storage.beginEpoch(), storage: shelf, now: now,
            tokens: Counter(),
            logger: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Of 32 bytes that are all the same.
    static func publicKey(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    mutating func receive(_ frame: [UInt8]) {
        guard !Self.isLarge(frame) else { return }
        requests.append(frame)
    }

    /// A million members may be asked for, and take their time.
    private static func isLarge(_ frame: [UInt8]) -> Bool {
        guard let request = try? WireRequest(message: frame) else { return false }
        let most = 100
        switch request.body {
        case .createPopulation(let creation):
            let specification = try? SpaceFile(text: creation.space, source: creation.source)
                .specification(overriding: creation.values())
            return specification.map { $0.populationSize > most } ?? false
        case .changePopulation(let change):
            return change.addMembers.members > most
        default: return false
        }
    }

    mutating func finishTurn() throws {
        unanswered += requests.count
        let (requests, user, now) = (requests, user, now)
        self.requests = []
        var answered = 0
        pipeline.takeTurn(requests, as: user, at: now) { next in
            switch next {
            case .send(let frame, _):
                // What was subscribed to answers nothing.
                if case .broadcast = Self.check(frame, WireReply.self).body { break }
                answered += 1
            case .publish(let publication):
                _ = Self.check(publication.frame, WireBroadcast.self)
            case .admit: break
            }
        }
        require(
            answered == unanswered || pipeline.isStuck, "\(answered) of \(unanswered) answered")
        unanswered -= answered
        advance(.milliseconds(50))
    }

    private static func check<Message: Envelope>(_ frame: [UInt8], _: Message.Type) -> Message {
        do throws(WireError) {
            let read = try Message(frame: frame)
            require(read.bytes.count == frame.count, "\(read) is read from another one")
            return read
        } catch {
            fatalError("What the coordinator sends cannot be read: \(error)")
        }
    }

    mutating func follow(_ command: Session.Command) throws {
        switch command {
        case .next, .join: break
        case .wait: advance(.milliseconds(500))
        case .waitLong: advance(.seconds(61))
        case .restart: try restart(takingLate: false)
        case .refuse: storage.fate = .refused
        case .refuseLate: storage.fate = .refusedLate
        case .asShared: user = Keyring.sharedUser
        case .asWorker: user = KeyText.id(of: Self.publicKey(1))
        case .asMonitor: user = KeyText.id(of: Self.publicKey(2))
        case .asAdmin: user = KeyText.id(of: Self.publicKey(3))
        }
    }

    private mutating func advance(_ time: Duration) {
        now.uptime += time
        now.wall += time.milliseconds
    }

    private mutating func restart(takingLate: Bool) throws {
        _ = storage.recover(takingLate: takingLate)
        (requests, unanswered) = ([], 0)
        pipeline = try Self.open(shelf, at: now)
    }

    /// What is in memory is in the journal, and follows from its events.
    mutating func check() throws {
        storage.fate = .durable
        advance(pipeline.limits.retryPause)
        try finishTurn()
        require(!pipeline.isStuck, "a disk that works is used")
        guard changes.count > (try beginning.get()).changes.count else { return }
        let before = pipeline.core
        try restart(takingLate: false)
        let after = pipeline.core
        for hosted in after.populations {
            let events = storage.tables.events.filter { $0.population == hosted.id }
            var first = SettingValues()
            for record in events { first.addFirst(of: record.event) }
            var replay = Replay(
                storage.tables.populations[hosted.id], hosted.specification, first: first)
            var faults: [Fault] = []
            for event in events { faults += replay.apply(event) }
            faults += replay.differences(
                members: storage.members(of: hosted.id), counts: storage.counts(of: hosted.id))
            require(faults.isEmpty, "\(faults)")
        }
        require(before.leases.mapValues(\.record) == after.leases.mapValues(\.record), "leases")
        require(before.answers.count == after.answers.count, "answers")
        for (old, new) in zip(before.populations, after.populations) {
            // NaN is unequal to itself, so descriptions are compared.
            require("\(old.population.members)" == "\(new.population.members)", "the members")
            require(old.population.best == new.population.best, "the best state")
            require(old.population.tally == new.population.tally, "what is counted")
            require(old.population.status == new.population.status, "the status")
            require(old.specification == new.specification, "the specification")
            require(old.holders == new.holders, "who trains what")
        }
        let keys = (before.keyring.records(after: ""), after.keyring.records(after: ""))
        require(keys.0 == keys.1, "the keys")
    }
}

extension Pipeline where Connection == ConnectionNumber {
    /// Takes a turn in which all is committed on the spot.
    fileprivate mutating func takeTurn(
        _ requests: [[UInt8]], as user: String, at now: Moment, letOut: (Outgoing) -> Void
    ) {
        var requests = requests[...]
        var underWay: [Change] = []
        while true {
            switch next(at: now) {
            case .receive:
                guard let frame = requests.popFirst() else {
                    receivedAll()
                    continue
                }
                receive(frame, from: ConnectionNumber(number: 1), as: user, at: now)
            case .commit(let changes, inBackground: true): underWay = changes
            case .commit(let changes, inBackground: false):
                endCommit(storage.failure(ofCommitting: changes), at: now)
            case .awaitCommit: endCommit(storage.failure(ofCommitting: underWay), at: now)
            case .letOut(let next): letOut(next)
            case .settle: break
            case .propose(let work): take(work.guesses(seed: 1))
            case .wait where requests.isEmpty: return
            case .wait: continue
            }
        }
    }
}

/// Where a pipeline puts what it commits, so that a copy of it can begin with another disk.
private final class Shelf: Storage {
    private(set) var storage = SimulatedStorage()
    private(set) var changes: [[Change]] = []

    func fill(with changes: [[Change]]) throws {
        storage = SimulatedStorage()
        self.changes = []
        storage.watch = { [unowned self] in self.changes.append($0) }
        for batch in changes { try storage.commit(batch) }
    }

    var sequence: Int { storage.sequence }
    var pruned: Int { storage.pruned }
    var directory: String { storage.directory }

    func commit(_ changes: [Change]) throws(JournalError) { try storage.commit(changes) }
    func populations() -> [PopulationRecord] { storage.populations() }
    func members(of population: Int) -> [Member] { storage.members(of: population) }
    func leases() -> [LeaseRecord] { storage.leases() }
    func releases() -> [ReleaseRecord] { storage.releases() }
    func answers() -> [AnswerRecord] { storage.answers() }
    func keys() -> [KeyRecord] { storage.keys() }

    func counts(of population: Int) -> (reports: Int, exploits: Int) {
        storage.counts(of: population)
    }

    func events(
        of population: Int, after sequence: Int, member: Int?, limit: Int
    ) -> [EventRecord] {
        storage.events(of: population, after: sequence, member: member, limit: limit)
    }

    func descent(
        of population: Int, after sequence: Int, limit: Int, lookingAt most: Int
    ) -> (events: [EventRecord], through: Int?) {
        storage.descent(of: population, after: sequence, limit: limit, lookingAt: most)
    }

    func memberlessEvents(
        of population: Int, after sequence: Int, limit: Int
    ) -> [EventRecord] {
        storage.memberlessEvents(of: population, after: sequence, limit: limit)
    }

    func lineage(of population: Int, member: Int, throughReport report: Int) -> [Event] {
        storage.lineage(of: population, member: member, throughReport: report)
    }
}

private struct Beginning {
    let shelf: Shelf
    let pipeline: Host.CoordinatorPipeline
    let changes: [[Change]]
}

// libFuzzer calls targets on one thread, one input after the other.
nonisolated(unsafe) private let beginning = Result { () throws -> Beginning in
    let shelf = Shelf()
    try shelf.fill(with: [])
    var pipeline = try Host.open(shelf, at: Host.start)
    func begin(with request: WireRequest) {
        pipeline.takeTurn([request.bytes], as: Keyring.sharedUser, at: Host.start) { next in
            if case .send(let frame, _) = next,
                case .error(let error) = WireReply(bytes: frame)?.body
            {
                fatalError(error.message)
            }
        }
    }
    for (number, (name, options)) in [
        // Its workers copy each other from the second report on.
        ("digits", "population_size: 3\nmin_population_size: 2\nmax_steps: 9\n"),
        ("generations", "population_size: 2\nmin_population_size: 2\nmode: synchronous\n"),
        ("open", "population_size: 0\ngrows: true\n"),
    ].enumerated() {
        var request = WireRequest()
        request.createPopulation.key = Data(repeating: UInt8(number), count: 16)
        request.createPopulation.name = name
        request.createPopulation.space = options + space
        begin(with: request)
    }
    for (number, role) in [WireRole.worker, .monitor, .admin].enumerated() {
        var request = WireRequest()
        request.invite.key = Data(repeating: UInt8(200 + number), count: 16)
        request.invite.publicKey = Data(Host.publicKey(UInt8(number + 1)))
        request.invite.role = role
        request.invite.populations = role == .admin ? [] : ["digits"]
        request.invite.quota.members = 200
        begin(with: request)
    }
    return Beginning(shelf: shelf, pipeline: pipeline, changes: shelf.changes)
}

/// That of the vectors.
private let space = """
    interval: 1
    hyperparameters:
      learning_rate: {type: float, min: 0.0001, max: 0.1, scale: log}
      layers: {type: int, min: 1, max: 8}
      activation: {type: choice, values: [relu, tanh]}
      batch_norm: {type: choice, values: [true, false]}
    """

extension Host {
    /// Requests of workers who copy, decline and wait for their generations, and of who steers them.
    static let life: [WireRequest] = {
        var requests: [WireRequest] = []
        func add(_ body: WireRequest.OneOf_Body) {
            var request = WireRequest()
            request.id = UInt64(requests.count + 1)
            request.body = body
            requests.append(request)
        }
        func key() -> Data { Data(repeating: UInt8(100 + requests.count), count: 16) }
        for population in ["digits", "digits", "digits", "generations", "generations", "open"] {
            var join = WireJoin()
            join.key = key()
            join.population = population
            join.worker = "w"
            join.keeps = population != "digits"
            add(.join(join))
        }
        for step in 1...3 as ClosedRange<UInt64> {
            for lease in 1...6 as ClosedRange<UInt64> {
                var report = WireReport()
                report.lease = lease
                report.sequence = step
                report.step = step
                report.score = Double(lease * step)
                report.checkpoint = "/\(lease)/\(step)"
                report.effect = step == 3 ? .declined : .applied
                add(.report(report))
            }
            var decline = WireDecline()
            decline.key = key()
            decline.lease = 2
            add(.decline(decline))
        }
        var settings = WireChangePopulation()
        settings.key = key()
        settings.population = "digits"
        settings.settings.interval = 2
        add(.changePopulation(settings))
        return requests
    }()

    /// All that may be asked of the populations.
    static let questions: [WireRequest] = {
        var requests = [WireRequest(), WireRequest()]
        requests[0].listPopulations = WireListPopulations()
        requests[1].listKeys = WireListKeys()
        for population in ["digits", "generations", "open"] {
            var history = WireRequest()
            history.getHistory.population = population
            var board = WireRequest()
            board.getLeaderboard.population = population
            var best = WireRequest()
            best.getSchedule.population = population
            best.getSchedule.best = true
            requests += [history, board, best]
            for member in 0..<3 as Range<UInt64> {
                var schedule = WireRequest()
                schedule.getSchedule.population = population
                schedule.getSchedule.member = member
                requests.append(schedule)
            }
        }
        return requests
    }()
}

/// Tokens that inputs can name: 1, 2, 3, …
struct Counter: RandomNumberGenerator, Sendable {
    private var last: UInt64 = 0

    mutating func next() -> UInt64 {
        last += 1
        return last
    }
}
