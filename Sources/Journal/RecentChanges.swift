import Evolution
import Foundation
import GRDB

/// Changes of the present state that stand in the journal's table `recent`, and not yet in the tables
/// of members, leases and releases: the last one of each counts.
struct RecentChanges {
    /// The first of the events that came with them, which are not in `event_of_member` yet; `nil` when
    /// nothing waits.
    var firstEvent: Int?
    /// By population and number.
    private(set) var members: [Int: [Int: Member]] = [:]
    /// By token, and `nil` for one that is forgotten.
    private(set) var leases: [Int: LeaseRecord?] = [:]
    /// By number, and `nil` for one that is forgotten.
    private(set) var releases: [Int: ReleaseRecord?] = [:]
    /// The numbers of those that are not in their table.
    private var newReleases: Set<Int> = []

    /// How many rows wait.
    var count: Int {
        members.values.reduce(leases.count + releases.count) { $0 + $1.count }
    }

    /// Adds a batch's changes, of which those of anything else are left out.
    ///
    /// - Parameter firstEvent: the first event that waits with them, or already did.
    mutating func add(_ changes: [Change], firstEvent: Int) {
        self.firstEvent = firstEvent
        // By index: an element that is left out is not copied first.
        for index in changes.indices where changes[index].isOfPresentState { add(changes[index]) }
    }

    private mutating func add(_ change: Change) {
        switch change {
        case .member(let population, let member):
            members[population, default: [:]][member.id] = member
        case .lease(let record): leases[record.row] = .some(record)
        case .forgetLease(let token): leases[Int(bitPattern: UInt(token))] = .some(nil)
        case .release(let record):
            // One that is handed over is forgotten, and comes again under its number.
            if releases.index(forKey: record.row) == nil { newReleases.insert(record.row) }
            releases[record.row] = .some(record)
        case .forgetRelease(let number):
            let row = Int(bitPattern: UInt(number))
            if newReleases.remove(row) == nil {
                releases[row] = .some(nil)
            } else {
                releases.removeValue(forKey: row)
            }
        case .population, .event, .answer, .forgetAnswer, .key, .forgetKey:
            preconditionFailure("the present state does not have it")
        }
    }
}

extension RecentChanges {
    /// What the table holds.
    static func read(from database: Database) throws -> RecentChanges {
        var recent = RecentChanges()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT first_event, changes FROM recent ORDER BY number")
        while let row = try rows.next() {
            let firstEvent = try row.count("first_event")
            recent.add(
                try ChangeReader.changes(in: [UInt8](try row.get("changes") as Data)),
                firstEvent: recent.firstEvent ?? firstEvent)
        }
        return recent
    }

    /// Each member has a value for each name.
    func fits(_ names: [Int: JSONKeys]) -> Bool {
        members.allSatisfy { population, members in
            guard let count = names[population]?.count else { return false }
            return members.values.allSatisfy { member in
                member.hyperparameters.count == count
                    && [member.latest, member.previous].allSatisfy { state in
                        state.map { $0.hyperparameters.count == count } ?? true
                    }
            }
        }
    }
}

extension Change {
    /// It changes the present state, and may wait in `recent`.
    var isOfPresentState: Bool {
        switch self {
        case .member, .lease, .forgetLease, .release, .forgetRelease: true
        case .population, .event, .answer, .forgetAnswer, .key, .forgetKey: false
        }
    }
}

extension LeaseRecord {
    /// Its row's number: SQLite has signed ones.
    var row: Int { Int(bitPattern: UInt(token)) }
}

extension ReleaseRecord {
    var row: Int { Int(bitPattern: UInt(number)) }
}

/// When changes of the present state wait in `recent` for others, which saves writing a row again and
/// again, and pages of which little changes.
package struct Deferral: Sendable {
    /// A batch of so many changes is large.
    package var leastBatch: Int
    /// So many of the last eight batches are large, or what waits is written to its tables: with
    /// little to do, every row is where people look for it.
    package var leastBatches: Int
    /// So many changes of all kinds may wait, however few rows they are of. All commits wait for the
    /// one that writes them.
    package var few: Int
    /// More may while their rows changed less often than this, so that each is written once for many.
    package var changesOfRow: Int
    /// So many may at most. It bounds what a reader must add to the tables, and how long a commit takes
    /// that writes them.
    package var most: Int

    package init(
        leastBatch: Int = 64, leastBatches: Int = 2, few: Int = 16_384, changesOfRow: Int = 12,
        most: Int = 40_960
    ) {
        self.leastBatch = leastBatch
        self.leastBatches = leastBatches
        self.few = few
        self.changesOfRow = changesOfRow
        self.most = most
    }

    /// How many changes of so many rows may wait.
    func limit(rows: Int) -> Int { min(most, max(few, changesOfRow * rows)) }
}
