import Foundation

// A worker may print without end. Its log is emptied when it has grown beyond a bound, and what was
// last in it is kept beside it.
extension LogDirectory {
    /// Bytes of a log, and of the older file beside it. Between two looks a log can grow beyond
    /// that.
    static let mostBytes: UInt64 = 10 << 20
    private static let timeBetweenLooks = Duration.seconds(1)

    /// What a worker wrote before its log was emptied last.
    func olderFile(_ worker: Int) -> String { file(worker) + ".old" }

    /// Keeps a worker's log within its bound until the task is cancelled, and once more then. No
    /// two looks come at once: the later one would keep what the other had left of the log, which
    /// is nothing.
    func keepBound(_ worker: Int) async {
        while (try? await Task.sleep(for: Self.timeBetweenLooks)) != nil { bound(worker) }
        bound(worker)
    }

    /// Empties a log that has grown beyond its bound. The worker appends to it, and goes on at its
    /// beginning; what it writes at this very moment may be lost.
    func bound(_ worker: Int) {
        let log = Foundation.open(file(worker), O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard log >= 0 else { return }
        defer { close(log) }
        var status = stat()
        // What is no file, such as a pipe, does not grow.
        guard fstat(log, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            UInt64(status.st_size) > most
        else { return }
        let handle = FileHandle(fileDescriptor: log, closeOnDealloc: false)
        var end = try? lastBytes(Int(most), of: handle)
        // What came while that was read, so that hardly a moment is left in which something is lost.
        if let rest = try? handle.readToEnd() { end?.append(rest) }
        ftruncate(log, 0)
        // On a full disk nothing older is kept: the log must not grow on there.
        try? end?.suffix(Int(most)).write(to: URL(filePath: olderFile(worker)), options: .atomic)
    }

    func lastBytes(_ count: Int, of handle: FileHandle) throws -> Data {
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: size > UInt64(count) ? size - UInt64(count) : 0)
        return try handle.read(upToCount: count) ?? Data()
    }
}
