import Logging
import Messages
import Records
import Synchronization
import Testing

@testable import Coordinator
@testable import Simulation

// A disk that refuses.
extension PipelineTests {
    @Test(arguments: [SimulatedStorage.Fate.refused, .refusedLate])
    func `A report that the disk refuses is answered when it takes it, and once`(
        fate: SimulatedStorage.Fate
    ) throws {
        var pipeline = try start()
        let lease = try training(&pipeline)
        storage.fate = fate
        let refused = pipeline.takeTurn(requests([report(lease)], from: 10), at: moment(1))
        // Nothing is shown that is not committed, and nobody else is taken in.
        #expect(refused.replies.isEmpty && refused.publications.isEmpty)
        #expect(pipeline.isStuck)
        #expect(storage.counts(of: 0).reports == 0)
        let meanwhile = turn(
            &pipeline, at: 1.2, from: 20, report(lease), join(3),
            .hello(.with { ($0.minVersion, $0.maxVersion) = (1, 1) }))
        #expect(meanwhile.map(\.peer) == [20, 21, 22])
        for reply in meanwhile.prefix(2) {
            guard case .error(let error) = reply.body else {
                Issue.record("\(reply)")
                continue
            }
            #expect(error.code == .unavailable)
        }
        guard case .welcome = meanwhile.last?.body else {
            Issue.record("a greeting is answered")
            return
        }
        let late = turn(&pipeline, at: 2)
        #expect(late.map(\.peer) == [10])
        guard case .directive(let directive) = late.first?.body else {
            Issue.record("the report is answered")
            return
        }
        #expect(storage.counts(of: 0).reports == 1)
        let retry = turn(&pipeline, at: 3, from: 30, report(lease)).first?.body
        #expect(retry == .directive(directive))
        #expect(storage.counts(of: 0).reports == 1)
        #expect(!pipeline.isStuck)
    }

    @Test func `While the disk refuses, what is committed can be looked at`() throws {
        var pipeline = try start()
        let lease = try training(&pipeline, keeps: true)
        _ = turn(&pipeline, at: 1, report(lease))
        storage.fate = .refused
        _ = turn(&pipeline, at: 2, from: 10, report(lease, 2))
        #expect(pipeline.isStuck)
        let looks: [WireRequest.OneOf_Body] = [
            .listPopulations(WireListPopulations()),
            .getLeaderboard(.with { $0.population = "p" }),
            .getHistory(.with { $0.population = "p" }),
            .getSchedule(.with { ($0.population, $0.best) = ("p", true) }),
            .listKeys(WireListKeys()),
            .getHistory(.with { $0.population = "none" }),
        ]
        for seconds in [2.1, 2.2] {
            let shown = pipeline.takeTurn(requests(looks, from: 20), at: moment(seconds))
            let bodies = Dictionary(uniqueKeysWithValues: replies(shown)).compactMapValues(\.self)
            guard case .populations(let list) = bodies[20],
                case .leaderboard(let board) = bodies[21], case .history(let history) = bodies[22],
                case .schedule(let schedule) = bodies[23], case .keys = bodies[24],
                case .error(let error) = bodies[25]
            else {
                Issue.record("\(bodies)")
                return
            }
            #expect(list.populations.map(\.name) == ["p"])
            // Not the report that waits for the disk.
            #expect(board.entries.first?.step == 1)
            #expect(history.events.map(\.reported.step).max() == 1)
            #expect(schedule.segments.last?.end == 1)
            #expect(error.code == .noPopulation)
        }
        #expect(pipeline.isStuck)
        #expect(turn(&pipeline, at: 3).map(\.peer) == [10])
        let board = turn(&pipeline, at: 3.1, .getLeaderboard(.with { $0.population = "p" }))
        guard case .leaderboard(let board)? = board.first?.body else {
            Issue.record("a board is shown")
            return
        }
        #expect(board.entries.first?.step == 2)
    }

    @Test func `What is decided during a commit that the disk refuses waits for it`() throws {
        var pipeline = try start(Self.inBackground)
        let lease = try training(&pipeline)
        storage.fate = .refused
        #expect(turn(&pipeline, at: 1, from: 10, join(3), meanwhile: [report(lease)]).isEmpty)
        #expect(pipeline.isStuck)
        let meanwhile = pipeline.takeTurn(requests([join(4)], from: 20), at: moment(1.2))
        #expect(replies(meanwhile).map(\.peer) == [20])
        #expect(meanwhile.publications.isEmpty)
        #expect(meanwhile.end == moment(1.5).uptime)
        // The report is committed next, and the answer to the join leaves with that.
        #expect(turn(&pipeline, at: 2).isEmpty)
        #expect(!pipeline.isStuck)
        #expect(storage.counts(of: 0).reports == 0)
        let late = turn(&pipeline, at: 2)
        #expect(late.map(\.peer) == [10, 11])
        guard case .directive = late.last?.body else {
            Issue.record("the report is answered")
            return
        }
        #expect(storage.counts(of: 0).reports == 1)
    }

    @Test func `Whoever looks while the disk is tried again is answered after that`() throws {
        var pipeline = try start(Self.inBackground)
        let lease = try training(&pipeline)
        storage.fate = .refused
        #expect(turn(&pipeline, at: 1, from: 10, report(lease)).isEmpty)
        let history = WireRequest.OneOf_Body.getHistory(.with { $0.population = "p" })
        let answers = turn(&pipeline, at: 2, from: 20, meanwhile: [history, join(3)])
        #expect(answers.map(\.peer) == [21, 10, 20])
        guard case .error(let error) = answers[0].body, case .history(let shown) = answers[2].body
        else {
            Issue.record("\(answers)")
            return
        }
        #expect(error.code == .unavailable)
        #expect(shown.events.map(\.reported.step).max() == 1)
        #expect(storage.misuse == nil)
    }

    @Test func `Nobody loses a lease by a disk that refuses for long`() throws {
        var pipeline = try start()
        let lease = try training(&pipeline)
        for second in stride(from: 1.0, to: 600, by: 1) {
            storage.fate = .refused
            _ = turn(&pipeline, at: second, join(4))
        }
        _ = turn(&pipeline, at: 600)
        #expect(!pipeline.isStuck)
        _ = turn(&pipeline, at: 601)
        #expect(pipeline.core.leases[lease]?.isLive == true)
    }

    @Test func `The log says why nothing is accepted, not twice a second`() throws {
        var pipeline = try start()
        _ = turn(&pipeline, at: 0, creation())
        for second in stride(from: 1.0, to: 121, by: 0.5) {
            storage.fate = .refused
            _ = turn(&pipeline, at: second, join(5))
        }
        let full = "no report is accepted: \(JournalError.full(storage.directory))"
        #expect(log.lines == [full, full])
        _ = turn(&pipeline, at: 122)
        #expect(log.lines.last == "reports are accepted again")
    }
}

/// A log that keeps its lines.
final class LogLines: LogHandler {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .notice }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        // Of leases that are extended, another test tells.
        guard event.level != .warning else { return }
        kept.withLock { $0.append("\(event.message)") }
    }
}
