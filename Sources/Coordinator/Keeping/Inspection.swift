import Evolution
import Journal
import Records

/// Verifies a journal: what is stored is what its events lead to.
///
/// It reads one moment of the journal, also beside a coordinator that is writing. What it keeps in
/// memory grows with the members, not with the events.
package struct Inspection: Sendable {
    package private(set) var populations = 0
    package private(set) var members = 0
    package private(set) var events = 0
    /// The sequence up to which events were pruned; 0 when none were.
    package private(set) var pruned = 0
    /// Those that are live.
    package private(set) var leases = 0
    package private(set) var faults: [Fault] = []
    /// Faults beyond those that are named.
    package private(set) var further = 0

    /// Faults that are named at most: one broken event can lead to one for each member.
    static let mostFaults = 50
    private static let eventsPerPage = 1000

    /// `nil` for a population whose specification cannot be read.
    private var replays: [Replay?] = []
    /// Where each population's is, by its id.
    private var indices: [Int: Int] = [:]
    /// By the event that they came of.
    private var releases: [UInt64: [ReleaseRecord]] = [:]

    private init() {}

    /// - Parameter progress: Called now and then with the last event that was read and the last
    ///   one of all.
    /// - Throws: what keeps the journal from being read at all.
    package init(
        directory: String, progress: (_ event: Int, _ last: Int) -> Void = { _, _ in }
    ) throws(CoordinatorError) {
        do throws(JournalError) {
            let journal = try Journal(directory: directory, access: .inspect)
            try self.init(
                journal, hasLostLog: Journal.hasLostLog(directory), progress: progress)
        } catch {
            throw .journal(error)
        }
    }

    init(
        _ journal: Journal, hasLostLog: Bool = false,
        progress: (_ event: Int, _ last: Int) -> Void = { _, _ in }
    ) throws(JournalError) {
        var inspection = Inspection()
        if hasLostLog { inspection.add([.lostLog]) }
        try journal.reading { () throws(JournalError) in
            do throws(JournalError) {
                try inspection.inspect(journal, progress)
            } catch .corrupt(_, let reason) {
                inspection.add([.unreadable(reason)])
            }
        }
        self = inspection
    }

    private mutating func add(_ found: [Fault]) {
        let room = Self.mostFaults - faults.count
        faults += found.prefix(room)
        further += max(0, found.count - room)
    }

    private mutating func inspect(
        _ journal: Journal, _ progress: (Int, Int) -> Void
    ) throws(JournalError) {
        progress(0, journal.sequence)
        // What is found here would make the rest stop, or say the same again.
        let isAllThere = faults.isEmpty
        add(try journal.brokenPages(limit: Self.mostFaults).map(Fault.pages))
        guard faults.isEmpty == isAllThere else { return }
        let rows = try journal.malformedRows(limit: Self.mostFaults)
        add(rows.map { Fault.row(table: $0.table, row: $0.row) })
        guard faults.isEmpty == isAllThere else { return }
        add(try journal.misplacedEvents(limit: Self.mostFaults).map(Fault.misplaced))

        try readPopulations(journal)
        for release in try journal.releases() {
            // The event may have been pruned.
            let event = Core.event(ofRelease: release.number)
            let isOld = event > 0 && event <= UInt64(clamping: pruned)
            if isOld, indices[release.population] != nil { continue }
            releases[Core.event(ofRelease: release.number), default: []].append(release)
        }
        guard try replay(journal, progress) else { return }
        add(
            releases.values.joined().map(\.number).sorted()
                .map(Fault.releaseOfNothing(number:)))
        try compareMembers(journal)
        compare(try journal.leases())
    }

    private mutating func readPopulations(_ journal: Journal) throws(JournalError) {
        pruned = journal.pruned
        var baselines = Dictionary(
            uniqueKeysWithValues: try journal.baselines().map { ($0.population, $0) })
        defer {
            let others = baselines.keys.sorted()
            add(others.map { .baseline(of: "population number \($0), which does not exist") })
        }
        let strays = try journal.strayBaselineMembers()
        if strays > 0 {
            add([.baseline(of: "\(strays) members that are of none of its populations")])
        }
        for record in try journal.populations() {
            if record.id != populations {
                add([.numbering(population: record.name, id: record.id, expected: populations)])
            }
            indices[record.id] = populations
            populations += 1
            let first = try firstSettings(of: record, in: journal)
            do throws(SpaceFileError) {
                let specification = try SpaceFile.parse(
                    text: record.specification, source: "the journal's \(record.name).yaml")
                replays.append(
                    Replay(
                        record, specification, first: first,
                        baselines.removeValue(forKey: record.id)))
            } catch {
                baselines[record.id] = nil
                replays.append(nil)
                add([.specification(population: record.name, reason: error.description)])
            }
        }
    }

    private func firstSettings(
        of record: PopulationRecord, in journal: Journal
    ) throws(JournalError) -> SettingValues {
        do throws(JournalError) {
            return try journal.firstSettings(of: record.id)
        } catch .corrupt {
            // Which event cannot be read is said when it is that one's turn.
            return [:]
        }
    }

    // MARK: Events

    /// - Returns: false when there is an event that cannot be read.
    private mutating func replay(
        _ journal: Journal, _ progress: (Int, Int) -> Void
    ) throws(JournalError) -> Bool {
        var last = 0
        var limit = Self.eventsPerPage
        var isAtBaseline = false
        func beginAtBaseline() {
            for index in replays.indices {
                if let faults = replays[index]?.beginAtBaseline() { add(faults) }
            }
            isAtBaseline = true
        }
        while true {
            let page: [EventRecord]
            do throws(JournalError) {
                page = try journal.events(after: last, limit: limit)
            } catch .corrupt(_, let reason) {
                guard limit == 1 else {
                    // Which one it is shows when they are read one by one.
                    limit = 1
                    continue
                }
                add([.unreadableEvent(after: last, reason: reason)])
                return false
            }
            guard !page.isEmpty else {
                if !isAtBaseline { beginAtBaseline() }
                return true
            }
            for record in page {
                if record.sequence > pruned, !isAtBaseline {
                    beginAtBaseline()
                    last = pruned
                }
                if record.sequence != last + 1, isAtBaseline {
                    add([.gap(after: last, next: record.sequence)])
                }
                last = record.sequence
                apply(record)
            }
            events += page.count
            progress(last, max(last, journal.sequence))
        }
    }

    private mutating func apply(_ record: EventRecord) {
        guard let index = indices[record.population] else {
            return add([.noPopulation(event: record.sequence, id: record.population)])
        }
        let isKept = record.sequence <= pruned
        let faults =
            isKept ? replays[index]?.applyKept(record) : replays[index]?.apply(record)
        if let faults { add(faults) }
        compareReleases(of: record)
    }

    /// A checkpoint is released when nothing holds it. It may be held again later, by a report that
    /// names the same address; its release is dropped when it would be told.
    private mutating func compareReleases(of record: EventRecord) {
        guard let sequence = UInt64(exactly: record.sequence),
            let noted = releases[sequence]
        else { return }
        releases[sequence] = noted.filter { $0.population != record.population }
        // One that cannot be replayed may hold anything.
        guard replays.allSatisfy({ $0?.isBroken == false }) else { return }
        for release in noted where release.population == record.population {
            let isHeld = replays.contains {
                $0?.population.checkpoints.holds(release.checkpoint) == true
            }
            guard isHeld else { continue }
            add([.releaseOfHeld(number: release.number, checkpoint: release.checkpoint)])
        }
    }

    // MARK: What is stored

    private mutating func compareMembers(_ journal: Journal) throws(JournalError) {
        for replay in replays.compactMap(\.self) {
            let stored = try journal.members(of: replay.record.id)
            members += stored.count
            let counts = try journal.counts(of: replay.record.id)
            add(replay.differences(members: stored, counts: counts))
        }
    }

    private mutating func compare(_ stored: [LeaseRecord]) {
        var live: [Int: [Int: LeaseRecord]] = [:]
        for lease in stored {
            guard let index = indices[lease.population] else {
                add([.lease(population: lease.population, member: lease.member)])
                continue
            }
            guard let replay = replays[index], !replay.isBroken else { continue }
            guard replay.population.members.indices.contains(lease.member) else {
                add([.lease(population: lease.population, member: lease.member)])
                continue
            }
            guard lease.state == .live else { continue }
            leases += 1
            let other = live[lease.population, default: [:]].updateValue(
                lease, forKey: lease.member)
            if other != nil {
                add([.twoLeases(population: replay.record.name, member: lease.member)])
            }
        }
        for replay in replays.compactMap(\.self) where !replay.isBroken {
            add(replay.faults(of: live[replay.record.id] ?? [:]))
        }
    }
}

extension Replay {
    /// Live leases that the events do not know, and the other way round.
    fileprivate func faults(of live: [Int: LeaseRecord]) -> [Fault] {
        let unled = live.values.filter { workers[$0.member] != $0.worker }
            .sorted { $0.member < $1.member }
        let missing = workers.filter { live[$0.key] == nil }.sorted { $0.key < $1.key }
        return unled.map {
            .unledLease(population: record.name, member: $0.member, worker: $0.worker)
        }
            + missing.map {
                .missingLease(population: record.name, member: $0.key, worker: $0.value)
            }
    }
}
