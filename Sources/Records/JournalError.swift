/// What keeps the journal from being opened, read or written.
package enum JournalError: Error, Hashable, Sendable {
    case noDirectory(String, reason: String)
    case noJournal(String)
    /// The file is there, with nothing in it.
    case empty(String)
    /// There is no file, beside one that only a coordinator with a journal leaves.
    case missing(String, beside: String)
    /// The last run did not end as it should, and the log that it left is gone.
    case logMissing(String)
    /// The file is a copy that was put there, and the log beside it is of another journal.
    case logOfAnother(String)
    /// A symbolic link has the name of a file that is written.
    case link(String)
    case inUse(String, process: String?)
    /// Another host's coordinator has the directory now, which this one had.
    case takenOver(String, by: String?)
    /// A coordinator did not end as it should to which the directory was a disk of its own, and here hosts
    /// share it.
    case servedElsewhere(String)
    /// Hosts share the directory, and its file system refuses locks.
    case noLocks(String)
    /// Hosts share the directory, and its file system refuses symbolic links.
    case noLinks(String)
    /// A journal that hosts share is copied to be read, and there is no room for that.
    case noRoomToRead(String)
    case newerVersion(String)
    case olderVersion(String)
    case notAJournal(String)
    case full(String)
    case readOnly(String)
    /// The file is gone, or another one is in its place, while it is written.
    case removed(String)
    /// It cannot be seen whether the file is still there, while it is written.
    case hidden(String, reason: String)
    /// The same as `removed`, of its log.
    case logRemoved(String)
    /// It is on a disk that is read-only, with a log beside it.
    case notClosed(String)
    case failed(String, reason: String)
    case corrupt(String, reason: String)
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory(let path, let reason):
            "The data directory \(path) cannot be used (\(reason)); let this user read and write it, "
                + "or name another one."
        case .noJournal(let path):
            "There is no journal in \(path); name the data directory of a coordinator."
        case .empty(let path):
            "The journal in \(path) is an empty file, so what was in it is lost; move journal.sqlite, "
                + "-wal and -shm away and put a backup in their place, or begin anew in another "
                + "directory."
        case .missing(let path, let other):
            "The journal in \(path) is missing, though a coordinator has served there (\(other) is "
                + "left); put journal.sqlite back, or begin anew in another directory."
        case .logMissing(let path):
            "The coordinator in \(path) did not end as it should, and its newest commits were in "
                + "journal.sqlite-wal, which is gone; put that back, or move journal.sqlite, -wal and "
                + "-shm away and put a backup in their place, or remove \(path)/journal.open to go on "
                + "without them."
        case .logOfAnother(let path):
            "The journal in \(path) is a copy, and journal.sqlite-wal and journal.sqlite-shm beside it "
                + "belong to the journal before it; move these two away."
        case .link(let path):
            "\(path) is a symbolic link, and what it leads to would be written over; remove the link."
        case .inUse(let path, let process):
            "The data directory \(path) is in use by another coordinator"
                + (process.map { " (process \($0))" } ?? "")
                + "; stop that one, or name another directory with --data."
        case .takenOver(let path, let process):
            "Another coordinator has taken over the data directory \(path)"
                + (process.map { " (process \($0))" } ?? "")
                + ", since nothing was seen of this one for a while; this one ends, and what it "
                + "acknowledged is kept."
        case .servedElsewhere(let path):
            "The journal in \(path) may be in use on the host whose own disk it is on (journal.open is "
                + "left there); stop that coordinator, or, when it runs no more, remove "
                + "\(path)/journal.open."
        case .noLocks(let path):
            "The file system of \(path) refuses locks, without which a journal is not safe there; have it "
                + "mounted with locks (Lustre: -o flock), or name a directory elsewhere with --data."
        case .noLinks(let path):
            "The file system of \(path) refuses symbolic links, which a journal needs where hosts share "
                + "it; name a directory elsewhere with --data."
        case .noRoomToRead(let path):
            "The journal is copied to be read, since hosts share it, and \(path) cannot be written; free "
                + "some space there, or set TMPDIR to another directory."
        case .newerVersion(let path):
            "The journal in \(path) was written by a newer version of murmur; use that version."
        case .olderVersion(let path):
            "The journal in \(path) was written by an older version of murmur; run murmur serve "
                + "--data \(path) once, which brings it up to date."
        case .notAJournal(let path):
            "\(path) is not a journal of murmur; name another directory."
        case .full(let path):
            "The disk that holds \(path) is full; free some space, and reports are accepted again."
        case .readOnly(let path):
            "The journal in \(path) cannot be written; make the directory writable."
        case .removed(let path):
            "The journal in \(path) was removed or replaced while it was in use; put it back, or "
                + "end the coordinator and start it again."
        case .hidden(let path, let reason):
            "The journal in \(path) is out of reach while it is in use (\(reason)); let this user into "
                + "the directory again, and reports are accepted again."
        case .logRemoved(let path):
            "The log of the journal in \(path) was removed while it was in use; what was accepted "
                + "is in the journal, so end the coordinator and start it again."
        case .notClosed(let path):
            "The journal in \(path) was not closed, and its disk is read-only; copy the directory "
                + "to a disk that can be written, and name the copy."
        case .failed(let path, let reason):
            "The journal in \(path) cannot be read or written (\(reason)); check the disk."
        case .corrupt(let path, let reason):
            "The journal in \(path) is damaged (\(reason)); move journal.sqlite, -wal and -shm away and "
                + "put a backup in their place."
        }
    }
}
