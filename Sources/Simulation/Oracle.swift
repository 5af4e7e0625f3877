import Evolution
import Messages

/// Who remembers all that was said, and knows what must not be said afterwards.
struct Oracle {
    /// Names each report, in the journal too.
    static let metric = "report"

    /// What a worker reported.
    struct Made {
        let report: WireReport
        let worker: String
        let member: Int
    }

    private struct ReportKey: Hashable {
        let lease: UInt64
        let sequence: UInt64
    }

    private let reusesAddresses: Bool
    private var requests: [UInt64: WireRequest] = [:]
    /// The connections over which each request was sent.
    private var connections: [UInt64: Set<Int>] = [:]
    /// The first answer to each request whose answer must stay, and the lease that it gave.
    private var answers: [UInt64: WireReply.OneOf_Body] = [:]
    private var given: [UInt64: UInt64] = [:]
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

    mutating func made(_ report: WireReport, id: Int, by worker: String, for member: Int) {
        made[id] = Made(report: report, worker: worker, member: member)
    }

    mutating func wrote(_ checkpoint: String) { checkpoints.insert(checkpoint) }

    mutating func deleted(_ checkpoint: String) {
        if !reusesAddresses { checkpoints.remove(checkpoint) }
    }

    func isThere(_ checkpoint: String) -> Bool { checkpoints.contains(checkpoint) }

    mutating func acknowledged(_ report: WireReport) {
        if let id = Self.id(report.metrics.first?.value) { acknowledged.insert(id) }
    }

    mutating func asked(_ request: WireRequest, over connection: Int) {
        requests[request.id] = request
        connections[request.id, default: []].insert(connection)
    }

    static func id(_ value: Double?) -> Int? { value.flatMap(Int.init(exactly:)) }

    // MARK: What the coordinator says

    /// A reply leaves the coordinator.
    mutating func left(_ reply: WireReply, over connection: Int, at clock: Duration) throws {
        guard connections[reply.id]?.contains(connection) == true else {
            throw Violation(time: clock, what: "reply \(reply.id) goes to who did not ask")
        }
        guard let request = requests[reply.id]?.body, let body = reply.body else { return }
        switch (request, body) {
        case (.report(let report), .directive(let directive)):
            try check(directive, answering: report, at: clock)
            try check(directive.outcome, of: report, at: clock)
            try check(directive, at: clock)
        case (.join(let join), .directive(let directive)):
            if join.lease == 0, case .lease(let lease) = directive.assignment {
                try check(lease, isFirstGivenBy: reply.id, at: clock)
            }
            try check(directive, at: clock)
        case (.decline, .directive(let directive)):
            if case .lease(let lease) = directive.assignment {
                try check(lease, isFirstGivenBy: reply.id, at: clock)
            }
            try check(directive, at: clock)
        case (.createPopulation, .population), (.changePopulation, .population):
            try check(body, isFirstAnswerTo: reply.id, at: clock)
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
        _ lease: WireLease, isFirstGivenBy id: UInt64, at clock: Duration
    ) throws {
        guard let first = given[id] else {
            given[id] = lease.token
            return
        }
        guard first == lease.token else {
            throw Violation(time: clock, what: "the same key gives another lease")
        }
    }

    private mutating func check(
        _ body: WireReply.OneOf_Body, isFirstAnswerTo id: UInt64, at clock: Duration
    ) throws {
        guard let first = answers[id] else {
            answers[id] = body
            return
        }
        guard first == body else {
            throw Violation(time: clock, what: "the same key gets another answer")
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
    ///   - worker: who trains that.
    mutating func committed(
        _ reported: Reported, of member: Int, trainedBy worker: String?, at clock: Duration
    ) throws {
        func violation(_ what: String) -> Violation { Violation(time: clock, what: what) }
        guard let id = Self.id(reported.metrics.first { $0.name == Self.metric }?.value),
            let made = made[id]
        else { throw violation("a report is committed that nobody made") }
        guard recorded.updateValue(reported, forKey: id) == nil else {
            throw violation("report \(id) of \(made.worker) is in the journal twice")
        }
        guard made.worker == worker, made.member == member else {
            throw violation(
                """
                a report of \(made.worker) for member \(made.member) counts for member \(member), \
                which \(worker ?? "nobody") trains
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
