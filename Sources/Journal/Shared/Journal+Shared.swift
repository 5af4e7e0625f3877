import Foundation
import Records

// The journal in a directory that hosts share. Each start that follows a kill has a file of its own, so that
// a coordinator that only seemed dead writes to one that nobody reads any more; `journal.sqlite` is a
// symbolic link to the present one.
extension Journal {
    /// What file system hosts share a directory on; `nil` for a disk of this host.
    ///
    /// A directory that was shared once stays so: one host may have as its own disk what others mount.
    package static func sharing(of directory: String) -> String? {
        SharedFileSystem.name(of: directory)
            ?? (ClaimFolder(of: directory).isThere ? "a file system that hosts share" : nil)
    }

    /// Whether a coordinator has a directory now.
    package static func isServed(_ directory: String) -> Bool {
        ClaimFolder(of: directory).isThere
            ? Holder.isHeld(directory: directory) : DirectoryLock.isHeld(directory: directory)
    }

    /// How often a claim is looked at that is just being renewed.
    private static let tries = 20

    /// The journal's file.
    static func path(in directory: String) -> String {
        let path = directory + "/" + fileName
        let folder = ClaimFolder(of: directory)
        guard folder.isThere, !isPlainFile(path) else { return path }
        for _ in 0..<tries {
            guard let claim = try? folder.claim(isFresh: false) else { continue }
            return claim.journal.map { "\(path).\($0)" } ?? path
        }
        // The link leads to the same, but for the moment in which a start changes it.
        return path
    }

    /// A file that somebody put there, and no link.
    static func isPlainFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    // MARK: Starting

    /// - Throws: `servedElsewhere` for a journal that may be in use where its directory is a host's own.
    static func checkIsClosed(
        _ directory: String, _ holder: Holder, _ mark: UnclosedMark
    ) throws(JournalError) {
        guard holder.found.journal == nil, isPlainFile(directory + "/" + fileName), mark.isSet,
            !isCopy(directory)
        else { return }
        throw .servedElsewhere(directory)
    }

    /// Has the journal in a file that no other start writes to.
    ///
    /// - Returns: Its path.
    static func own(_ directory: String, by holder: Holder) throws(JournalError) -> String {
        let link = directory + "/" + fileName
        let isPlain = isPlainFile(link)
        let source = path(in: directory)
        if let journal = holder.found.journal, holder.found.holder == nil, !isPlain {
            // Who had it has closed it, and then given it back.
            try place(link, to: "\(fileName).\(journal)", in: directory)
            holder.use()
            return source
        }
        let copy = FileCopy(source: source, target: "\(link).\(holder.token)")
        do throws(CopyFailure) {
            try copy.make()
        } catch {
            switch error {
            case .source(let code), .target(let code): throw .ofSystem(code, directory)
            case .changing: throw .servedElsewhere(directory)
            }
        }
        try syncDirectory(directory)
        do throws(JournalError) {
            try holder.replace(by: holder.token)
        } catch {
            copy.remove()
            throw error
        }
        holder.use()
        try place(link, to: "\(fileName).\(holder.token)", in: directory)
        removeOthers(than: copy.target, link, isPlain: isPlain, holder.found)
        return copy.target
    }

    /// Removes what the copy was made of, and what a start before left that came to none. A file that
    /// somebody put another one in the place of stays.
    private static func removeOthers(
        than target: String, _ link: String, isPlain: Bool, _ found: Claim
    ) {
        let former = found.journal.map { "\(link).\($0)" }
        let unfinished = found.holder.map { "\(link).\($0)" }
        var names: [String] = []
        if isPlain { names += ["\(link)-wal", "\(link)-shm"] }
        for file in [isPlain ? nil : former, unfinished == former ? nil : unfinished] {
            if let file { names += [file, "\(file)-wal", "\(file)-shm"] }
        }
        for name in names { unlink(name) }
    }

    /// Has a symbolic link lead to a file from one moment to the next.
    private static func place(
        _ link: String, to file: String, in directory: String
    ) throws(JournalError) {
        if let present = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
            present == file
        {
            return
        }
        let unfinished = "\(link).\(Claim.token()).link"
        guard symlink(file, unfinished) == 0 else {
            switch errno {
            case EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS: throw .noLinks(directory)
            default: throw .ofSystem(errno, directory)
            }
        }
        guard rename(unfinished, link) == 0 else {
            let code = errno
            unlink(unfinished)
            throw .ofSystem(code, directory)
        }
        try syncDirectory(directory)
    }
}

/// Whether SQLite can lock a file in a directory.
enum LockProbe {
    /// - Throws: `noLocks` where the file system has none.
    static func check(_ directory: String) throws(JournalError) {
        let path = directory + "/lock"
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw errno == ELOOP
                ? .link(path) : .noDirectory(directory, reason: String(cString: strerror(errno)))
        }
        defer { close(file) }
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_len = 1
        guard fcntl(file, F_SETLK, &lock) != 0 else { return }
        switch errno {
        case EAGAIN, EACCES: return
        case ENOLCK, ENOSYS, ENOTSUP, EOPNOTSUPP, EINVAL: throw .noLocks(directory)
        default: throw .ofSystem(errno, directory)
        }
    }
}
