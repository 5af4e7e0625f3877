#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An event file. It is open only while it is written, so that there may be any number of them.
struct EventFile {
    let path: String

    /// Makes the file, which must not be there.
    func create(_ bytes: [UInt8]) throws(EventFileError) {
        try put(bytes, flags: O_CREAT | O_EXCL)
    }

    /// - Throws: ``EventFileError/gone(_:)`` when somebody removed the file.
    func append(_ bytes: [UInt8]) throws(EventFileError) {
        try put(bytes, flags: O_APPEND)
    }

    /// Puts other contents into the place of the file's; readers see the former ones or these.
    ///
    /// - Parameter draft: where they are written first, in the same directory.
    func replace(with bytes: [UInt8], draft: String) throws(EventFileError) {
        try EventFile(path: draft).put(bytes, flags: O_CREAT | O_TRUNC | O_NOFOLLOW)
        guard rename(draft, path) == 0 else { throw EventFileError(writing: path, errno) }
    }

    private func put(_ bytes: [UInt8], flags: Int32) throws(EventFileError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | flags, 0o644)
        guard descriptor >= 0 else {
            let isGone = errno == ENOENT && flags & O_CREAT == 0
            throw isGone ? .gone(path) : EventFileError(writing: path, errno)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            // The buffer lives as long as the call, which keeps no pointer to it.
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                let error = EventFileError(writing: path, errno)
                close(descriptor)
                throw error
            }
        }
        // A disk with a quota may tell only now that it is full.
        guard close(descriptor) == 0 else { throw EventFileError(writing: path, errno) }
    }
}

/// Why event files cannot be written.
package enum EventFileError: Error, Hashable, Sendable {
    case noDirectory(String, reason: String)
    case notWritable(String, reason: String)
    case full(String)
    case gone(String)

    init(writing path: String, _ code: Int32) {
        self =
            Self.isFull(code)
            ? .full(path) : .notWritable(path, reason: String(cString: strerror(code)))
    }

    init(making path: String, _ code: Int32) {
        self =
            Self.isFull(code)
            ? .full(path) : .noDirectory(path, reason: String(cString: strerror(code)))
    }

    private static func isFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }
}

extension EventFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory(let path, let reason):
            "The directory \(path) cannot be made (\(reason)); name another one with --logdir."
        case .notWritable(let path, let reason):
            "The file \(path) cannot be written (\(reason)); name another directory with --logdir."
        case .full(let path):
            "The disk that holds \(path) is full; free some space, and begin again."
        case .gone(let path):
            """
            The file \(path) was removed while it was written; if another murmur tensorboard \
            writes there, let that one go on, else begin again.
            """
        }
    }
}
