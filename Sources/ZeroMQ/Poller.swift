import CZeroMQ

/// Waits until one of several sockets has something to receive, or someone wakes it.
///
/// A socket that closes must be removed first.
public struct Poller: ~Copyable {
    private var items: [zmq_pollitem_t]
    private let wakeUp: WakeUp

    public init() throws(ZeroMQError) {
        wakeUp = try WakeUp()
        items = [zmq_pollitem_t(socket: nil, fd: wakeUp.readingEnd, events: input, revents: 0)]
    }

    /// Makes ``wait(atMost:)`` return, from any thread.
    public var waker: Waker { Waker(wakeUp) }

    public mutating func add(_ socket: borrowing Socket) {
        items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: input, revents: 0))
    }

    public mutating func remove(_ socket: borrowing Socket) {
        let handle = socket.handle
        items.removeAll { $0.socket == handle }
    }

    /// Waits, at most so long, rounded up to milliseconds.
    ///
    /// It may also return early, with nothing to receive.
    public mutating func wait(atMost time: Duration) throws(ZeroMQError) {
        let milliseconds = Int(clamping: max(0, time.milliseconds))
        let count = items.count
        let result = items.withUnsafeMutableBufferPointer {
            zmq_poll($0.baseAddress, CInt(count), milliseconds)
        }
        if result < 0 {
            guard zmq_errno() == Code.interrupted else { throw .last() }
            return
        }
        if items[0].revents != 0 {
            wakeUp.drain()
        }
    }

    /// Whether the last wait ended with something to receive on this socket.
    public func isReady(_ socket: borrowing Socket) -> Bool {
        let handle = socket.handle
        return items.contains { $0.socket == handle && $0.revents != 0 }
    }
}

/// What is waited for.
private let input = CShort(ZMQ_POLLIN)

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
