import CZeroMQ

/// The shared state of the sockets of a process: their I/O thread and `inproc` names.
///
/// One I/O thread is enough for about a gigabyte a second.
///
/// Every socket keeps its context alive, so it ends after the last of them was closed.
public final class Context: Sendable {
    // libzmq's contexts may be used from any thread, and the pointer never changes.
    nonisolated(unsafe) let handle: UnsafeMutableRawPointer

    /// Makes a context.
    ///
    /// - Parameter maxSockets: Sockets of this process, not connections.
    public init(maxSockets: Int = 1023) throws(ZeroMQError) {
        _ = Self.seed
        guard let handle = zmq_ctx_new() else { throw .last() }
        self.handle = handle
        // A fence tells of one thread.
        guard zmq_ctx_set(handle, ZMQ_IO_THREADS, 1) == 0 else {
            throw .optionRefused("IO_THREADS = 1")
        }
        guard zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, CInt(clamping: maxSockets)) == 0 else {
            throw .optionRefused("MAX_SOCKETS = \(maxSockets)")
        }
    }

    /// A client that foresees which routing id is allotted next can claim it, and libzmq ends the
    /// process when it then allots that.
    private static let seed: Void = precondition(
        czmq_seed_random() == 0, "libsodium finds no source of randomness.")

    deinit {
        // All sockets are closed, so this waits only for libzmq to put them away.
        while zmq_ctx_term(handle) != 0, zmq_errno() == Code.interrupted {}
    }
}
