import Foundation
import Records

/// A file beside a journal that is there while a coordinator serves, and goes when that ends as it
/// should.
///
/// Between the two the newest commits may be in the log alone. A start that finds the mark and no log
/// has lost them, which nothing in the journal's own file would say.
struct UnclosedMark {
    static let fileName = "journal.open"
    private let directory: String
    private var path: String { directory + "/" + Self.fileName }

    init(directory: String) { self.directory = directory }

    var isSet: Bool { access(path, F_OK) == 0 }

    /// The number of the run that set it; `nil` when that cannot be read.
    var epoch: UInt64? {
        (try? String(contentsOfFile: path, encoding: .utf8))
            .flatMap { UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// It is on the disk when this returns.
    func set(epoch: UInt64) throws(JournalError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let file = open(path, flags, 0o600)
        guard file >= 0 else { throw failure(errno) }
        let bytes = Array("\(epoch)\n".utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        let code = errno
        close(file)
        guard isWritten else { throw failure(code) }
        try syncDirectory(directory)
    }

    func remove() throws(JournalError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(errno) }
        try syncDirectory(directory)
    }

    private func failure(_ code: Int32) -> JournalError {
        switch code {
        case ENOSPC, EDQUOT: .full(directory)
        case ELOOP: .link(path)
        default: .noDirectory(directory, reason: String(cString: strerror(code)))
        }
    }
}

/// Names that were made or taken away in a directory are so after a loss of power too.
func syncDirectory(_ path: String) throws(JournalError) {
    let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else {
        throw .noDirectory(path, reason: String(cString: strerror(errno)))
    }
    defer { close(directory) }
    // Some file systems have nothing to sync there.
    guard fsync(directory) == 0 || errno == EINVAL || errno == ENOTSUP else {
        throw .noDirectory(path, reason: String(cString: strerror(errno)))
    }
}
