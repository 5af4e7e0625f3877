import CZeroMQ
import Foundation

/// Waits until one of several sockets has something to receive, or someone wakes it.
///
/// A socket that closes must be removed first.
public struct Poller: ~Copyable {
    private var watched: [Watched] = []
    /// The wake-up's file, and then those of what is watched.
    private var files: [pollfd]
    private let wakeUp: WakeUp

    private struct Watched {
        let socket: Socket.Handle
        var isReady = false
    }

    public init() throws(ZeroMQError) {
        wakeUp = try WakeUp()
        files = [Self.input(of: wakeUp.readingEnd)]
    }

    /// Makes ``wait(atMost:)`` return, from any thread.
    public var waker: Waker { Waker(wakeUp) }

    public mutating func add(_ socket: borrowing Socket) {
        guard let file = try? socket.file() else {
            preconditionFailure("Every socket has a file until its context ends, which is later.")
        }
        files.append(Self.input(of: file))
        watched.append(Watched(socket: socket.owner))
    }

    public mutating func remove(_ socket: borrowing Socket) {
        let owner = socket.owner
        guard let index = watched.firstIndex(where: { $0.socket === owner }) else { return }
        watched.remove(at: index)
        files.remove(at: index + 1)
    }

    private static func input(of file: CInt) -> pollfd {
        pollfd(fd: file, events: CShort(POLLIN), revents: 0)
    }

    /// Waits, at most so long, rounded up to milliseconds.
    ///
    /// It may also return early, with nothing to receive.
    public mutating func wait(atMost time: Duration) throws(ZeroMQError) {
        var isAnyReady = false
        for index in watched.indices {
            watched[index].isReady = try watched[index].socket.mayHaveInput()
            if watched[index].isReady { isAnyReady = true }
        }
        let milliseconds = isAnyReady ? 0 : CInt(clamping: max(0, time.milliseconds))
        let count = poll(&files, nfds_t(files.count), milliseconds)
        guard count >= 0 else {
            guard errno == EINTR else { throw .make(from: errno, endpoint: nil) }
            return
        }
        if files[0].revents != 0 { wakeUp.drain() }
        for index in watched.indices where !watched[index].isReady {
            // Binds, connections and subscriptions of an idle socket libzmq takes in when it is asked.
            guard count == 0 || files[index + 1].revents != 0 else { continue }
            watched[index].isReady = try watched[index].socket.hasInput()
        }
    }

    /// Whether the last wait ended with something to receive on this socket.
    public func isReady(_ socket: borrowing Socket) -> Bool {
        let owner = socket.owner
        return watched.contains { $0.socket === owner && $0.isReady }
    }
}

extension Socket.Handle {
    /// Whether there is something of which the socket's file may not tell.
    fileprivate func mayHaveInput() throws(ZeroMQError) -> Bool {
        isDrained ? false : try hasInput()
    }
}

/// Ends the wait of a ``Poller``.
public struct Waker: Sendable {
    private let wakeUp: WakeUp

    fileprivate init(_ wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    public func wake() {
        wakeUp.wake()
    }
}

/// A pipe that a poll watches. Its ends never change and may be used from any thread.
private final class WakeUp: Sendable {
    let readingEnd: CInt
    private let writingEnd: CInt

    init() throws(ZeroMQError) {
        var ends: (CInt, CInt) = (0, 0)
        let result = withUnsafeMutableBytes(of: &ends) {
            czmq_pipe($0.baseAddress?.assumingMemoryBound(to: CInt.self))
        }
        guard result == 0 else { throw .last() }
        (readingEnd, writingEnd) = ends
    }

    deinit {
        czmq_pipe_close(readingEnd, writingEnd)
    }

    func wake() {
        czmq_pipe_wake(writingEnd)
    }

    func drain() {
        czmq_pipe_drain(readingEnd)
    }
}
