/// What keeps the journal from being opened, read or written.
package enum JournalError: Error, Hashable, Sendable {
    case noDirectory(String, reason: String)
    case noJournal(String)
    case inUse(String, process: String?)
    case newerVersion(String)
    case olderVersion(String)
    case notAJournal(String)
    case full(String)
    case readOnly(String)
    case failed(String, reason: String)
    case corrupt(String, reason: String)
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory(let path, let reason):
            "The data directory \(path) cannot be used (\(reason)); name another one with --data."
        case .noJournal(let path):
            "There is no journal in \(path); name the data directory of a coordinator with --data."
        case .inUse(let path, let process):
            "The data directory \(path) is in use by another coordinator"
                + (process.map { " (process \($0))" } ?? "")
                + "; stop that one, or name another directory with --data."
        case .newerVersion(let path):
            "The journal in \(path) was written by a newer version of murmur; use that version."
        case .olderVersion(let path):
            "The journal in \(path) was written by an older version of murmur; run murmur serve "
                + "--data \(path) once, which brings it up to date."
        case .notAJournal(let path):
            "\(path) is not a journal of murmur; name another directory with --data."
        case .full(let path):
            "The disk that holds \(path) is full; free some space, and reports are accepted again."
        case .readOnly(let path):
            "The journal in \(path) cannot be written; make the directory writable."
        case .failed(let path, let reason):
            "The journal in \(path) cannot be read or written (\(reason)); check the disk."
        case .corrupt(let path, let reason):
            "The journal in \(path) is damaged (\(reason)); restore it from a backup."
        }
    }
}
