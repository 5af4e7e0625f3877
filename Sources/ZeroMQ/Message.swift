import CZeroMQ

/// One received frame. Its bytes stay where libzmq put them until someone copies them.
public struct Message: ~Copyable {
    private var storage: zmq_msg_t

    /// Makes an empty message to receive into.
    init() {
        storage = zmq_msg_t()
        zmq_msg_init(&storage)
    }

    deinit {
        // `storage` cannot be mutated here. Closing a bitwise copy is sound because the original
        // is never looked at again.
        var last = storage
        zmq_msg_close(&last)
    }

    /// The number of bytes.
    public var count: Int {
        withUnsafePointer(to: storage) { zmq_msg_size($0) }
    }

    /// Whether another frame of the same message follows.
    public var more: Bool {
        withUnsafePointer(to: storage) { zmq_msg_more($0) } != 0
    }

    /// Calls `body` with the bytes, which are valid until it returns.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // A short payload lies inside the structure, so that its address is that of this copy,
        // which lives until the end of the function. libzmq only reads it.
        var copy = storage
        return try withUnsafeMutablePointer(to: &copy) { message throws(Failure) in
            try body(
                UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message)))
        }
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] {
        withUnsafeBytes { [UInt8]($0) }
    }

    /// What the peer or the authenticator said about the connection, such as `User-Id`.
    ///
    /// Ask the last frame of a message: the first one may lack it. Without encryption a peer may
    /// claim any `User-Id`; with it, what the authenticator says counts.
    public func property(_ name: String) -> String? {
        withUnsafePointer(to: storage) { zmq_msg_gets($0, name) }.map { String(cString: $0) }
    }

    /// - Returns: whether a frame was there.
    mutating func receive(from socket: UnsafeMutableRawPointer) throws(ZeroMQError) -> Bool {
        while zmq_msg_recv(&storage, socket, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case Code.interrupted: continue
            case Code.again: return false
            default: throw .last()
            }
        }
        return true
    }
}
