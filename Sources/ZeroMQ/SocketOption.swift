import CZeroMQ

/// A setting of a socket, made before it binds or connects.
public enum SocketOption: Hashable, Sendable {
    /// How long to go on sending what is queued after the socket was closed.
    case linger(Duration)
    /// The number of messages queued for each peer.
    case sendHighWaterMark(Int)
    case receiveHighWaterMark(Int)
    /// Closes a connection that sends a longer message. Counts the 33 bytes that CURVE adds.
    case maxMessageSize(Int)
    /// Connections that wait to be accepted.
    case backlog(Int)
    case handshakeTimeout(Duration)
    case ipv6(Bool)
    case tcpKeepAlive(idle: Duration, interval: Duration, count: Int)

    /// ROUTER: say that a peer is gone instead of dropping what is sent to it.
    case routerMandatory(Bool)
    /// ROUTER: let a connection take over the routing id of another one.
    case routerHandover(Bool)

    /// Queue messages only for peers that are connected.
    case immediate(Bool)
    /// Pings of the connection, which find out that a peer is dead. At most 65 seconds each.
    case heartbeat(interval: Duration, timeout: Duration, timeToLive: Duration)
    /// The first pause before a connection is tried again, and the longest one.
    case reconnect(interval: Duration, maximum: Duration)

    /// XPUB: report a full queue to the sender instead of dropping the message for that peer.
    case xpubNoDrop(Bool)
    /// XPUB: show each subscription, not only the first to a topic.
    case xpubVerbose(Bool)
}

extension Socket {
    /// Makes a setting. It counts for what is bound or connected afterwards.
    public mutating func set(_ option: SocketOption) throws(ZeroMQError) {
        switch option {
        case .linger(let time): try set(ZMQ_LINGER, time)
        case .sendHighWaterMark(let count): try set(ZMQ_SNDHWM, count)
        case .receiveHighWaterMark(let count): try set(ZMQ_RCVHWM, count)
        case .maxMessageSize(let size): try set(ZMQ_MAXMSGSIZE, raw: Int64(size))
        case .backlog(let count): try set(ZMQ_BACKLOG, count)
        case .handshakeTimeout(let time): try set(ZMQ_HANDSHAKE_IVL, time)
        case .ipv6(let on): try set(ZMQ_IPV6, on)
        case .tcpKeepAlive(let idle, let interval, let count):
            try set(ZMQ_TCP_KEEPALIVE, true)
            try set(ZMQ_TCP_KEEPALIVE_IDLE, Int(idle.components.seconds))
            try set(ZMQ_TCP_KEEPALIVE_INTVL, Int(interval.components.seconds))
            try set(ZMQ_TCP_KEEPALIVE_CNT, count)
        case .routerMandatory(let on): try set(ZMQ_ROUTER_MANDATORY, on)
        case .routerHandover(let on): try set(ZMQ_ROUTER_HANDOVER, on)
        case .immediate(let on): try set(ZMQ_IMMEDIATE, on)
        case .heartbeat(let interval, let timeout, let timeToLive):
            try set(ZMQ_HEARTBEAT_IVL, interval)
            try set(ZMQ_HEARTBEAT_TIMEOUT, timeout)
            try set(ZMQ_HEARTBEAT_TTL, timeToLive)
        case .reconnect(let interval, let maximum):
            try set(ZMQ_RECONNECT_IVL, interval)
            try set(ZMQ_RECONNECT_IVL_MAX, maximum)
        case .xpubNoDrop(let on): try set(ZMQ_XPUB_NODROP, on)
        case .xpubVerbose(let on): try set(ZMQ_XPUB_VERBOSE, on)
        }
    }

    mutating func set(_ option: CInt, _ on: Bool) throws(ZeroMQError) {
        try set(option, raw: CInt(on ? 1 : 0))
    }

    mutating func set(_ option: CInt, _ number: Int) throws(ZeroMQError) {
        try set(option, raw: CInt(clamping: number))
    }

    mutating func set(_ option: CInt, _ time: Duration) throws(ZeroMQError) {
        try set(option, raw: CInt(clamping: time.milliseconds))
    }

    mutating func set(_ option: CInt, _ bytes: [UInt8]) throws(ZeroMQError) {
        let result = bytes.withUnsafeBytes {
            zmq_setsockopt(handle, option, $0.baseAddress, $0.count)
        }
        guard result == 0 else { throw .optionRefused("number \(option)") }
    }

    private mutating func set(
        _ option: CInt, raw value: some FixedWidthInteger
    ) throws(ZeroMQError) {
        let result = withUnsafeBytes(of: value) {
            zmq_setsockopt(handle, option, $0.baseAddress, $0.count)
        }
        guard result == 0 else { throw .optionRefused("number \(option) = \(value)") }
    }

    func number(_ option: CInt) throws(ZeroMQError) -> CInt {
        var value: CInt = 0
        var size = MemoryLayout<CInt>.size
        guard zmq_getsockopt(handle, option, &value, &size) == 0 else { throw .last() }
        return value
    }

    func string(_ option: CInt) throws(ZeroMQError) -> String {
        /// An endpoint is far shorter.
        var bytes = [UInt8](repeating: 0, count: 1024)
        var size = bytes.count
        guard zmq_getsockopt(handle, option, &bytes, &size) == 0 else { throw .last() }
        // The size counts the terminating zero.
        return String(decoding: bytes.prefix(max(0, size - 1)), as: UTF8.self)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that waiting for a deadline does not end before it.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: perMillisecond)
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return scaled.addingReportingOverflow(whole + (rest > 0 ? 1 : 0)).partialValue
    }
}
