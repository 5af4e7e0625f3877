import CZeroMQ
import Synchronization

/// What happened to a connection of a socket.
public enum ConnectionEvent: Hashable, Sendable {
    /// The transport stands; the handshake begins.
    case connected
    case connectDelayed
    /// The next attempt is made after this long.
    case retried(after: Duration)
    case accepted
    case handshakeSucceeded
    /// The handshake ended with an error, or the peer closed in the middle of it.
    case handshakeFailed
    /// The peer speaks, but not what this socket needs.
    case protocolFailed(ProtocolFailure)
    /// The authenticator of the peer refused with this ZAP status.
    case refused(status: Int)
    case disconnected
    case closed
    /// The socket listens, by the file of this number.
    case listening(file: CInt)
    case other(Int)
}

public enum ProtocolFailure: Hashable, Sendable {
    /// One side encrypts and the other does not.
    case mechanismMismatch
    /// What came cannot be decrypted.
    case cryptographic
    case other(Int)
}

/// Tells what happens to the connections of one socket.
///
/// It belongs to the thread of that socket, which stays open as long as its monitor.
public struct SocketMonitor: ~Copyable {
    /// To poll.
    public private(set) var socket: Socket
    private let monitored: Socket.Handle

    private static let count = Atomic<Int>(0)

    public init(of monitored: borrowing Socket) throws(ZeroMQError) {
        try self.init(of: monitored, events: ZMQ_EVENT_ALL)
    }

    /// - Parameter events: those of which it tells, of libzmq's numbers.
    init(of monitored: borrowing Socket, events: CInt) throws(ZeroMQError) {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        let endpoint = "inproc://murmuration.monitor.\(number)"
        // libzmq's I/O thread would wait for room in a queue that is full, and everyone for it.
        var socket = try Socket(
            .pair, in: monitored.context, options: [.receiveHighWaterMark(0)])
        try socket.connect(endpoint)
        guard zmq_socket_monitor(monitored.handle, endpoint, events) == 0 else {
            throw .last(endpoint: endpoint)
        }
        self.socket = socket
        self.monitored = monitored.owner
    }

    deinit {
        // First of all: libzmq waits for ever to tell of an event when nobody is there any more,
        // and a socket goes on to have events while it closes.
        zmq_socket_monitor(monitored.pointer, nil, 0)
    }

    /// The next event, or `nil` when there is none now.
    public mutating func next() throws(ZeroMQError) -> ConnectionEvent? {
        // The first frame has the event's number (16 bits) and value (32 bits), in the machine's
        // byte order; the second the address.
        guard let frames = try socket.receiveFrames() else { return nil }
        guard frames[0].count == 6 else { return .other(0) }
        return frames[0].withUnsafeBytes { bytes in
            ConnectionEvent(
                number: CInt(bytes.loadUnaligned(fromByteOffset: 0, as: UInt16.self)),
                value: Int(bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)))
        }
    }
}

extension ConnectionEvent {
    fileprivate init(number: CInt, value: Int) {
        self =
            switch number {
            case ZMQ_EVENT_CONNECTED: .connected
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
            case ZMQ_EVENT_CONNECT_RETRIED: .retried(after: .milliseconds(value))
            case ZMQ_EVENT_LISTENING: .listening(file: CInt(truncatingIfNeeded: value))
            case ZMQ_EVENT_ACCEPTED: .accepted
            case ZMQ_EVENT_CLOSED: .closed
            case ZMQ_EVENT_DISCONNECTED: .disconnected
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailed
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .protocolFailed(ProtocolFailure(value))
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .refused(status: value)
            default: .other(Int(number))
            }
    }
}

extension ProtocolFailure {
    fileprivate init(_ value: Int) {
        self =
            switch value {
            case Int(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH): .mechanismMismatch
            case Int(ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC): .cryptographic
            default: .other(value)
            }
    }
}
