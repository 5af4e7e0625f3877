import Evolution
import Foundation
import GRDB
import Records

/// Changes of the present state that stand in the journal's table `recent`, and not yet in the tables
/// of populations, members, leases and releases: the last one of each counts.
struct RecentChanges {
    /// The first of the events that came with them, which are not in the tables of places yet; `nil` when
    /// nothing waits.
    var firstEvent: Int?
    /// By number.
    private(set) var populations: [Int: PopulationState] = [:]
    /// By population and number.
    private(set) var members: [Int: [Int: Member]] = [:]
    private var memberCount = 0
    /// By token, and `nil` for one that is forgotten.
    private(set) var leases: [Int: LeaseRecord?] = [:]
    /// By number, and `nil` for one that is forgotten.
    private(set) var releases: [Int: ReleaseRecord?] = [:]
    /// The numbers of those that are not in their table.
    private var newReleases: Set<Int> = []

    /// How many rows wait.
    var count: Int { populations.count + memberCount + leases.count + releases.count }

    /// Adds a batch's changes, of which those of anything else are left out.
    ///
    /// - Parameter firstEvent: the first event that waits with them, or already did.
    mutating func add(_ changes: [Change], firstEvent: Int) {
        self.firstEvent = firstEvent
        // By index: an element that is left out is not copied first.
        for index in changes.indices { add(changes[index]) }
    }

    private mutating func add(_ change: Change) {
        switch change {
        case .population(let record): add(record.state)
        case .member(let population, let member):
            if members[population, default: [:]].updateValue(member, forKey: member.id) == nil {
                memberCount += 1
            }
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
        case .event, .answer, .forgetAnswer, .key, .forgetKey: break
        }
    }

    private mutating func add(_ state: PopulationState) { populations[state.id] = state }
}

extension RecentChanges {
    /// What the table holds.
    static func read(from database: Database) throws -> RecentChanges {
        var recent = RecentChanges()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT first_event, changes FROM recent ORDER BY number")
        while let row = try rows.next() {
            let firstEvent = try row.count("first_event")
            try recent.add(
                writtenAs: [UInt8](try row.get("changes") as Data),
                firstEvent: recent.firstEvent ?? firstEvent)
        }
        return recent
    }

    /// Adds what a `ChangeWriter` wrote.
    mutating func add(writtenAs bytes: [UInt8], firstEvent: Int) throws {
        self.firstEvent = firstEvent
        for change in try ChangeReader.changes(in: bytes) {
            switch change {
            case .population(let state): add(state)
            case .whole(let change): add(change)
            }
        }
    }

    /// Each member has a value for each name.
    func fits(_ names: [Int: JSONKeys]) -> Bool {
        let bestFit = populations.allSatisfy { id, state in
            guard let count = names[id]?.count else { return false }
            let states = [state.best].compactMap(\.self) + state.archive.map(\.state)
            return states.allSatisfy { $0.hyperparameters.count == count }
        }
        return bestFit
            && members.allSatisfy { population, members in
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

extension LeaseRecord {
    /// Its row's number: SQLite has signed ones.
    var row: Int { Int(bitPattern: UInt(token)) }
}

extension ReleaseRecord {
    var row: Int { Int(bitPattern: UInt(number)) }
}

/// How long changes of the present state wait in `recent` for others, which saves writing a row again and
/// again, and pages of which little changes. Who has them committed ends it when there is little to do
/// (`Journal.settle`), so that every row is where people look for it.
package struct Deferral: Sendable {
    /// So many changes of all kinds may wait, however few rows they are of. All commits wait for the
    /// one that writes them.
    package var few: Int
    /// More may while their rows changed less often than this, so that each is written once for many.
    package var changesOfRow: Int
    /// So many may at most. It bounds what a reader must add to the tables, and how long a commit takes
    /// that writes them.
    package var most: Int

    package init(few: Int = 16_384, changesOfRow: Int = 12, most: Int = 40_960) {
        self.few = few
        self.changesOfRow = changesOfRow
        self.most = most
    }

    /// How many changes of so many rows may wait.
    func limit(rows: Int) -> Int { min(most, max(few, changesOfRow * rows)) }
}
