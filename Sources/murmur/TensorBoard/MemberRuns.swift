import Foundation
import Murmuration
import TensorBoard

/// Writes what happened to a population's members as TensorBoard shows it: a run for each.
///
/// A report becomes its scalars. A member's run is a session of the HParams dashboard, with the
/// hyperparameters of its last report, so that they go with the score that is shown beside them.
/// There is no record of the whole experiment: of several in a directory TensorBoard takes one and
/// hides the others' hyperparameters, and it never reads one again when a metric joins. Without one
/// it finds hyperparameters and metrics in the runs, as they come.
struct MemberRuns {
    private var logdir: PopulationLogdir
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

    init(in logdir: PopulationLogdir) {
        self.logdir = logdir
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
            stale.insert(member)
        case .reported(let report):
            add(
                EventRecord.scalars(report.scalars, step: report.step, at: event.time),
                of: member, at: event.time)
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
        case .declined, .released, .paused, .resumed, .ended, .changed: break
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
        if isUpToDate { try writeSessions() }
        for (member, addition) in pending.sorted(by: { $0.key < $1.key }) {
            try logdir.append(addition.records, to: member, at: addition.time)
        }
        pending = [:]
        pendingBytes = 0
    }

    private mutating func writeSessions() throws(EventFileError) {
        for member in stale.sorted() {
            guard let run = runs[member] else { continue }
            try logdir.replaceSession(
                of: member,
                with: .sessionStart(
                    run.hyperparameters.map { ($0.name, $0.value.hparam) }, at: run.beginning),
                at: run.beginning)
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

extension Event.Report {
    /// The score, the other metrics, and the hyperparameters that are numbers.
    fileprivate var scalars: [Scalar] {
        [Scalar(tag: "score", value: score)]
            + metrics.map { Scalar(tag: "metrics/\($0.name)", value: $0.value) }
            + hyperparameters.compactMap { name, value in
                value.scalar.map { Scalar(tag: "hyperparameters/\(name)", value: $0) }
            }
    }
}

extension HyperparameterValue {
    /// `nil` for a text, which no scalar can be.
    fileprivate var scalar: Double? {
        switch self {
        case .number, .integer: number
        case .flag(let flag): flag ? 1 : 0
        case .text: nil
        }
    }

    fileprivate var hparam: HParam {
        switch self {
        case .number(let number): .number(number)
        case .integer(let integer): .number(Double(integer))
        case .text(let text): .text(text)
        case .flag(let flag): .flag(flag)
        }
    }
}
