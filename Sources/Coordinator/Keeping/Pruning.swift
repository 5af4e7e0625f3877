import Evolution
import Foundation
import Journal
import Records

/// Replaces the oldest events of a journal by a baseline: what they led to. The events among them
/// that lineage needs stay.
///
/// It holds the directory's lock, so that no coordinator writes meanwhile.
package struct Pruning {
    /// Which events are young enough to stay. An event stays when any of these says so.
    package struct Policy: Sendable {
        /// Those of this time before now.
        package var time: Duration?
        /// So many of the last ones.
        package var events: Int?

        package init(time: Duration? = nil, events: Int? = nil) {
            self.time = time
            self.events = events
        }
    }

    /// Events up to this one are pruned.
    package private(set) var sequence = 0
    /// Those that there are.
    package private(set) var events = 0
    /// Those of them that go, and those of the pruned ones that stay.
    package private(set) var going = 0
    package private(set) var staying = 0

    private let directory: String
    private let journal: Journal
    private var baselines: [Baseline] = []
    /// By sequence, whether it stays.
    private var isKept: [Bool] = []

    /// Finds what would go.
    ///
    /// - Parameters:
    ///   - isRehearsal: Nothing will be changed, so that a coordinator may run.
    ///   - time: Milliseconds since 1970 UTC.
    ///   - willMigrate: Called before a journal of an older version is brought up to date.
    ///   - progress: Called now and then with the last event that was read and the last one of all.
    package init(
        directory: String, _ policy: Policy, now time: Int64, isRehearsal: Bool,
        willMigrate: () -> Void = {},
        progress: (_ event: Int, _ last: Int) -> Void = { _, _ in }
    ) throws(PruningError) {
        self.directory = directory
        do throws(JournalError) {
            // One that is missing is not made.
            guard try !Journal.isNew(directory) else { throw .noJournal(directory) }
            journal = try Journal(
                directory: directory, access: isRehearsal ? .read : .write, willMigrate: willMigrate
            )
            let journal = journal
            sequence = try Self.lastSequence(in: journal, policy, now: time)
            guard sequence > journal.pruned else {
                sequence = journal.pruned
                return
            }
            isKept = Array(repeating: false, count: sequence + 1)
            let plan = try journal.reading { () throws(JournalError) in
                try Plan(journal, through: sequence, progress)
            }
            if plan.faults > 0 { throw JournalError.corrupt(directory, reason: "") }
            baselines = plan.baselines
            for sequence in plan.kept { isKept[sequence] = true }
            events = plan.events
            staying = plan.kept.count
            going = plan.prefix - staying
        } catch .inUse(_, let process) {
            throw .inUse(directory, process: process)
        } catch .corrupt {
            throw .faulty(directory)
        } catch {
            throw .journal(error)
        }
    }

    private static func lastSequence(
        in journal: Journal, _ policy: Policy, now time: Int64
    ) throws(JournalError) -> Int {
        var last = journal.sequence
        if let events = policy.events { last = min(last, journal.sequence - events) }
        if let duration = policy.time {
            last = min(last, try journal.lastSequence(before: time - duration.milliseconds))
        }
        return last
    }

    /// Prunes.
    ///
    /// - Returns: The sizes of the journal before and after, and whether it could be made smaller
    ///   at once; not while something reads it.
    package func prune() throws(PruningError) -> (before: Int, after: Int, isCut: Bool) {
        do throws(JournalError) {
            let before = journal.bytes
            let isKept = isKept
            let copy = try PrunedCopy(
                of: journal, through: sequence, baselines: baselines
            ) { isKept.indices.contains($0) && isKept[$0] }
            // Whatever it may be that is wrong, it must not take the journal's place.
            guard try Inspection(copy.journal).faults.isEmpty else {
                throw .corrupt(directory, reason: "")
            }
            let isCut = try copy.replace(journal)
            return (before, journal.bytes, isCut)
        } catch .full {
            throw .full(directory)
        } catch .corrupt {
            throw .faulty(directory)
        } catch {
            throw .journal(error)
        }
    }
}

/// What a journal is after some event, and which events up to it stay.
private struct Plan {
    private(set) var baselines: [Baseline] = []
    private(set) var kept: [Int] = []
    /// All events, and those up to that one.
    private(set) var events = 0
    private(set) var prefix = 0
    private(set) var faults = 0

    private static let eventsPerPage = 1000

    init(
        _ journal: Journal, through sequence: Int, _ progress: (Int, Int) -> Void
    ) throws(JournalError) {
        faults += try journal.malformedRows(limit: 1).count
        faults += try journal.misplacedEvents(limit: 1).count
        guard faults == 0 else { return }
        let before = Dictionary(
            uniqueKeysWithValues: try journal.baselines().map { ($0.population, $0) })
        var replays: [Replay] = []
        for record in try journal.populations() {
            guard record.id == replays.count,
                let specification = try? SpaceFile.parse(text: record.specification, source: "")
            else {
                faults += 1
                return
            }
            let first = try journal.firstSettings(of: record.id)
            replays.append(Replay(record, specification, first: first, before[record.id]))
        }
        var needed = replays.map { _ in NeededEvents() }
        func beginAtBaseline() {
            for index in replays.indices { faults += replays[index].beginAtBaseline().count }
        }
        var last = 0
        pages: while true {
            let page = try journal.events(after: last, limit: Self.eventsPerPage)
            for record in page {
                if last <= journal.pruned, record.sequence > journal.pruned { beginAtBaseline() }
                guard record.sequence <= sequence else { break pages }
                last = record.sequence
                guard replays.indices.contains(record.population) else {
                    faults += 1
                    return
                }
                let id = record.event.member
                func member(_ replay: Replay) -> Member? {
                    let members = replay.population.members
                    return id.flatMap { members.indices.contains($0) ? members[$0] : nil }
                }
                let before = member(replays[record.population])
                faults +=
                    (record.sequence <= journal.pruned
                    ? replays[record.population].applyKept(record)
                    : replays[record.population].apply(record)).count
                guard faults == 0 else { return }
                needed[record.population].add(
                    record, before: before, after: member(replays[record.population]))
                prefix += 1
            }
            progress(min(last, sequence), sequence)
            guard !page.isEmpty else { break }
        }
        for (index, replay) in replays.enumerated() {
            kept += needed[index].sequences(of: replay.population)
            baselines.append(Baseline(replay.population, of: index))
        }
        events = try journal.eventCount()
    }
}

/// Why a journal is not pruned. It is then as it was.
package enum PruningError: Error, Hashable, Sendable {
    case inUse(String, process: String?)
    case faulty(String)
    case full(String)
    case journal(JournalError)
}

extension PruningError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path, let process):
            "The data directory \(path) is in use" + (process.map { " (process \($0))" } ?? "")
                + "; stop its coordinator, prune, and start it again."
        case .faulty(let path):
            "The journal in \(path) has faults, so it is left as it was; murmur check \(path) says "
                + "which."
        case .full(let path):
            "The disk that holds \(path) has no room for what stays of the journal, which is left as "
                + "it was; free some space and prune again."
        case .journal(let error): error.description
        }
    }
}
