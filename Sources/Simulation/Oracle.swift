import Evolution
import Foundation
import Messages

/// Who remembers all that was said, and knows what must not be said afterwards.
struct Oracle {
    /// Names each report, in the journal too.
    static let metric = "report"

    /// What a worker reported.
    struct Made {
        let report: WireReport
        let worker: String
        let population: String
        let member: Int
    }

    private struct ReportKey: Hashable {
        let lease: UInt64
        let sequence: UInt64
    }

    /// Each client counts its own.
    private struct RequestKey: Hashable {
        let client: Int
        let id: UInt64
    }

    private let reusesAddresses: Bool
    /// Whose each connection is.
    private var clients: [Int: Int] = [:]
    private var requests: [RequestKey: WireRequest] = [:]
    /// The connections over which each request was sent.
    private var connections: [RequestKey: Set<Int>] = [:]
    /// The first answer to each key whose answer must stay, and the lease that it gave.
    private var answers: [Data: WireReply.OneOf_Body] = [:]
    private var given: [Data: UInt64] = [:]
    /// Of each lease the last report that was made, and the last one that was acknowledged.
    private var lastMade: [UInt64: UInt64] = [:]
    private var lastAcknowledged: [UInt64: UInt64] = [:]
    private var directives: [ReportKey: WireDirective] = [:]
    private(set) var made: [Int: Made] = [:]
    private var reports = 0
    /// What the journal has of each report.
    private var recorded: [Int: Reported] = [:]
    /// Reports whose directive reached who made them.
    private(set) var acknowledged: Set<Int> = []
    /// Checkpoints that a directive said are released.
    private var released: Set<String> = []
    /// Those that are there to be loaded.
    private var checkpoints: Set<String> = []

    init(_ scenario: Scenario) { reusesAddresses = scenario.reusesAddresses }

    // MARK: What workers do

    mutating func newReport() -> Int {
        reports += 1
        return reports
    }

    mutating func made(
        _ report: WireReport, id: Int, by worker: String, for member: Int, of population: String
    ) {
        made[id] = Made(report: report, worker: worker, population: population, member: member)
        lastMade[report.lease] = report.sequence
    }

    mutating func wrote(_ checkpoint: String) { checkpoints.insert(checkpoint) }

    mutating func deleted(_ checkpoint: String) {
        if !reusesAddresses { checkpoints.remove(checkpoint) }
    }

    func isThere(_ checkpoint: String) -> Bool { checkpoints.contains(checkpoint) }

    mutating func acknowledged(_ report: WireReport) {
        if let id = Self.id(report.metrics.first?.value) { acknowledged.insert(id) }
        lastAcknowledged[report.lease] = report.sequence
    }

    /// - Returns: whether it was asked before.
    mutating func asked(
        _ request: WireRequest, by client: Int, over connection: Int, at clock: Duration
    ) throws -> Bool {
        let key = RequestKey(client: client, id: request.id)
        let before = requests.updateValue(request, forKey: key)
        clients[connection] = client
        connections[key, default: []].insert(connection)
        guard before == nil || before == request else {
            throw Violation(
                time: clock,
                what: "request \(client).\(request.id) is another one when it is sent again")
        }
        return before != nil
    }

    func client(at connection: Int) -> Int { clients[connection] ?? 0 }

    static func id(_ value: Double?) -> Int? { value.flatMap(Int.init(exactly:)) }

    // MARK: What the coordinator says

    /// A reply leaves the coordinator.
    mutating func left(_ reply: WireReply, over connection: Int, at clock: Duration) throws {
        let key = RequestKey(client: client(at: connection), id: reply.id)
        guard connections[key]?.contains(connection) == true else {
            throw Violation(time: clock, what: "reply \(reply.id) goes to who did not ask")
        }
        guard let request = requests[key]?.body, let body = reply.body else { return }
        switch (request, body) {
        case (.report(let report), .directive(let directive)):
            try check(directive, answering: report, at: clock)
            try check(directive.outcome, of: report, at: clock)
            try check(directive, at: clock)
        case (.join(let join), .directive(let directive)):
            if join.lease != 0 {
                try check(directive.lease, isTakenUpFor: join.lease, at: clock)
            } else if case .lease(let lease) = directive.assignment {
                try check(lease, isFirstGivenFor: join.key, at: clock)
            }
            try check(directive, at: clock)
        case (.decline(let decline), .directive(let directive)):
            if case .lease(let lease) = directive.assignment {
                try check(lease, isFirstGivenFor: decline.key, at: clock)
            }
            try check(directive, at: clock)
        case (.createPopulation(let creation), .population):
            try check(body, isFirstAnswerTo: creation.key, at: clock)
        case (.changePopulation(let change), .population):
            try check(body, isFirstAnswerTo: change.key, at: clock)
        default: break
        }
    }

    /// A retry's directive equals the first, but for released checkpoints that are in use again.
    private mutating func check(
        _ directive: WireDirective, answering report: WireReport, at clock: Duration
    ) throws {
        let key = ReportKey(lease: report.lease, sequence: report.sequence)
        guard let first = directives[key] else {
            directives[key] = directive
            return
        }
        var (now, then) = (directive, first)
        let isLess = now.released.allSatisfy(then.released.contains)
        now.released = []
        then.released = []
        guard now == then, isLess else {
            throw Violation(
                time: clock,
                what: "the retry of report \(report.sequence) of a lease gets another directive")
        }
    }

    private mutating func check(
        _ lease: WireLease, isFirstGivenFor key: Data, at clock: Duration
    ) throws {
        guard let first = given[key] else {
            given[key] = lease.token
            return
        }
        guard first == lease.token else {
            throw Violation(time: clock, what: "the same key gives another lease")
        }
    }

    private mutating func check(
        _ body: WireReply.OneOf_Body, isFirstAnswerTo key: Data, at clock: Duration
    ) throws {
        guard let first = answers[key] else {
            answers[key] = body
            return
        }
        guard first == body else {
            throw Violation(time: clock, what: "the same key gets another answer")
        }
    }

    /// The lease that its worker had, after the coordinator was away: the same one, and all that was
    /// acknowledged under it.
    private func check(
        _ lease: WireLease, isTakenUpFor token: UInt64, at clock: Duration
    ) throws {
        guard lease.token == token else {
            throw Violation(time: clock, what: "another lease is given than was asked for")
        }
        let known = (lastAcknowledged[token] ?? 0)...(lastMade[token] ?? 0)
        guard known.contains(lease.sequence) else {
            throw Violation(
                time: clock,
                what: "the sequence of a lease is \(lease.sequence), and not of \(known)")
        }
    }

    /// A directive says what was decided, and that is in the journal before it is said.
    private func check(
        _ outcome: WireDirective.OneOf_Outcome?, of report: WireReport, at clock: Duration
    ) throws {
        guard let id = Self.id(report.metrics.first?.value), let recorded = recorded[id] else {
            throw Violation(time: clock, what: "a directive leaves before its report is on disk")
        }
        // Of a synchronous population this is decided when the generation closes.
        guard recorded.generation == nil else { return }
        switch (outcome, recorded.exploit) {
        case (.continue, nil): return
        case (.exploit(let told), let exploit?)
        where told.donor == exploit.donor.member && told.step == exploit.donor.step
            && told.score == exploit.donor.score && told.checkpoint == exploit.donor.checkpoint:
            return
        default:
            throw Violation(
                time: clock, what: "the directive on report \(id) is another one than was decided")
        }
    }

    /// No directive names a checkpoint that was released.
    private mutating func check(_ directive: WireDirective, at clock: Duration) throws {
        guard !reusesAddresses else { return }
        var named: [String] = []
        switch (directive.outcome, directive.assignment) {
        case (_, .lease(let lease)): named = [lease.checkpoint]
        case (.exploit(let exploit), .same): named = [exploit.checkpoint]
        default: break
        }
        for checkpoint in named where released.contains(checkpoint) {
            throw Violation(time: clock, what: "\(checkpoint) is to be loaded, and was released")
        }
        released.formUnion(directive.released.map(\.checkpoint))
    }

    // MARK: What the journal has

    /// A report is in the journal now.
    ///
    /// - Parameters:
    ///   - member: whose it is.
    ///   - population: the name of that one's.
    ///   - worker: who trains that.
    mutating func committed(
        _ reported: Reported, of member: Int, in population: String, trainedBy worker: String?,
        at clock: Duration
    ) throws {
        func violation(_ what: String) -> Violation { Violation(time: clock, what: what) }
        guard let id = Self.id(reported.metrics.first { $0.name == Self.metric }?.value),
            let made = made[id]
        else { throw violation("a report is committed that nobody made") }
        guard recorded.updateValue(reported, forKey: id) == nil else {
            throw violation("report \(id) of \(made.worker) is in the journal twice")
        }
        guard made.worker == worker, made.member == member, made.population == population else {
            throw violation(
                """
                a report of \(made.worker) for member \(made.member) of \(made.population) counts \
                for member \(member) of \(population), which \(worker ?? "nobody") trains
                """)
        }
        guard reported.step == made.report.step, reported.score == made.report.score,
            reported.checkpoint ?? "" == made.report.checkpoint,
            !reported.declined || made.report.effect == .declined
        else { throw violation("report \(id) of \(made.worker) is recorded as another one") }
    }

    /// Every report that was acknowledged is in the journal.
    func checkAcknowledged(at clock: Duration) throws {
        for id in acknowledged.sorted() where recorded[id] == nil {
            throw Violation(
                time: clock,
                what: "report \(id) of \(made[id]?.worker ?? "") was acknowledged and is lost")
        }
    }
}
