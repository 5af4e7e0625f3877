import Evolution
import Foundation
import GRDB
import Records

/// Durable storage of populations: an ordered table of events, and the members' present state
/// beside it, in SQLite.
///
/// One thread at a time uses it, and waits for the disk. What `commit` returned from survives a
/// crash of the process and of the machine.
///
/// The present state's rows are written once for many batches: until then a batch's changes of them
/// stand in the table `recent`, and whoever reads the journal adds those. So a commit writes a page of
/// events and one of changes, and not one for each row.
package final class Journal {
    package static let fileName = "journal.sqlite"
    /// Bytes of a page: the log takes two system calls for each. With SQLite's 4 KiB a report cost a
    /// tenth more under load, and with 16 KiB single reports did.
    static let pageSize = 8192

    /// The sequence of the last event that was committed; 0 before the first.
    package internal(set) var sequence = 0
    /// Events up to this sequence were pruned, but for those that lineage needs; 0 when none were.
    package private(set) var pruned = 0
    /// Where checkpoints are that were reported at other paths.
    package var moves = Moves()

    package let directory: String
    /// The file in the directory: `journal.sqlite`, or what that leads to where hosts share it.
    let path: String
    let queue: DatabaseQueue
    /// The names of each population's hyperparameters.
    var names: [Int: JSONKeys] = [:]
    let written = WrittenValues()
    let statements = RowStatements()
    /// The populations whose rows this run wrote: what else than their state is in them.
    var writtenPopulations: [Int: PopulationRecord] = [:]
    /// Those that were read last, and their text.
    var readValues: [(text: String, values: [Value])] = []
    /// Where reads go while `reading` holds one state of the journal.
    var snapshot: Database?
    /// What waits in the table `recent`: all of it where it is written, and what was read last where it
    /// is only read.
    var recent = RecentChanges()
    var newest = NewestEvents()
    /// The version of the file that a reader read that from.
    private var versionOfRecent: Int?
    /// Changes of all kinds that were committed since nothing waited.
    var waiting = 0
    let deferral: Deferral
    private let lock: Lock?
    /// In place of a lock, where hosts share the directory.
    let holder: Holder?
    /// A batch was written, and it is not known yet whether somebody else has the directory by now.
    var isUnconfirmed = false
    private let mark: UnclosedMark
    /// `nil` when it is only read.
    private var files: JournalFiles?

    /// Held for as long as the journal is.
    private final class Lock {
        let lock: DirectoryLock
        init(_ lock: consuming DirectoryLock) { self.lock = lock }
    }

    package enum Access: Sendable {
        /// Makes the directory and the journal when they are missing, and keeps others out.
        case write
        /// Reads what is there, also beside a coordinator that is writing.
        case read
        /// Reads also what a journal is that lost its newest commits.
        case inspect
    }

    /// - Parameters:
    ///   - willMigrate: is called before a journal of an older version is brought up to date, which
    ///     takes a while for a large one.
    ///   - willWait: is called, with who that is, before this waits to see whether another host's
    ///     coordinator still runs.
    /// - Throws: `inUse` when another coordinator writes here, `empty`, `missing` and `logMissing` when
    ///   something of it was lost, `logOfAnother` when something else is there, and what else keeps it
    ///   from opening.
    package init(
        directory: String, access: Access, deferral: Deferral = Deferral(),
        willMigrate: () -> Void = {}, willWait: (_ process: String) -> Void = { _ in }
    ) throws(JournalError) {
        self.directory = directory
        self.deferral = deferral
        mark = UnclosedMark(directory: directory)
        var configuration = Configuration()
        configuration.label = "journal"
        /// What the mark says must be in the journal, and what it says of one that a copy replaced.
        let least: UInt64
        var replaced: UInt64?
        let path: String
        switch access {
        case .write:
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw .noDirectory(directory, reason: "it cannot be made")
            }
            let isShared = Self.sharing(of: directory) != nil
            if isShared { try LockProbe.check(directory) }
            let holder =
                try isShared ? Holder(directory: directory, willWait: willWait) : nil
            let lock = try isShared ? nil : Lock(DirectoryLock(directory: directory))
            PrunedCopy.removeWhatIsLeft(beside: directory + "/" + Self.fileName)
            try Self.refuseLinks(in: directory)
            if try Self.isNew(directory) {
                try Self.begin(in: directory)
            } else {
                try Self.checkLog(directory)
                if let holder { try Self.checkIsClosed(directory, holder, mark) }
                if Self.isCopy(directory) {
                    replaced = try Self.adopt(directory, mark)
                } else if mark.isSet, !Self.hasLog(directory) {
                    throw .logMissing(directory)
                }
            }
            least = mark.epoch ?? 0
            lock?.lock.sign()
            configuration.journalMode = .wal
            if let holder {
                path = try Self.own(directory, by: holder)
                configuration.lockForGood()
            } else {
                path = directory + "/" + Self.fileName
            }
            (self.lock, self.holder) = (lock, holder)
        case .read, .inspect:
            guard try !Self.isNew(directory) else { throw .noJournal(directory) }
            try Self.refuseLinks(in: directory)
            try Self.checkLog(directory)
            if access == .read, Self.hasLostLog(directory) { throw .logMissing(directory) }
            // Before it is read: a run is in the journal before the mark says so.
            least = access == .read && !Self.isCopy(directory) ? mark.epoch ?? 0 : 0
            path = Self.path(in: directory)
            (lock, holder) = (nil, nil)
        }
        self.path = path
        queue = try Self.catching(in: directory) {
            access == .write
                ? try DatabaseQueue(path: path, configuration: configuration)
                : try DatabaseQueue.reading(directory)
        }
        if access == .write { try prepareToWrite(willMigrate) } else { try checkReadable() }
        try load()
        if try epoch() < least { throw .logMissing(directory) }
        if access == .write {
            if let replaced { try advanceEpoch(to: replaced) }
            try settleWhatIsLeft()
            files = JournalFiles(path)
            // Where it fails, as on a full disk, the mark stays.
            if mark.isSet { try? unmark() }
        }
    }

    deinit {
        guard isWriter else { return }
        // What fails here fails at the next start again, which says so. The mark of who has taken the
        // directory over stays.
        try? holder?.confirm()
        if loss == nil { try? unmark() }
        statements.removeAll()
        // SQLite removes the log then.
        guard (try? queue.close()) != nil, let holder else { return }
        try? holder.release()
    }

    private var isWriter: Bool { lock != nil || holder != nil }

    /// Nobody else can open the file meanwhile, in this process either.
    var isLockedForGood: Bool { holder != nil }

    /// Another coordinator has taken the directory over, so that nothing may be acknowledged any more;
    /// `nil` as long as this one has it.
    package var loss: JournalError? { holder?.loss }

    /// Takes the mark away, if all that is in the log is in the file too. It is not while something
    /// reads an older state.
    private func unmark() throws {
        let isWhole = try queue.writeWithoutTransaction { database in
            let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)")
            return row.map { $0[0] == 0 && $0[1] as Int == $0[2] as Int } ?? false
        }
        // What is written to files without a name is lost.
        guard isWhole, files?.isFileInPlace == true else { return }
        try mark.remove()
    }

    /// A copy of a directory's journal that is nowhere in the directory.
    init(_ copy: DatabaseQueue, of directory: String) throws(JournalError) {
        self.directory = directory
        path = Self.path(in: directory)
        queue = copy
        (lock, holder) = (nil, nil)
        deferral = Deferral()
        mark = UnclosedMark(directory: directory)
        try load()
    }

    private func prepareToWrite(_ willMigrate: () -> Void) throws(JournalError) {
        try checkVersion()
        try checkIsJournal()
        if try isOlder() { willMigrate() }
        try Self.catching(in: directory) {
            try queue.writeWithoutTransaction { database in
                // GRDB's own set-up leaves NORMAL, which can lose the last commits of a machine
                // that loses power. Where SQLite is built to write zeros over what is deleted, each page
                // of recent changes would be written once more for that.
                try database.execute(
                    sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF")
            }
            try Schema.migrator.migrate(queue)
        }
    }

    private func checkVersion() throws(JournalError) {
        let superseded = try Self.catching(in: directory) {
            try queue.read { try Schema.migrator.hasBeenSuperseded($0) }
        }
        if superseded { throw .newerVersion(directory) }
    }

    /// Another program's database, or one with nothing in it, is left alone.
    private func checkIsJournal() throws(JournalError) {
        let isJournal = try Self.catching(in: directory) {
            try queue.read { try !Schema.migrator.completedMigrations($0).isEmpty }
        }
        guard isJournal else { throw .notAJournal(directory + "/" + Self.fileName) }
    }

    private func checkReadable() throws(JournalError) {
        try checkVersion()
        try checkIsJournal()
        if try isOlder() { throw .olderVersion(directory) }
    }

    private func isOlder() throws(JournalError) -> Bool {
        try Self.catching(in: directory) {
            try queue.read { database in
                let done = try Schema.migrator.completedMigrations(database)
                return !done.isEmpty && done.count < Schema.migrator.migrations.count
            }
        }
    }

    func load() throws(JournalError) {
        try Self.catching(in: directory) {
            try queue.read { database in
                let numbers = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT (SELECT pruned FROM coordinator) AS pruned,
                            ifnull((SELECT max(sequence) FROM event), 0) AS last
                        """)
                pruned = try numbers?.index("pruned") ?? 0
                // The last event may be one that was pruned; its sequence is not used again.
                sequence = max(try numbers?.count("last") ?? 0, pruned)
                names = try Self.names(in: database)
                moves = try readMoves(from: database)
            }
        }
    }

    static func names(in database: Database) throws -> [Int: JSONKeys] {
        var names: [Int: JSONKeys] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT id, hyperparameters FROM population") {
            let text: String = try row.get("hyperparameters")
            names[try row.get("id")] = JSONKeys(text.split(separator: "\n").map(String.init))
        }
        return names
    }

    /// Starts a run of the coordinator, and marks the journal as not closed.
    ///
    /// - Returns: its number, one more than the run's before.
    package func beginEpoch() throws(JournalError) -> UInt64 {
        try Self.catching(in: directory) {
            try queue.write { try $0.execute(sql: "UPDATE coordinator SET epoch = epoch + 1") }
        }
        let epoch = try epoch()
        // So that no two runs have one number.
        try holder?.confirm()
        // The log is there now, and nothing that is acknowledged is in it yet.
        try mark.set(epoch: epoch)
        return epoch
    }

    /// The number of the present or last run.
    package func epoch() throws(JournalError) -> UInt64 {
        try Self.catching(in: directory) {
            try queue.read { database in
                try Int64.fetchOne(database, sql: "SELECT epoch FROM coordinator")
                    .map(UInt64.init(bitPattern:)) ?? 0
            }
        }
    }

    /// What a run of the coordinator left in `recent` goes to its tables.
    private func settleWhatIsLeft() throws(JournalError) {
        recent = try Self.catching(in: directory) {
            try queue.read { try RecentChanges.read(from: $0) }
        }
        guard recent.fits(names) else {
            throw damaged("recent changes of members that no population can have")
        }
        guard try isFirstEventRight() else {
            throw damaged("recent changes that begin with another event than they say")
        }
        try settle()
    }

    /// Whether the events before the first that waits are in the tables of places. That those after it are
    /// not is seen when they are put there.
    private func isFirstEventRight() throws(JournalError) -> Bool {
        guard let first = recent.firstEvent else { return true }
        return try Self.catching(in: directory) {
            try queue.read { database in
                try Bool.fetchOne(
                    database,
                    sql: """
                        SELECT EXISTS (
                            SELECT 1 FROM event_of_member AS place
                            WHERE place.population = event.population
                                AND place.member = event.member AND place.sequence = event.sequence)
                        FROM event WHERE sequence < ? AND member IS NOT NULL
                        ORDER BY sequence DESC LIMIT 1
                        """, arguments: [first]) ?? true
            }
        }
    }

    /// What waits in `recent`, for whoever reads the tables beside it.
    func recentChanges(_ database: Database) throws -> RecentChanges {
        guard !isWriter else { return recent }
        // Another one than before when somebody has committed meanwhile.
        let version = try Int.fetchOne(database, sql: "PRAGMA data_version")
        if version == nil || version != versionOfRecent {
            recent = try RecentChanges.read(from: database)
            versionOfRecent = version
        }
        return recent
    }

    /// What would be written to files without a name must not be acknowledged.
    func checkFiles() throws(JournalError) {
        guard let files else { return }
        guard files.isFileInPlace else {
            throw files.obstacle.map { .hidden(directory, reason: $0) } ?? .removed(directory)
        }
        guard !files.isLogInPlace else { return }
        // The log can still be read here, and nowhere else: what it holds goes to the file.
        try Self.catching(in: directory) {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        }
        try mark.remove()
        throw .logRemoved(directory)
    }

    /// Turns what SQLite says into what people can act on.
    static func catching<Result>(
        in directory: String, _ body: () throws -> Result
    ) throws(JournalError) -> Result {
        do {
            return try body()
        } catch let error as JournalError {
            throw error
        } catch let error as UnlikelyNumber {
            throw .corrupt(directory, reason: "a row has \(error)")
        } catch is DamagedChanges {
            throw .corrupt(directory, reason: "recent changes cannot be read")
        } catch is RowDecodingError {
            throw .corrupt(directory, reason: "a row lacks something, or holds something else")
        } catch let error as DatabaseError {
            throw switch error.resultCode {
            case .SQLITE_FULL: .full(directory)
            case .SQLITE_IOERR where error.findsNoRoomForIndex: .full(directory)
            case .SQLITE_READONLY, .SQLITE_PERM: .readOnly(directory)
            case .SQLITE_NOTADB: .notAJournal(directory + "/" + fileName)
            case .SQLITE_CONSTRAINT:
                .corrupt(directory, reason: "its rows contradict each other")
            case .SQLITE_CORRUPT: .corrupt(directory, reason: "SQLite finds its pages broken")
            case .SQLITE_CANTOPEN:
                .noDirectory(directory, reason: "SQLite cannot open a file there")
            default: .failed(directory, reason: error.message ?? "SQLite gave no reason")
            }
        } catch {
            throw .failed(directory, reason: error.localizedDescription)
        }
    }
}
