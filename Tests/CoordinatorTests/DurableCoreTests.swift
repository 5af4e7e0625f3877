import Foundation
import Journal
import Logging
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Coordinator

/// What the coordinator does when its disk refuses, on a journal that fails as it is told to.
struct DurableCoreTests {
    private let storage = SimulatedStorage()
    private let log = LogLines()

    private func start() throws -> DurableCore {
        let log = log
        return try DurableCore(
            settings: Settings(), epoch: storage.beginEpoch(), storage: storage,
            now: moment(0), tokens: SeededGenerator(seed: 1),
            logger: Logger(label: "test", factory: { _ in log }))
    }

    private func moment(_ seconds: Double) -> Moment {
        Moment(uptime: .seconds(seconds), wall: 1_700_000_000_000 + Int64(seconds * 1000))
    }

    /// One turn, in which each request comes from a peer of its own.
    private func turn(
        _ core: inout DurableCore, at seconds: Double, from first: Int = 0,
        _ bodies: WireRequest.OneOf_Body...
    ) -> [(peer: Int, body: WireReply.OneOf_Body?)] {
        for (index, body) in bodies.enumerated() {
            receive(body, from: first + index, at: seconds, by: &core)
        }
        var replies: [(peer: Int, body: WireReply.OneOf_Body?)] = []
        core.finishTurn(at: moment(seconds)) {
            replies.append(($0.number, WireReply(bytes: $1)?.body))
        }
        return replies
    }

    private func receive(
        _ body: WireRequest.OneOf_Body, from peer: Int, at seconds: Double,
        by core: inout DurableCore
    ) {
        var request = WireRequest()
        request.id = 1
        request.body = body
        core.receive(
            request.bytes, from: Peer(number: peer), as: Keyring.sharedUser, at: moment(seconds))
    }

    private func creation() -> WireRequest.OneOf_Body {
        .createPopulation(
            .with {
                $0.key = Data(repeating: 1, count: 16)
                $0.name = "p"
                $0.space = "name,min,max,scale\nrate,0,1,linear\n"
                $0.source = "space.csv"
                $0.populationSize = 2
            })
    }

    private func join(_ key: UInt8, keeps: Bool = false) -> WireRequest.OneOf_Body {
        .join(
            .with {
                $0.key = Data(repeating: key, count: 16)
                $0.keeps = keeps
            })
    }

    private func report(_ lease: UInt64, _ number: UInt64 = 1) -> WireRequest.OneOf_Body {
        .report(
            .with {
                $0.lease = lease
                $0.sequence = number
                $0.step = number
                $0.score = Double(number)
                $0.checkpoint = "/c/\(number)"
            })
    }

    private func training(
        _ core: inout DurableCore, keeps: Bool = false
    ) throws -> UInt64 {
        _ = turn(&core, at: 0, creation())
        guard
            case .directive(let directive) = turn(&core, at: 0, join(2, keeps: keeps)).first?.body
        else {
            throw DeskError.unexpected("no lease")
        }
        return directive.lease.token
    }

    @Test(arguments: [SimulatedStorage.Fate.refused, .refusedLate])
    func `A report that the disk refuses is answered when it takes it, and once`(
        fate: SimulatedStorage.Fate
    ) throws {
        var core = try start()
        let lease = try training(&core)
        storage.fate = fate
        #expect(turn(&core, at: 1, from: 10, report(lease)).isEmpty)
        #expect(core.isStuck)
        #expect(storage.counts(of: 0).reports == 0)
        // Nothing is shown that is not committed, and nobody else is taken in.
        #expect(core.takePublications().isEmpty)
        let meanwhile = turn(
            &core, at: 1.2, from: 20, report(lease), join(3),
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
        let late = turn(&core, at: 2)
        #expect(late.map(\.peer) == [10])
        guard case .directive(let directive) = late.first?.body else {
            Issue.record("the report is answered")
            return
        }
        #expect(storage.counts(of: 0).reports == 1)
        let retry = turn(&core, at: 3, report(lease)).first?.body
        #expect(retry == .directive(directive))
        #expect(storage.counts(of: 0).reports == 1)
        #expect(!core.isStuck)
    }

    @Test func `While the disk refuses, what is committed can be looked at`() throws {
        var core = try start()
        let lease = try training(&core, keeps: true)
        _ = turn(&core, at: 1, report(lease))
        storage.fate = .refused
        _ = turn(&core, at: 2, from: 10, report(lease, 2))
        #expect(core.isStuck)
        let looks: [WireRequest.OneOf_Body] = [
            .listPopulations(WireListPopulations()),
            .getLeaderboard(.with { $0.population = "p" }),
            .getHistory(.with { $0.population = "p" }),
            .getSchedule(.with { ($0.population, $0.best) = ("p", true) }),
            .listKeys(WireListKeys()),
            .getHistory(.with { $0.population = "none" }),
        ]
        for seconds in [2.1, 2.2] {
            for (number, look) in looks.enumerated() {
                receive(look, from: 20 + number, at: seconds, by: &core)
            }
            #expect(core.queryCost == looks.count)
            var bodies: [Int: WireReply.OneOf_Body] = [:]
            core.finishTurn(at: moment(seconds)) { bodies[$0.number] = WireReply(bytes: $1)?.body }
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
        #expect(core.isStuck)
        #expect(turn(&core, at: 3).map(\.peer) == [10])
        let board = turn(&core, at: 3.1, .getLeaderboard(.with { $0.population = "p" }))
        guard case .leaderboard(let board)? = board.first?.body else {
            Issue.record("a board is shown")
            return
        }
        #expect(board.entries.first?.step == 2)
    }

    @Test func `What is decided during a commit is committed, answered and shown with the next`()
        throws
    {
        var core = try start()
        let lease = try training(&core)
        _ = core.takePublications()
        receive(join(3), from: 10, at: 1, by: &core)
        let begun = core.beginCommit(at: moment(1))
        let first = try #require(begun)
        receive(report(lease), from: 11, at: 1, by: &core)
        var answered: [Int] = []
        func answer() { core.answer { peer, _ in answered.append(peer.number) } }
        answer()
        #expect(answered.isEmpty)
        #expect(storage.failure(ofCommitting: first) == nil)
        core.endCommit(nil, at: moment(1))
        #expect(core.timeToTurn(at: moment(1)) == .zero)
        #expect(storage.counts(of: 0).reports == 0)
        // The board is of the first batch, although the report is decided on.
        #expect(core.core.populations[0].population.reports == 1)
        let board = core.takePublications().first
        let shown = try #require(board.flatMap { WireBroadcast(bytes: $0.frame) })
        #expect(shown.committed == UInt64(storage.sequence))
        #expect(shown.leaderboard.entries.allSatisfy { $0.step == 0 })
        answer()
        #expect(answered == [10])
        #expect(turn(&core, at: 1).map(\.peer) == [11])
        #expect(storage.counts(of: 0).reports == 1)
        #expect(core.timeToTurn(at: moment(1)) > .zero)
    }

    @Test func `A schedule leads to what was committed with its request`() throws {
        var core = try start()
        let lease = try training(&core, keeps: true)
        receive(report(lease), from: 10, at: 1, by: &core)
        receive(
            .getSchedule(
                .with {
                    $0.population = "p"
                    $0.best = true
                }), from: 11, at: 1, by: &core)
        let begun = core.beginCommit(at: moment(1))
        receive(report(lease, 2), from: 12, at: 1, by: &core)
        core.endCommit(storage.failure(ofCommitting: try #require(begun)), at: moment(1))
        #expect(core.hasQueries)
        #expect(core.core.populations[0].population.best?.report == 2)
        var answers: [Int: WireReply.OneOf_Body?] = [:]
        core.answer { answers[$0.number] = WireReply(bytes: $1)?.body }
        guard case .schedule(let schedule) = answers[11] else {
            Issue.record("a schedule: \(answers)")
            return
        }
        #expect(schedule.segments.last?.end == 1)
    }

    @Test func `What is decided during a commit that the disk refuses waits for it`() throws {
        var core = try start()
        let lease = try training(&core)
        receive(join(3), from: 10, at: 1, by: &core)
        storage.fate = .refused
        let begun = core.beginCommit(at: moment(1))
        let first = try #require(begun)
        receive(report(lease), from: 11, at: 1, by: &core)
        core.endCommit(storage.failure(ofCommitting: first), at: moment(1))
        #expect(core.isStuck)
        #expect(turn(&core, at: 1.2, from: 20, join(4)).map(\.peer) == [20])
        #expect(core.takePublications().isEmpty)
        #expect(turn(&core, at: 2).map(\.peer) == [10])
        #expect(!core.isStuck)
        #expect(storage.counts(of: 0).reports == 0)
        guard case .directive = turn(&core, at: 2).first?.body else {
            Issue.record("the report is answered")
            return
        }
        #expect(storage.counts(of: 0).reports == 1)
    }

    @Test func `Nobody loses a lease by a disk that refuses for long`() throws {
        var core = try start()
        let lease = try training(&core)
        for second in stride(from: 1.0, to: 600, by: 1) {
            storage.fate = .refused
            _ = turn(&core, at: second, join(4))
        }
        _ = turn(&core, at: 600)
        #expect(!core.isStuck)
        _ = turn(&core, at: 601)
        #expect(core.core.leases[lease]?.isLive == true)
    }

    @Test func `The log says why nothing is accepted, not twice a second`() throws {
        var core = try start()
        _ = turn(&core, at: 0, creation())
        for second in stride(from: 1.0, to: 121, by: 0.5) {
            storage.fate = .refused
            _ = turn(&core, at: second, join(5))
        }
        let full = "no report is accepted: \(JournalError.full(storage.directory))"
        #expect(log.lines == [full, full])
        _ = turn(&core, at: 122)
        #expect(log.lines.last == "reports are accepted again")
    }
}

/// A log that keeps its lines.
private final class LogLines: LogHandler {
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
