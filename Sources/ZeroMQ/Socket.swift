import CZeroMQ

/// What a socket does with its messages (https://rfc.zeromq.org/spec/28 to 31).
public enum SocketType: Hashable, Sendable {
    case router, dealer, xpub, sub, pub, pair, rep, req

    var number: CInt {
        switch self {
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        case .xpub: ZMQ_XPUB
        case .sub: ZMQ_SUB
        case .pub: ZMQ_PUB
        case .pair: ZMQ_PAIR
        case .rep: ZMQ_REP
        case .req: ZMQ_REQ
        }
    }
}

/// What became of a message that was to be sent.
public enum SendResult: Hashable, Sendable {
    /// libzmq has it. That does not mean that anybody received it.
    case sent
    /// The peer's queue is full, or nobody is connected: nothing was sent; try again later.
    case full
    /// The peer is gone. Only a ROUTER can tell.
    case unreachable
}

/// One end of a conversation. It belongs to one thread at a time and closes when it is destroyed,
/// and its ``SocketMonitor`` with it.
///
/// Nothing here blocks: sending says ``SendResult/full`` and receiving `nil` instead.
/// A message is sent with all of its frames in one call, so frames of two never mix.
public struct Socket: ~Copyable {
    /// Closes the socket with its last owner: this, or a monitor.
    let owner: Handle
    public let context: Context
    public let type: SocketType
    /// The files by which it listens, by their endpoints. libzmq closes them when it unbinds.
    var listeners: [String: CInt]

    var handle: UnsafeMutableRawPointer { owner.pointer }

    /// Makes a socket that discards unsent messages when it closes, with the settings given.
    public init(
        _ type: SocketType, in context: Context, options: [SocketOption] = []
    ) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, type.number) else {
            throw zmq_errno() == Code.tooManyFiles ? .tooManySockets : .last()
        }
        var socket = Socket(owner: Handle(handle, context), context: context, type: type)
        try socket.set(.linger(.zero))
        for option in options {
            try socket.set(option)
        }
        self = socket
    }

    private init(owner: Handle, context: Context, type: SocketType) {
        self.owner = owner
        self.context = context
        self.type = type
        listeners = [:]
    }

    /// Nothing was there to receive, and nothing was done with the socket since. What comes from now on
    /// a ``Poller`` that watches it learns from the socket's file, without asking libzmq, whose every
    /// answer takes two system calls.
    package var isDrained: Bool { owner.isDrained }

    /// A socket of libzmq's.
    final class Handle {
        let pointer: UnsafeMutableRawPointer
        /// See ``Socket/isDrained``. Whatever else is done with the socket may take in what its file told
        /// of, and then the file is silent about a message that is there.
        var isDrained = false
        /// A context ends after its sockets.
        private let context: Context

        init(_ pointer: UnsafeMutableRawPointer, _ context: Context) {
            self.pointer = pointer
            self.context = context
        }

        /// Whether there is something to receive, as libzmq says after it took in what its file told of.
        func hasInput() throws(ZeroMQError) -> Bool {
            var events: CInt = 0
            var size = MemoryLayout<CInt>.size
            while zmq_getsockopt(pointer, ZMQ_EVENTS, &events, &size) != 0 {
                guard zmq_errno() == Code.interrupted else { throw .last() }
            }
            isDrained = events & CInt(ZMQ_POLLIN) == 0
            return !isDrained
        }

        deinit {
            zmq_close(pointer)
        }
    }

    // MARK: - Addresses

    /// Takes connections at an endpoint such as `tcp://127.0.0.1:7777`, or port `*` for any free.
    ///
    /// - Returns: the endpoint with the real port, to unbind or to connect to.
    @discardableResult
    public mutating func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        owner.isDrained = false
        guard zmq_bind(handle, endpoint) == 0 else { throw .last(endpoint: endpoint) }
        return try string(ZMQ_LAST_ENDPOINT)
    }

    public mutating func unbind(_ endpoint: String) throws(ZeroMQError) {
        listeners[endpoint] = nil
        owner.isDrained = false
        guard zmq_unbind(handle, endpoint) == 0 else { throw .last(endpoint: endpoint) }
    }

    /// Connects in the background, again and again. ``SocketMonitor`` tells how it goes.
    public mutating func connect(_ endpoint: String) throws(ZeroMQError) {
        owner.isDrained = false
        guard zmq_connect(handle, endpoint) == 0 else { throw .last(endpoint: endpoint) }
    }

    public mutating func disconnect(_ endpoint: String) throws(ZeroMQError) {
        owner.isDrained = false
        guard zmq_disconnect(handle, endpoint) == 0 else { throw .last(endpoint: endpoint) }
    }

    /// SUB: receive what is published under topics that begin with this. Before connecting.
    public mutating func subscribe(_ topic: String) throws(ZeroMQError) {
        try set(ZMQ_SUBSCRIBE, Array(topic.utf8))
    }

    /// The port of an endpoint that ``bind(_:)`` returned.
    public static func port(of endpoint: String) -> Int? {
        endpoint.lastIndex(of: ":").flatMap { Int(endpoint[endpoint.index(after: $0)...]) }
    }

    /// A file that is readable after something happened to the socket, until it is used again:
    /// receive until there is nothing more before waiting for it.
    package func file() throws(ZeroMQError) -> CInt { try number(ZMQ_FD) }

    // MARK: - Sending

    /// Sends a message of one frame.
    public mutating func send(_ frame: [UInt8]) throws(ZeroMQError) -> SendResult {
        try send(frame, more: false)
    }

    /// ROUTER: sends a message of one frame to one peer.
    public mutating func send(
        _ frame: [UInt8], to peer: RoutingID
    ) throws(ZeroMQError) -> SendResult {
        let result = peer.withUnsafeBytes { attempt($0, more: true) }
        guard try result.get() == .sent else { return try result.get() }
        return try send(frame)
    }

    /// Sends a message of several frames.
    public mutating func send(frames: [[UInt8]]) throws(ZeroMQError) -> SendResult {
        precondition(!frames.isEmpty, "A message has at least one frame.")
        var outcome = SendResult.sent
        for (index, frame) in frames.enumerated() {
            let result = try send(frame, more: index < frames.count - 1)
            guard result != .sent else { continue }
            // Refused at the first frame, the message was never begun. Refused later, its peer
            // went away, and libzmq drops what follows up to the last frame, which so must come.
            guard index > 0 else { return result }
            outcome = result
        }
        return outcome
    }

    private func send(_ frame: [UInt8], more: Bool) throws(ZeroMQError) -> SendResult {
        try frame.withUnsafeBytes { attempt($0, more: more) }.get()
    }

    private func attempt(
        _ bytes: UnsafeRawBufferPointer, more: Bool
    ) -> Result<SendResult, ZeroMQError> {
        owner.isDrained = false
        let flags = more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
        while zmq_send(handle, bytes.baseAddress, bytes.count, flags) < 0 {
            switch zmq_errno() {
            case Code.interrupted: continue
            case Code.again: return .success(.full)
            case Code.hostUnreachable: return .success(.unreachable)
            default: return .failure(.last())
            }
        }
        return .success(.sent)
    }

    // MARK: - Receiving

    /// The next frame, or `nil` when there is none now.
    public mutating func receive() throws(ZeroMQError) -> Message? {
        var message = Message()
        owner.isDrained = try !message.receive(from: handle)
        if owner.isDrained { return nil }
        return message
    }

    /// All frames of the next message, copied, or `nil` when there is none now.
    public mutating func receiveFrames() throws(ZeroMQError) -> [[UInt8]]? {
        guard let first = try receive() else { return nil }
        var frames = [first.bytes]
        var more = first.more
        // The frames of a message arrive together.
        while more, let next = try receive() {
            frames.append(next.bytes)
            more = next.more
        }
        return frames
    }

    /// ROUTER: the next message, or `nil` when there is none now.
    public mutating func receiveRouted() throws(ZeroMQError) -> RoutedMessage? {
        guard let first = try receive() else { return nil }
        let peer = first.withUnsafeBytes { RoutingID($0) }
        guard first.more, let body = try receive() else {
            return RoutedMessage(peer: peer, body: Message(), frameCount: 0)
        }
        var frameCount = 1
        var more = body.more
        while more, let extra = try receive() {
            frameCount += 1
            more = extra.more
        }
        return RoutedMessage(peer: peer, body: body, frameCount: frameCount)
    }
}

/// A message, and the connection that it came by.
public struct RoutedMessage: ~Copyable {
    public let peer: RoutingID
    /// The first frame.
    public let body: Message
    /// How many frames came; those after the first are dropped.
    public let frameCount: Int
}
