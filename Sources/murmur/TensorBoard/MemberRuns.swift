import Foundation
import Histories
import Murmuration
import TensorBoard

/// Writes what happened to a population's members as TensorBoard shows it: a run for each.
///
/// A report becomes its scalars. A member's run is a session of the HParams dashboard, with the
/// hyperparameters of its last report, so that they go with the score that is shown beside them.
struct MemberRuns {
    private let population: String
    private var logdir: PopulationLogdir
    private var columns: HParamsColumns
    private var runs: [Int: Run] = [:]
    /// Records that are to be written, by their member.
    private var pending: [Int: (records: [UInt8], time: Date)] = [:]
    private var pendingBytes = 0
    /// Members whose session's file is missing or not right any more.
    private var stale: Set<Int> = []
    /// Members that have ended since their scalars were written last.
    private var ended: Set<Int> = []
    private(set) var reports = 0

    /// What is known of a member.
    private struct Run {
        var beginning: Date
        var hyperparameters = Hyperparameters()
        /// When it had nothing more to train.
        var end: Date?
        var isEndWritten = false
    }

    /// So much is kept in memory before it is written.
    private static let mostPendingBytes = 4 << 20

    init(of population: Population, in logdir: PopulationLogdir) {
        self.population = Terminal.escaped(population.name)
        self.logdir = logdir
        columns = HParamsColumns(space: population.space)
    }

    var path: String { logdir.path }
    var members: Int { runs.count }

    /// There is more in memory than should be.
    var isFull: Bool { pendingBytes >= Self.mostPendingBytes }

    mutating func take(_ event: Event) {
        guard let member = event.member else { return }
        var run = runs[member] ?? Run(beginning: event.time)
        switch event.kind {
        case .created(let hyperparameters):
            run.hyperparameters = hyperparameters
            columns.take(hyperparameters)
            stale.insert(member)
        case .reported(let report):
            add(
                EventRecord.scalars(report.scalars, step: report.step, at: event.time),
                of: member, at: event.time)
            columns.take(report)
            reports += 1
            if run.hyperparameters != report.hyperparameters {
                run.hyperparameters = report.hyperparameters
                stale.insert(member)
            }
        case .leased:
            run.end = nil
            ended.remove(member)
        case .released(reason: "finished"), .removed:
            run.end = event.time
            if !run.isEndWritten { ended.insert(member) }
        case .declined, .released, .exploited, .paused, .resumed, .ended, .changed,
            .generationClosed:
            break
        }
        runs[member] = run
    }

    /// Ends the sessions of all members: the population trains no more.
    mutating func end(at time: Date) {
        for member in runs.keys where runs[member]?.end == nil {
            runs[member]?.end = time
            ended.insert(member)
        }
    }

    /// Writes what is pending, and with it, when nothing more is known, how members are now: a
    /// member may have finished once and go on after all.
    mutating func write(isUpToDate: Bool) throws(EventFileError) {
        if isUpToDate {
            try writeExperiment()
            try writeSessions()
        }
        for (member, addition) in pending.sorted(by: { $0.key < $1.key }) {
            try logdir.append(addition.records, to: member, at: addition.time)
        }
        pending = [:]
        pendingBytes = 0
    }

    /// Only when there are reports, since TensorBoard reads it once, and metrics come with them.
    private mutating func writeExperiment() throws(EventFileError) {
        guard columns.areNew, reports > 0, let beginning = runs.values.map(\.beginning).min() else {
            return
        }
        let experiment = columns.experiment(named: population)
        try logdir.replaceExperiment(with: .experiment(experiment, at: beginning), at: beginning)
        columns.areNew = false
    }

    private mutating func writeSessions() throws(EventFileError) {
        for member in stale.sorted() {
            guard let run = runs[member] else { continue }
            let session = EventRecord.sessionStart(
                named: "\(logdir.run(of: member)) (\(population))",
                run.hyperparameters.map { (Terminal.escaped($0.name), $0.value.hparam) },
                at: run.beginning)
            try logdir.replaceSession(of: member, with: session, at: run.beginning)
        }
        stale = []
        for member in ended {
            guard let time = runs[member]?.end else { continue }
            add(.sessionEnd(at: time), of: member, at: time)
            runs[member]?.isEndWritten = true
        }
        ended = []
    }

    private mutating func add(_ record: EventRecord, of member: Int, at time: Date) {
        pending[member, default: ([], time)].records += record.bytes
        pendingBytes += record.bytes.count
    }
}

/// What scalars are called. Pages and scripts show it, so that nothing in it steers anything.
enum Tag {
    static let score = "score"
    static func metric(_ name: String) -> String { "metrics/\(Terminal.escaped(name))" }
    static func hyperparameter(_ name: String) -> String {
        "hyperparameters/\(Terminal.escaped(name))"
    }
}

extension Event.Report {
    /// The score, the other metrics, and the hyperparameters that are numbers.
    fileprivate var scalars: [Scalar] {
        [Scalar(tag: Tag.score, value: score)]
            + metrics.map { Scalar(tag: Tag.metric($0.name), value: $0.value) }
            + hyperparameters.compactMap { name, value in
                value.scalar.map { Scalar(tag: Tag.hyperparameter(name), value: $0) }
            }
    }
}

extension HyperparameterValue {
    /// `nil` for a text, which no scalar can be.
    fileprivate var scalar: Double? {
        switch self {
        case .number, .integer: number
        case .flag(let flag): flag ? 1 : 0
        case .text, .list, .null: nil
        }
    }

    fileprivate var hparam: HParam {
        switch self {
        case .number(let number): .number(number)
        case .integer(let integer): .number(Double(integer))
        case .text(let text): .text(Terminal.escaped(text))
        case .flag(let flag): .flag(flag)
        case .list, .null: .text(Terminal.escaped(description))
        }
    }
}
