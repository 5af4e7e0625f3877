import Foundation
import GRDB
import Records

/// A copy of a journal in one file, made while a coordinator may be writing.
///
/// SQLite's online backup makes it, all pages in one step. In one step it reads one moment of the
/// journal and keeps no writer waiting; in several it would begin again with each commit of the
/// coordinator, and might never end. `VACUUM INTO` reads one moment too, but writes every row and
/// index anew, which takes far longer, and stops at a broken page, when a copy may be wanted most.
package struct Backup: Sendable {
    /// How many events are in it.
    package private(set) var events = 0
    /// The size of the file.
    package private(set) var bytes = 0

    /// Copies a journal to a file that does not exist.
    ///
    /// It has another name beside that one until all of it is on the disk.
    ///
    /// - Throws: `BackupError`, after which nothing is left behind.
    package init(directory: String, file: String) throws(BackupError) {
        let manager = FileManager.default
        let source = directory + "/" + Journal.fileName
        let isNew: Bool
        do throws(JournalError) {
            isNew = try Journal.isNew(directory)
            try Journal.checkLog(directory)
            if Journal.hasLostLog(directory) { throw .logMissing(directory) }
        } catch {
            throw .journal(error)
        }
        if isNew { throw .noJournal(directory) }
        let folder = URL(filePath: file).deletingLastPathComponent().path
        var isDirectory: ObjCBool = false
        guard manager.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue
        else { throw .noDirectory(folder) }
        guard !Self.isThere(file) else { throw .exists(file) }

        let temporary = file + ".\(getpid()).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failed(file, errno) }
        close(descriptor)
        do throws(BackupError) {
            try copy(source, to: temporary, of: directory, as: file)
            try finish(temporary, as: file)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private mutating func copy(
        _ source: String, to temporary: String, of directory: String, as file: String
    ) throws(BackupError) {
        let from: DatabaseQueue
        do {
            from = try DatabaseQueue.reading(directory)
            // Whatever version wrote it: a journal is best copied before a newer one opens it.
            let isJournal = try from.read { try $0.tableExists("event") }
            guard isJournal else { throw BackupError.notAJournal(source) }
        } catch let error as BackupError {
            throw error
        } catch let error as JournalError {
            throw .journal(error)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw .notAJournal(source)
        } catch let error as DatabaseError where error.findsNoRoomForIndex {
            throw .full(source)
        } catch {
            throw .unreadable(directory, reason: Self.reason(error))
        }
        do {
            let to = try DatabaseQueue(path: temporary)
            // A copy that is not whole is thrown away, and a whole one is synced at its end.
            try to.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            }
            try from.backup(to: to)
            events = try to.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") } ?? 0
            try to.close()
            try CopyStamp(path: temporary).set()
        } catch let error as CopyStampError {
            throw Self.failed(file, error.code)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            throw .full(file)
        } catch {
            throw .failed(file, reason: Self.reason(error))
        }
    }

    /// Syncs the copy, gives it its name, and syncs that.
    private mutating func finish(_ temporary: String, as file: String) throws(BackupError) {
        try Self.sync(temporary, of: file)
        let size = try? FileManager.default.attributesOfItem(atPath: temporary)[.size] as? Int
        bytes = size ?? 0
        // A link, unlike a new name, does not take the place of a file that came meanwhile.
        guard link(temporary, file) != 0 else {
            unlink(temporary)
            return try Self.sync(URL(filePath: file).deletingLastPathComponent().path, of: file)
        }
        guard errno != EEXIST, !Self.isThere(file) else { throw .exists(file) }
        // Some file systems have no links.
        guard rename(temporary, file) == 0 else { throw Self.failed(file, errno) }
        try Self.sync(URL(filePath: file).deletingLastPathComponent().path, of: file)
    }

    private static func sync(_ path: String, of file: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed(file, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed(file, errno) }
    }

    /// Also a link that leads nowhere is something.
    private static func isThere(_ file: String) -> Bool {
        var status = stat()
        return lstat(file, &status) == 0
    }

    private static func failed(_ file: String, _ code: Int32) -> BackupError {
        code == ENOSPC || code == EDQUOT
            ? .full(file) : .failed(file, reason: String(cString: strerror(code)))
    }

    private static func reason(_ error: any Error) -> String {
        (error as? DatabaseError)?.message ?? error.localizedDescription
    }
}

/// What keeps a journal from being copied.
package enum BackupError: Error, Hashable, Sendable {
    case noJournal(String)
    case notAJournal(String)
    case unreadable(String, reason: String)
    case noDirectory(String)
    case exists(String)
    case full(String)
    case failed(String, reason: String)
    case journal(JournalError)
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noJournal(let path):
            "There is no journal in \(path); name the data directory of a coordinator."
        case .notAJournal(let path):
            "\(path) is not a journal of murmur; name the data directory of a coordinator."
        case .unreadable(let path, let reason):
            "The journal in \(path) cannot be read (\(reason)); check the disk, and who may read "
                + "it."
        case .noDirectory(let path):
            "There is no directory \(path) for the copy; make it, or name a file elsewhere."
        case .exists(let path):
            "There is something at \(path) already, which is not overwritten; name another file."
        case .full(let path):
            "The disk of \(path) is full; free some space, or name a file on another one."
        case .failed(let path, let reason):
            "The copy cannot be written to \(path) (\(reason)); name a file that you may write."
        case .journal(let error): error.description
        }
    }
}
