import Foundation
import Logging
import Messages
import Testing

@testable import Coordinator
@testable import Simulation

/// The coordinator's turns, on a journal that fails as it is told to.
struct PipelineTests {
    let storage = SimulatedStorage()
    let log = LogLines()

    func start(
        _ limits: PipelineLimits = PipelineLimits()
    ) throws -> Pipeline<ConnectionNumber> {
        let log = log
        var pipeline = try Pipeline<ConnectionNumber>(
            settings: Settings(), limits: limits, epoch: storage.beginEpoch(), storage: storage,
            now: moment(0), tokens: SeededGenerator(seed: 1),
            logger: Logger(label: "test", factory: { _ in log }))
        pipeline.audience.take([1])
        return pipeline
    }

    /// Batches of any size are committed in the background.
    static var inBackground: PipelineLimits {
        var limits = PipelineLimits()
        limits.leastInBackground = 1
        return limits
    }

    func moment(_ seconds: Double) -> Moment {
        Moment(uptime: .seconds(seconds), wall: 1_700_000_000_000 + Int64(seconds * 1000))
    }

    /// Each request comes by a connection of its own.
    func requests(
        _ bodies: [WireRequest.OneOf_Body], from first: Int
    ) -> [Incoming<ConnectionNumber>] {
        bodies.enumerated().map { index, body in
            var request = WireRequest()
            request.id = 1
            request.body = body
            return Incoming(
                frame: request.bytes, connection: ConnectionNumber(number: UInt32(first + index)))
        }
    }

    /// The answers that leave in a turn.
    func turn(
        _ pipeline: inout Pipeline<ConnectionNumber>, at seconds: Double, from first: Int = 0,
        _ bodies: WireRequest.OneOf_Body..., meanwhile: [WireRequest.OneOf_Body] = []
    ) -> [(peer: Int, body: WireReply.OneOf_Body?)] {
        replies(
            pipeline.takeTurn(
                requests(bodies, from: first),
                meanwhile: requests(meanwhile, from: first + bodies.count), at: moment(seconds)))
    }

    func replies(
        _ turn: TurnOutcome<ConnectionNumber>
    ) -> [(peer: Int, body: WireReply.OneOf_Body?)] {
        turn.replies.map { (Int($0.connection.number), $0.reply.body) }
    }

    func creation() -> WireRequest.OneOf_Body {
        .createPopulation(
            .with {
                $0.key = Data(repeating: 1, count: 16)
                $0.name = "p"
                $0.space = "name,min,max,scale\nrate,0,1,linear\n"
                $0.source = "space.csv"
                $0.populationSize = 2
            })
    }

    func join(_ key: UInt8, keeps: Bool = false) -> WireRequest.OneOf_Body {
        .join(
            .with {
                $0.key = Data(repeating: key, count: 16)
                $0.keeps = keeps
            })
    }

    func report(_ lease: UInt64, _ number: UInt64 = 1) -> WireRequest.OneOf_Body {
        .report(
            .with {
                $0.lease = lease
                $0.sequence = number
                $0.step = number
                $0.score = Double(number)
                $0.checkpoint = "/c/\(number)"
            })
    }

    func training(
        _ pipeline: inout Pipeline<ConnectionNumber>, keeps: Bool = false
    ) throws -> UInt64 {
        _ = turn(&pipeline, at: 0, creation())
        _ = turn(&pipeline, at: 0, join(2, keeps: keeps))
        return try #require(pipeline.core.leases.keys.first)
    }

    @Test func `A small batch is committed on the spot, and then answered`() throws {
        var pipeline = try start()
        let request = requests([creation()], from: 7)[0]
        guard case .receive = pipeline.next(at: moment(0)) else { throw DeskError.unexpected("1") }
        pipeline.receive(
            request.frame, from: request.connection, as: request.user, at: moment(0))
        guard case .receive = pipeline.next(at: moment(0)) else { throw DeskError.unexpected("2") }
        pipeline.receivedAll()
        guard case .commit(let changes, inBackground: false) = pipeline.next(at: moment(0)) else {
            throw DeskError.unexpected("no commit on the spot")
        }
        #expect(pipeline.isCommitting)
        #expect(storage.failure(ofCommitting: changes) == nil)
        pipeline.endCommit(nil, at: moment(0))
        guard case .letOut(.send(let frame, let connection)) = pipeline.next(at: moment(0)) else {
            throw DeskError.unexpected("no answer")
        }
        #expect(connection == request.connection)
        #expect(WireReply(bytes: frame)?.committed == 2)
    }

    @Test func `While a batch is committed in the background, what was committed before leaves`()
        throws
    {
        var pipeline = try start(Self.inBackground)
        // The answer to the creation waits for the join, which came while it was committed.
        #expect(turn(&pipeline, at: 0, creation(), meanwhile: [join(2)]).isEmpty)
        #expect(storage.populations().count == 1)
        guard case .commit(let changes, inBackground: true) = pipeline.next(at: moment(0)) else {
            throw DeskError.unexpected("no commit in the background")
        }
        var turn = TurnOutcome<ConnectionNumber>()
        while case .letOut(let next) = pipeline.next(at: moment(0)) { turn.take(next) }
        #expect(replies(turn).map(\.peer) == [0])
        #expect(turn.replies[0].reply.committed == 2)
        #expect(pipeline.isCommitting)
        #expect(storage.failure(ofCommitting: changes) == nil)
        pipeline.endCommit(nil, at: moment(0))
        #expect(replies(pipeline.takeTurn(at: moment(0))).map(\.peer) == [1])
    }

    @Test func `What is decided during a commit is committed, answered and shown with the next`()
        throws
    {
        var pipeline = try start(Self.inBackground)
        let lease = try training(&pipeline)
        let first = pipeline.takeTurn(
            requests([join(3)], from: 10), meanwhile: requests([report(lease)], from: 11),
            at: moment(1))
        // Both wait: the next batch is on its way at once.
        #expect(first.replies.isEmpty && first.publications.isEmpty)
        #expect(first.end == moment(1).uptime)
        #expect(storage.counts(of: 0).reports == 0)
        #expect(pipeline.core.populations[0].population.reports == 1)
        let second = pipeline.takeTurn(at: moment(1))
        #expect(replies(second).map(\.peer) == [10, 11])
        #expect(storage.counts(of: 0).reports == 1)
        #expect(second.end > moment(1).uptime)
        // The board is of the first batch, although the report is decided on.
        let shown = try #require(second.publications.first).message
        #expect(shown.committed + 1 == UInt64(storage.sequence))
        #expect(shown.leaderboard.entries.allSatisfy { $0.step == 0 })
    }

    @Test func `A schedule leads to what was committed with its request`() throws {
        var pipeline = try start(Self.inBackground)
        let lease = try training(&pipeline, keeps: true)
        let best = WireRequest.OneOf_Body.getSchedule(
            .with {
                $0.population = "p"
                $0.best = true
            })
        // It reads the storage, and so leaves before the next commit begins.
        let answers = turn(
            &pipeline, at: 1, from: 10, report(lease), best, meanwhile: [report(lease, 2)])
        #expect(pipeline.core.populations[0].population.best?.report == 2)
        guard case .schedule(let schedule) = answers.first(where: { $0.peer == 11 })?.body else {
            Issue.record("a schedule: \(answers)")
            return
        }
        #expect(schedule.segments.last?.end == 1)
        #expect(storage.misuse == nil)
    }

    @Test func `A batch takes so many requests, so much time and so many queries`() throws {
        var limits = PipelineLimits()
        limits.requests = 3
        limits.queries = 2
        var pipeline = try start(limits)
        let hello = WireRequest.OneOf_Body.hello(
            .with { ($0.minVersion, $0.maxVersion) = (1, 1) })
        #expect(turn(&pipeline, at: 0, hello, hello, hello, hello, hello).count == 3)
        _ = turn(&pipeline, at: 0, creation())
        let history = WireRequest.OneOf_Body.getHistory(.with { $0.population = "p" })
        #expect(turn(&pipeline, at: 0, history, history, history).count == 2)
        guard case .receive = pipeline.next(at: moment(0)) else { throw DeskError.unexpected("1") }
        let late = moment(0.02)
        if case .receive = pipeline.next(at: late) { Issue.record("its time is over") }
    }

    @Test func `The journal settles after a moment of quiet, once, and after a second in any case`()
        throws
    {
        var pipeline = try start()
        let lease = try training(&pipeline, keeps: true)
        #expect(pipeline.takeTurn(at: moment(0.04)).settles == 0)
        #expect(pipeline.takeTurn(at: moment(0.05)).settles == 1)
        #expect(pipeline.takeTurn(at: moment(0.2)).settles == 0)
        for turns in 0..<25 {
            let time = 0.3 + Double(turns) * 0.04
            #expect(pipeline.takeTurn(at: moment(time)).settles == 0)
            guard
                case .directive = turn(&pipeline, at: time, report(lease, UInt64(turns + 1))).first?
                    .body
            else { throw DeskError.unexpected("\(turns)") }
        }
        #expect(pipeline.takeTurn(at: moment(1.3)).settles == 1)
    }
}
