import Foundation
import GRDB
import Records

// Where a journal begins: in a directory that is clearly new. Anything else that has no journal lost
// it, and a new one in its place would hide that.
extension Journal {
    /// Whether a directory never had a journal.
    ///
    /// - Throws: `empty` and `missing` when it had one, and what keeps it from being looked at.
    package static func isNew(_ directory: String) throws(JournalError) -> Bool {
        let path = path(in: directory)
        if let size = try size(of: path, in: directory) {
            guard size > 0 else { throw .empty(directory) }
            return false
        }
        // A claim says which file it was.
        guard path == directory + "/" + fileName else {
            throw .missing(directory, beside: ClaimFolder.name)
        }
        // The lock of a start that came to no journal is empty.
        let traces = [fileName + "-wal", "server.key", "url", "lock", UnclosedMark.fileName]
        for trace in traces {
            guard let size = try size(of: "\(directory)/\(trace)", in: directory) else { continue }
            if trace == "lock", size == 0 { continue }
            throw .missing(directory, beside: trace)
        }
        return true
    }

    /// A file's size; `nil` when there is no such file.
    private static func size(
        of path: String, in directory: String
    ) throws(JournalError) -> Int? {
        var status = stat()
        if stat(path, &status) == 0 { return Int(status.st_size) }
        guard errno == ENOENT else {
            throw .noDirectory(directory, reason: String(cString: strerror(errno)))
        }
        return nil
    }

    /// Makes a journal with nothing in it. It has another name until it is whole: a process that dies
    /// meanwhile leaves no journal rather than an empty file.
    static func begin(in directory: String) throws(JournalError) {
        let path = directory + "/" + fileName
        let unfinished = path + ".new"
        func removeUnfinished() {
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(unfinished + suffix) }
        }
        removeUnfinished()
        try catching(in: directory) {
            var configuration = Configuration()
            configuration.label = "new journal"
            configuration.journalMode = .wal
            configuration.lockForGood()
            configuration.prepareDatabase { database in
                // One that is not whole is thrown away, and a whole one is synced at its end.
                try database.execute(
                    sql: "PRAGMA page_size = \(pageSize); PRAGMA synchronous = OFF")
            }
            do {
                let queue = try DatabaseQueue(path: unfinished, configuration: configuration)
                try Schema.migrator.migrate(queue)
                try queue.close()
            } catch {
                removeUnfinished()
                throw error
            }
        }
        let file = open(unfinished, O_RDONLY | O_CLOEXEC)
        let isWhole = file >= 0 && fsync(file) == 0 && rename(unfinished, path) == 0
        let code = errno
        if file >= 0 { close(file) }
        guard isWhole else {
            removeUnfinished()
            throw code == ENOSPC
                ? .full(directory)
                : .noDirectory(directory, reason: String(cString: strerror(code)))
        }
        try syncDirectory(directory)
    }

    /// Whether commits were lost with a log that is gone: the run before did not end as it should, and
    /// left a log. A copy that was put there since is whole without one.
    package static func hasLostLog(_ directory: String) -> Bool {
        let mark = UnclosedMark(directory: directory)
        guard mark.isSet else { return false }
        let run = mark.epoch
        // The lock is looked at last: a coordinator that starts in that moment finds it taken.
        return !hasLog(directory) && !isCopy(directory)
            && !isServed(directory)
            // One that ended or began meanwhile took the mark away, or set its own.
            && mark.isSet && mark.epoch == run
    }

    /// Whether there is a log with something in it.
    static func hasLog(_ directory: String) -> Bool {
        var status = stat()
        let log = JournalFiles.log(of: path(in: directory))
        return stat(log, &status) == 0 ? status.st_size > 0 : errno != ENOENT
    }

    /// SQLite does not follow a link in the place of one of its files either, but cannot say so.
    static func refuseLinks(in directory: String) throws(JournalError) {
        let log = JournalFiles.log(of: path(in: directory))
        let mark = directory + "/" + UnclosedMark.fileName
        for path in [log, log.dropLast("-wal".count) + "-shm", mark] {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { continue }
            throw .link(path)
        }
    }
}
