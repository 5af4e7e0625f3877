import CZeroMQ

/// A plain TCP socket that listens, for what speaks no ZeroMQ. It closes with its last owner.
package final class TCPListener: Sendable {
    private let file: CInt
    package let port: Int

    /// - Parameters:
    ///   - number: an address of this machine.
    ///   - port: 0 for a free one.
    ///   - queue: connections that wait to be accepted, at most.
    package init(at number: String, port: UInt16, queue: Int) throws(ZeroMQError) {
        let file = czmq_tcp_listen(number, port, CInt(queue))
        guard file >= 0 else { throw .last(endpoint: "\(number):\(port)") }
        self.file = file
        self.port = Int(czmq_own_port(file))
    }

    deinit { czmq_tcp_close(file) }

    /// The next connection, when one comes within this time.
    ///
    /// - Throws: when there is one, and no room for it.
    package func accept(within time: Duration) throws(ZeroMQError) -> TCPConnection? {
        guard czmq_tcp_wait(file, 0, time.pollMilliseconds) > 0 else { return nil }
        let connection = czmq_tcp_accept(file)
        if connection >= 0 { return TCPConnection(file: connection) }
        switch zmq_errno() {
        // Its peer has given up meanwhile.
        case Code.again, Code.interrupted, CInt(ECONNABORTED): return nil
        default: throw .last()
        }
    }
}

/// A connection that was accepted. Whoever uses it waits, but not for ever. It closes with its last
/// owner, and is used by one thread at a time.
package final class TCPConnection: Sendable {
    private let file: CInt

    fileprivate init(file: CInt) { self.file = file }

    deinit { czmq_tcp_close(file) }

    /// What has come, at most so many bytes; `nil` when nothing comes any more, or by then.
    package func receive(atMost count: Int, until end: ContinuousClock.Instant) -> [UInt8]? {
        guard wait(toWrite: false, until: end) else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
            received = Int(max(0, czmq_tcp_receive(file, buffer.baseAddress, Int64(count))))
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// - Returns: whether the system took all of it by then.
    package func send(_ bytes: [UInt8], until end: ContinuousClock.Instant) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard wait(toWrite: true, until: end) else { return false }
            let sent = rest.withUnsafeBytes {
                czmq_tcp_send(file, $0.baseAddress, Int64($0.count))
            }
            if sent < 0, ![Code.again, Code.interrupted].contains(zmq_errno()) { return false }
            rest = rest.dropFirst(Int(max(0, sent)))
        }
        return true
    }

    /// Says that nothing more is sent, and waits for the peer to end as well, but takes only so much of
    /// what it still sends: a connection that closes while there is more takes away what was sent.
    package func end(takingAtMost count: Int, until end: ContinuousClock.Instant) {
        czmq_tcp_end(file)
        var left = count
        while left > 0, let more = receive(atMost: left, until: end) { left -= more.count }
    }

    private func wait(toWrite: Bool, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return false }
            switch czmq_tcp_wait(file, toWrite ? 1 : 0, left.pollMilliseconds) {
            case 0: continue
            case 1...: return true
            default: return false
            }
        }
    }
}

extension Duration {
    fileprivate var pollMilliseconds: CInt {
        CInt(clamping: Int64((self / .milliseconds(1)).rounded(.up)))
    }
}
