import Synchronization

/// How many streams are open.
final class StreamCount: Sendable {
    static let most = 512
    private let count = Mutex(0)

    /// One of the streams; it is free again when nobody has this any more.
    final class Place: Sendable {
        private let streams: StreamCount

        fileprivate init(_ streams: StreamCount) {
            self.streams = streams
        }

        deinit { streams.count.withLock { $0 -= 1 } }
    }

    var open: Int { count.withLock { $0 } }

    /// - Returns: `nil` when there is no room.
    func take() -> Place? {
        let isRoom = count.withLock { count in
            guard count < Self.most else { return false }
            count += 1
            return true
        }
        return isRoom ? Place(self) : nil
    }
}
