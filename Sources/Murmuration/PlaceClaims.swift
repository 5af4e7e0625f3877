import Foundation
import Logging
import Messages
import Synchronization

/// The places of the environment that workers of this process have.
///
/// A byte of a file is locked for each, so that no other process of this host has it too, of the
/// Python client neither. The kernel unlocks it when the process ends, however that happens, and no
/// child inherits it.
final class PlaceClaims: Sendable {
    static let shared = PlaceClaims()

    private struct State {
        var names: Set<String> = []
        /// Closing any descriptor of the file would unlock it, so that it stays open.
        var file: Int32?
    }

    private let state = Mutex(State())
    private let logger = Logger(label: "murmuration")

    private init() {}

    /// - Returns: false when another worker of this host has it.
    func claim(_ name: String) -> Bool {
        state.withLock { state in
            guard !state.names.contains(name) else { return false }
            guard let file = state.file ?? Self.open() else {
                warn(errno)
                return false
            }
            state.file = file
            guard Self.lock(file, name, F_WRLCK) else {
                if errno != EACCES, errno != EAGAIN { warn(errno) }
                return false
            }
            state.names.insert(name)
            return true
        }
    }

    func giveUp(_ name: String) {
        state.withLock { state in
            guard state.names.remove(name) != nil, let file = state.file else { return }
            _ = Self.lock(file, name, F_UNLCK)
        }
    }

    private static func open() -> Int32? {
        let directory = Environment["TMPDIR"] ?? "/tmp"
        let path = "\(directory)/murmuration-places-\(geteuid())"
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
        let file = Foundation.open(path, flags, 0o600)
        guard file >= 0 else { return nil }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_uid == geteuid() else {
            close(file)
            errno = EPERM
            return nil
        }
        return file
    }

    private static func lock(_ file: Int32, _ name: String, _ kind: Int32) -> Bool {
        var lock = flock()
        lock.l_type = Int16(kind)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = offset(name)
        lock.l_len = 1
        return fcntl(file, F_SETLK, &lock) == 0
    }

    /// The byte for a name: FNV-1a, as in the Python client.
    static func offset(_ name: String) -> off_t {
        let digest = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return off_t(digest >> 2)
    }

    private func warn(_ number: Int32) {
        logger.warning(
            """
            The worker takes no place of its environment, for no file could be locked for it in TMPDIR \
            or /tmp (\(String(cString: strerror(number)))); let this user write there, or give the \
            worker a place.
            """)
    }
}
