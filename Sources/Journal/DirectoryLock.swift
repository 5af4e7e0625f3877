import Records

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Keeps a data directory for one coordinator. The kernel gives it up when the process ends,
/// however that happens.
package struct DirectoryLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: `inUse` when another coordinator has the directory, and `link` when what would be
    ///   written to is elsewhere.
    package init(directory: String) throws(JournalError) {
        // It is the lock's, which closes it, only when nothing can fail any more.
        let path = directory + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == ELOOP
                ? .link(path) : .noDirectory(directory, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw .inUse(directory, process: holder)
        }
        self.descriptor = descriptor
    }

    /// Writes into it which process has it, for people, once there is a journal: the lock of a start
    /// that came to none stays empty.
    func sign() {
        let process = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, process, process.count, 0) }
    }

    deinit { Self.unlock(descriptor) }

    /// Gives a lock up by word: a child that is being started holds the file open for a moment, and
    /// closing it here alone would leave the lock with that.
    private static func unlock(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Whether a coordinator has the directory now.
    package static func isHeld(directory: String) -> Bool {
        let descriptor = open(directory + "/lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        // A lock that was free is given back.
        defer { unlock(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    private static func holder(_ descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let digits = bytes[..<count].prefix { (48...57).contains($0) }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }
}
