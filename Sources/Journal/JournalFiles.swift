import Foundation
import GRDB
import Records

/// The files that a journal has open. SQLite goes on writing to them when they are removed or
/// replaced, and all of that would be gone with the process.
struct JournalFiles {
    private let file: FileIdentity?
    private let log: FileIdentity?
    private let path: String
    private let logPath: String

    private struct FileIdentity: Equatable {
        let device: Int
        let number: Int
        let isEmpty: Bool

        static func == (left: Self, right: Self) -> Bool {
            (left.device, left.number) == (right.device, right.number)
        }

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = Int(status.st_dev)
            number = Int(status.st_ino)
            isEmpty = status.st_size == 0
        }
    }

    /// - Parameter path: Of a journal that is open, so that its log is there too.
    init(_ path: String) {
        self.path = path
        logPath = Self.log(of: path)
        file = FileIdentity(path)
        log = FileIdentity(logPath)
    }

    /// Of the file that is being written. One that was emptied is as good as gone.
    var isFileInPlace: Bool { FileIdentity(path).map { $0 == file && !$0.isEmpty } ?? false }
    var isLogInPlace: Bool { FileIdentity(logPath) == log }

    /// What keeps this process from seeing whether the file is in place.
    var obstacle: String? {
        var status = stat()
        guard stat(path, &status) != 0 else { return nil }
        let code = errno
        return code == ENOENT || code == ENOTDIR ? nil : String(cString: strerror(code))
    }

    /// SQLite has it beside the file, not beside a link to that.
    static func log(of path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path + "-wal"
    }
}

extension DatabaseQueue {
    /// Reads a journal, also on a disk that is read-only or full. Where hosts share it, that is a copy,
    /// since whoever writes it keeps it locked.
    ///
    /// - Throws: `notClosed` when a read-only disk has a log beside it, which SQLite reads only where
    ///   it can write.
    static func reading(_ directory: String) throws -> DatabaseQueue {
        if Journal.sharing(of: directory) != nil { return try readingCopy(of: directory) }
        let path = directory + "/" + Journal.fileName
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.readonly = true
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError {
            let isReadOnly =
                error.resultCode == .SQLITE_CANTOPEN && access(directory, W_OK) != 0
                && access(path, R_OK) == 0
            guard isReadOnly || error.findsNoRoomForIndex else { throw error }
            var status = stat()
            if stat(JournalFiles.log(of: path), &status) == 0, status.st_size > 0 {
                throw isReadOnly ? JournalError.notClosed(directory) : error
            }
            // Nobody writes it: who does has the index of a log already. SQLite is told so, or it
            // would want to make one.
            return try withoutLog(path)
        }
    }

    /// Reads a file as it is, without a log, without locks, and without making anything.
    static func withoutLog(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.readonly = true
        return try DatabaseQueue(path: addressWithoutLog(path), configuration: configuration)
    }

    /// What SQLite opens a file by to read it like that.
    static func addressWithoutLog(_ path: String) -> String {
        URL(filePath: path).absoluteString + "?immutable=1"
    }
}

extension DatabaseError {
    /// The index of the log, which every reader needs, does not fit on the disk. SQLite calls that
    /// an I/O error.
    var findsNoRoomForIndex: Bool { extendedResultCode == .SQLITE_IOERR_SHMSIZE }
}
