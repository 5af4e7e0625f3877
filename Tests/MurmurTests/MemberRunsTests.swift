import Foundation
import TensorBoard
import TestSupport
import Testing

@testable import Murmuration
@testable import murmur

struct MemberRunsTests {
    private let directory: TemporaryDirectory
    private var runs: MemberRuns

    init() throws {
        directory = try TemporaryDirectory()
        let logdir = try PopulationLogdir(
            in: directory.path, population: "p", members: 2, at: Self.time(1))
        runs = MemberRuns(
            of: Population(
                name: "p", members: 2, status: .active, minimize: false, settings: .init(),
                seed: 1, grows: false, finished: 0, training: 0, lost: 0,
                removed: 0, reports: 0, exploits: 0,
                space: [
                    Population.Dimension(name: "rate", kind: .number, min: 0, max: 1, log: false),
                    Population.Dimension(name: "kind", kind: .choice, log: false),
                ]), in: logdir)
    }

    private static func time(_ second: Int) -> Date {
        Date(timeIntervalSince1970: Double(second))
    }

    private static func event(_ second: Int, _ member: Int?, _ kind: Event.Kind) -> Event {
        Event(sequence: UInt64(second), time: time(second), member: member, kind: kind)
    }

    private static func report(
        step: Int, score: Double, _ hyperparameters: Hyperparameters,
        metrics: [Event.Metric] = []
    ) -> Event.Kind {
        .reported(
            Event.Report(
                number: 1, step: step, score: score, hyperparameters: hyperparameters,
                metrics: metrics, declined: false))
    }

    private func contents(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(directory.path)/p/\(path)")))
    }

    private func scalars(of member: Int) throws -> [UInt8] {
        try contents("member-000\(member)/events.out.tfevents.1000.1-scalars.murmur")
    }

    private func session(of member: Int) throws -> [UInt8] {
        try contents("member-000\(member)/events.out.tfevents.1000.0-session.murmur")
    }

    private static func file(_ second: Int, _ records: EventRecord...) -> [UInt8] {
        ([EventRecord.fileVersion(at: time(second))] + records).flatMap(\.bytes)
    }

    @Test mutating func `A report becomes the scalars of its values that are numbers`() throws {
        let values: Hyperparameters = ["rate": 0.5, "layers": 3, "kind": "adam", "warm": true]
        runs.take(Self.event(2, 1, .created(values)))
        runs.take(
            Self.event(
                3, 1,
                Self.report(
                    step: 40, score: -.infinity, values,
                    metrics: [Event.Metric(name: "val/loss", value: 0.1)])))
        // An exploit: the member goes on from a step that it has passed already.
        runs.take(Self.event(4, 1, Self.report(step: 30, score: 2, ["rate": 0.6])))
        try runs.write(isUpToDate: false)
        let first = [
            Scalar(tag: "score", value: -.infinity), Scalar(tag: "metrics/val/loss", value: 0.1),
            Scalar(tag: "hyperparameters/rate", value: 0.5),
            Scalar(tag: "hyperparameters/layers", value: 3),
            Scalar(tag: "hyperparameters/warm", value: 1),
        ]
        let second = [
            Scalar(tag: "score", value: 2), Scalar(tag: "hyperparameters/rate", value: 0.6),
        ]
        #expect(
            try scalars(of: 1)
                == Self.file(
                    3, .scalars(first, step: 40, at: Self.time(3)),
                    .scalars(second, step: 30, at: Self.time(4))))
        #expect(runs.reports == 2)
    }

    @Test mutating func `A session has the hyperparameters of its last report`() throws {
        runs.take(Self.event(2, 0, .created(["rate": 0.5, "kind": "adam"])))
        try runs.write(isUpToDate: true)
        let created = EventRecord.sessionStart(
            named: "member-0000 (p)", [("rate", .number(0.5)), ("kind", .text("adam"))],
            at: Self.time(2))
        #expect(try session(of: 0) == Self.file(2, created))
        runs.take(
            Self.event(3, 0, Self.report(step: 1, score: 1, ["rate": 0.6, "kind": "sgd"])))
        try runs.write(isUpToDate: false)
        #expect(try session(of: 0) == Self.file(2, created))
        try runs.write(isUpToDate: true)
        let reported = EventRecord.sessionStart(
            named: "member-0000 (p)", [("rate", .number(0.6)), ("kind", .text("sgd"))],
            at: Self.time(2))
        #expect(try session(of: 0) == Self.file(2, reported))
    }

    @Test mutating func `A session ends once, when its member trains no more`() throws {
        for member in 0...1 {
            runs.take(Self.event(2, member, .created(["rate": 0.5])))
            runs.take(Self.event(3, member, .released(reason: "finished")))
        }
        // It may finish later than was meant at first.
        runs.take(Self.event(4, 1, .leased(worker: "w")))
        try runs.write(isUpToDate: true)
        #expect(try scalars(of: 0) == Self.file(3, .sessionEnd(at: Self.time(3))))
        #expect(throws: (any Error).self) { try scalars(of: 1) }
        runs.end(at: Self.time(5))
        try runs.write(isUpToDate: true)
        #expect(try scalars(of: 0) == Self.file(3, .sessionEnd(at: Self.time(3))))
        #expect(try scalars(of: 1) == Self.file(5, .sessionEnd(at: Self.time(5))))
    }

    @Test mutating func `The columns come with the first report, and again with a new metric`()
        throws
    {
        let name = "events.out.tfevents.1000.experiment.murmur"
        runs.take(Self.event(2, 0, .created(["rate": 0.5, "kind": "adam"])))
        try runs.write(isUpToDate: true)
        #expect(throws: (any Error).self) { try contents(name) }
        runs.take(Self.event(3, 0, Self.report(step: 1, score: 1, ["rate": 0.6, "kind": "sgd"])))
        try runs.write(isUpToDate: true)
        #expect(try contents(name) == Self.file(2, Self.columns([])))
        runs.take(
            Self.event(
                4, 0,
                Self.report(
                    step: 2, score: 1, ["rate": 0.6, "kind": "sgd"],
                    metrics: [Event.Metric(name: "loss", value: 1)])))
        try runs.write(isUpToDate: true)
        #expect(
            try contents(name)
                == Self.file(2, Self.columns([.init(tag: "metrics/loss", title: "loss")])))
    }

    private static func columns(_ metrics: [Experiment.Metric]) -> EventRecord {
        .experiment(
            Experiment(
                name: "p",
                hyperparameters: [
                    .init(name: "rate", type: .number, bounds: 0...1, differs: true),
                    .init(name: "kind", type: .text, bounds: nil, differs: true),
                ],
                metrics: [.init(tag: "score")] + metrics
                    + [.init(tag: "hyperparameters/rate", title: "rate now")]), at: time(2))
    }
}
