import Evolution
import Journal
import Records

/// Decides once more on all that a journal's populations were told, and compares that with what was decided
/// then.
///
/// It reads one moment of the journal, also beside a coordinator that is writing.
package struct JournalRerun: Sendable {
    /// What came of a population.
    package struct Outcome: Sendable {
        package var name: String
        /// Decisions that are the same again.
        package var decisions = 0
        /// Reports that were decided on before reasons were recorded, which are not decided again.
        package var withoutReasons = 0
        /// Where another decision came, after which nothing was compared.
        package var difference: (event: Int, Rerun.Difference)?
        /// Why the rest could not be followed.
        package var obstacle: String?
    }

    package private(set) var outcomes: [Outcome] = []
    /// The sequence up to which events were pruned, and nothing is decided again; 0 when none were.
    package private(set) var pruned = 0

    private var runs: [Int: Run] = [:]
    private static let eventsPerPage = 1000

    fileprivate struct Run {
        var outcome: Outcome
        /// Until the pruned events are over.
        var replay: Replay?
        var rerun: Rerun?
        var last = 0

        var isOver: Bool { outcome.difference != nil || outcome.obstacle != nil }
    }

    /// - Parameter progress: Called now and then with the last event that was read and the last one of all.
    /// - Throws: what keeps the journal from being read.
    package init(
        directory: String, progress: (_ event: Int, _ last: Int) -> Void = { _, _ in }
    ) throws(CoordinatorError) {
        do throws(JournalError) {
            let journal = try Journal(directory: directory, access: .read)
            try self.init(journal, progress: progress)
        } catch {
            throw .journal(error)
        }
    }

    init(
        _ journal: Journal, progress: (_ event: Int, _ last: Int) -> Void = { _, _ in }
    ) throws(JournalError) {
        var all = JournalRerun()
        try journal.reading { () throws(JournalError) in
            try all.read(journal, progress)
        }
        self = all
    }

    private init() {}

    private mutating func read(
        _ journal: Journal, _ progress: (Int, Int) -> Void
    ) throws(JournalError) {
        pruned = journal.pruned
        try begin(journal)
        var last = 0
        var isAtBaseline = false
        while true {
            let page = try journal.events(after: last, limit: Self.eventsPerPage)
            if page.isEmpty { break }
            for record in page {
                if record.sequence > pruned, !isAtBaseline {
                    beginAtBaseline()
                    isAtBaseline = true
                }
                runs[record.population]?.follow(record)
                last = record.sequence
            }
            progress(last, max(last, journal.sequence))
        }
        if !isAtBaseline { beginAtBaseline() }
        outcomes = runs.sorted { $0.key < $1.key }.map(\.value.concluded)
    }

    private mutating func begin(_ journal: Journal) throws(JournalError) {
        let baselines = Dictionary(
            try journal.baselines().map { ($0.population, $0) },
            uniquingKeysWith: { first, _ in first })
        for record in try journal.populations() {
            var run = Run(outcome: Outcome(name: record.name))
            let first = try journal.firstSettings(of: record.id)
            do throws(SpaceFileError) {
                let specification = try SpaceFile.parse(
                    text: record.specification, source: "the journal's \(record.name).yaml")
                run.replay = Replay(record, specification, first: first, baselines[record.id])
            } catch {
                run.outcome.obstacle = error.description
            }
            runs[record.id] = run
        }
    }

    private mutating func beginAtBaseline() {
        for id in runs.keys { runs[id]?.beginAtBaseline(isPruned: pruned > 0) }
    }
}

extension JournalRerun.Run {
    fileprivate mutating func beginAtBaseline(isPruned: Bool) {
        guard !isOver, var replay else { return }
        if isPruned, let fault = replay.beginAtBaseline().first {
            outcome.obstacle = "\(fault)"
        }
        rerun = Rerun(replay.population)
        self.replay = nil
    }

    fileprivate mutating func follow(_ record: EventRecord) {
        guard !isOver else { return }
        if let fault = replay?.applyKept(record).first { outcome.obstacle = "\(fault)" }
        guard let reason = rerun?.population.refusal(of: record.event) else {
            last = record.sequence
            if let difference = rerun?.follow(record.event) {
                outcome.difference = (record.sequence, difference)
            }
            return
        }
        outcome.obstacle = "event \(record.sequence) cannot be followed: \(reason)"
    }

    fileprivate var concluded: JournalRerun.Outcome {
        var outcome = outcome
        outcome.decisions = rerun?.decisions ?? 0
        outcome.withoutReasons = rerun?.withoutReasons ?? 0
        if !isOver, let missing = rerun?.missing { outcome.difference = (last, missing) }
        return outcome
    }
}
