import Foundation
import GRDB
import Records

/// Copies a database and its log as files, beside whoever writes them and without their locks.
///
/// SQLite writes to the database only what stands in the log, and begins the log anew only when all of it
/// is in the database. So a copy of the database, and of the log after it, is whole, though pages of the
/// database be torn, if the log did not begin anew meanwhile: each beginning has a number of its own.
struct FileCopy {
    /// Of files that change all the time while they are copied.
    private static let tries = 20
    private static let bytesAtOnce = 1 << 20
    /// Of SQLite's log; it has the beginning's number.
    private static let headerBytes = 32

    /// What must be the same before and after.
    private struct State: Equatable {
        /// Empty where there is no log.
        var header: [UInt8]
        /// Of the database, which only counts without a log.
        var size = 0
        var seconds = 0
        var nanoseconds = 0
    }

    let source: String
    let target: String

    /// Copies to files that are not there, and syncs them.
    ///
    /// - Throws: `CopyFailure`, after which nothing is left behind.
    func make() throws(CopyFailure) {
        do throws(CopyFailure) {
            for _ in 0..<Self.tries {
                let before = try state()
                try copy(source, to: target)
                if !before.header.isEmpty {
                    try copy(JournalFiles.log(of: source), to: target + "-wal")
                }
                if try state() == before { return }
                remove()
            }
        } catch {
            remove()
            throw error
        }
        throw .changing
    }

    func remove() { for suffix in ["", "-wal", "-shm"] { unlink(target + suffix) } }

    private func state() throws(CopyFailure) -> State {
        let log = open(JournalFiles.log(of: source), O_RDONLY | O_CLOEXEC)
        var header: [UInt8] = []
        if log >= 0 {
            defer { close(log) }
            header = [UInt8](repeating: 0, count: Self.headerBytes)
            let count = read(log, &header, header.count)
            guard count >= 0 else { throw .source(errno) }
            header.removeLast(header.count - count)
        } else if errno != ENOENT {
            throw .source(errno)
        }
        guard header.isEmpty else { return State(header: header) }
        var status = stat()
        guard stat(source, &status) == 0 else { throw .source(errno) }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return State(
            header: [], size: Int(status.st_size), seconds: Int(time.tv_sec),
            nanoseconds: Int(time.tv_nsec))
    }

    private func copy(_ source: String, to target: String) throws(CopyFailure) {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw .source(errno) }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard to >= 0 else { throw .target(errno) }
        defer { close(to) }
        var bytes = [UInt8](repeating: 0, count: Self.bytesAtOnce)
        while true {
            let count = read(from, &bytes, bytes.count)
            guard count >= 0 else { throw .source(errno) }
            if count == 0 { break }
            var place = 0
            while place < count {
                let written = bytes[place..<count].withUnsafeBytes {
                    write(to, $0.baseAddress, $0.count)
                }
                guard written > 0 else { throw .target(errno) }
                place += written
            }
        }
        guard fsync(to) == 0 else { throw .target(errno) }
    }
}

/// What keeps files from being copied.
enum CopyFailure: Error {
    /// What the system says of those that are read.
    case source(Int32)
    /// The same of those that are written.
    case target(Int32)
    /// They change all the time.
    case changing
}

extension DatabaseQueue {
    /// Reads a copy of a journal that hosts share, of which this process alone knows.
    static func readingCopy(of directory: String) throws -> DatabaseQueue {
        let source = Journal.path(in: directory)
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("murmuration-\(Claim.token())").path
        guard mkdir(folder, 0o700) == 0 else { throw JournalError.noRoomToRead(folder) }
        let copy = FileCopy(source: source, target: folder + "/" + Journal.fileName)
        // SQLite has them open by then.
        defer {
            copy.remove()
            rmdir(folder)
        }
        do throws(CopyFailure) {
            try copy.make()
        } catch {
            throw switch error {
            case .source(ENOENT): JournalError.noJournal(directory)
            case .source(let code): JournalError.ofSystem(code, directory)
            case .target: JournalError.noRoomToRead(folder)
            case .changing: JournalError.failed(directory, reason: "it changes all the time")
            }
        }
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.lockForGood()
        return try DatabaseQueue(path: copy.target, configuration: configuration)
    }
}

extension Configuration {
    /// Has one connection keep the file to itself, so that the index of its log is in this process's memory
    /// and not in memory that processes share.
    mutating func lockForGood() {
        prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
    }
}
