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
    }

    private struct ReportKey: Hashable {
        let lease: UInt64
        let sequence: UInt64
    }

    private let reusesAddresses: Bool
    private var requests: [UInt64: WireRequest] = [:]
    /// The first answer to each request whose answer must stay, and the lease that it gave.
    private var answers: [UInt64: WireReply.OneOf_Body] = [:]
    private var given: [UInt64: UInt64] = [:]
    private var directives: [ReportKey: WireDirective] = [:]
    private(set) var made: [Int: Made] = [:]
    private var reports = 0
    /// How often each report is in the journal.
    private var counted: [Int: Int] = [:]
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

    mutating func made(_ report: WireReport, id: Int, by worker: String) {
        made[id] = Made(report: report, worker: worker)
    }

    mutating func wrote(_ checkpoint: String) { checkpoints.insert(checkpoint) }

    mutating func deleted(_ checkpoint: String) {
        if !reusesAddresses { checkpoints.remove(checkpoint) }
    }

    func isThere(_ checkpoint: String) -> Bool { checkpoints.contains(checkpoint) }

    mutating func acknowledged(_ report: WireReport) {
        if let id = Self.id(report.metrics.first?.value) { acknowledged.insert(id) }
    }

    mutating func asked(_ request: WireRequest) { requests[request.id] = request }

    static func id(_ value: Double?) -> Int? { value.flatMap(Int.init(exactly:)) }

    // MARK: What the coordinator says

    /// A reply leaves the coordinator.
    mutating func left(_ reply: WireReply, core: Core?, at clock: Duration) throws {
        guard let request = requests[reply.id]?.body, let body = reply.body else { return }
        switch (request, body) {
        case (.report(let report), .directive(let directive)):
            try check(directive, answering: report, at: clock)
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
    /// - Returns: what was reported, by whom.
    mutating func committed(_ reported: Reported, at clock: Duration) throws -> Made {
        guard let id = Self.id(reported.metrics.first { $0.name == Self.metric }?.value),
            let made = made[id]
        else { throw Violation(time: clock, what: "a report is committed that nobody made") }
        counted[id, default: 0] += 1
        guard counted[id] == 1 else {
            throw Violation(
                time: clock, what: "report \(id) of \(made.worker) is in the journal twice")
        }
        return made
    }

    /// Every report that was acknowledged is in the journal.
    func checkAcknowledged(at clock: Duration) throws {
        for id in acknowledged.sorted() where counted[id] == nil {
            throw Violation(
                time: clock,
                what: "report \(id) of \(made[id]?.worker ?? "") was acknowledged and is lost")
        }
    }
}
