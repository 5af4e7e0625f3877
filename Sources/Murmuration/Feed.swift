import Messages
import ZeroMQ

/// Where a broadcast arrives: the socket that it is published on, or, for who may not read everything,
/// a connection over which it was asked for.
struct Feed: ~Copyable {
    private var published: Socket?
    private var monitor: SocketMonitor?
    private var observer: HandshakeObserver
    private var asked: AskedFeed?

    private let topics: [String]
    private let thread: SocketThread

    /// Boards are whole and come again, and lineage that was missed is asked for, so that a few
    /// messages are enough.
    private static let queue = 32

    /// - Parameters:
    ///   - address: with the port of the workers.
    ///   - port: of the broadcast; `nil` to ask for it over a connection.
    ///   - thread: the one that calls all of this.
    init(
        of topics: [String], from address: Address, port: UInt16?, isVersion6: Bool,
        timing: ConnectionTiming, on thread: SocketThread
    ) throws(ZeroMQError) {
        self.topics = topics
        self.thread = thread
        observer = HandshakeObserver(isEncrypted: address.credential != nil)
        guard let port else {
            asked = AskedFeed(
                of: topics, from: address, isVersion6: isVersion6, timing: timing, on: thread)
            return
        }
        var socket = try Socket(
            .sub, in: Context.client(),
            options: [
                .ipv6(isVersion6), .receiveHighWaterMark(Self.queue),
                .maxMessageSize(2 * Limits.messageBytes),
                .reconnect(
                    interval: timing.reconnect.lowerBound * Double.random(in: 1...2),
                    maximum: timing.reconnect.upperBound),
                .heartbeat(
                    interval: .seconds(15), timeout: .seconds(30), timeToLive: .seconds(45)),
            ])
        if let credential = address.credential {
            try socket.encrypt(with: ClientKeys(credential))
        }
        for topic in topics { try socket.subscribe(topic) }
        let monitor = try SocketMonitor(of: socket)
        var place = address
        place.port = port
        try socket.connect(place.endpoint)
        thread.watch(socket)
        thread.watch(monitor.socket)
        self.monitor = consume monitor
        published = consume socket
    }

    /// Ends it.
    mutating func close() {
        asked?.close()
        published?.unwatch(on: thread)
        monitor?.unwatch(on: thread)
    }

    /// It is published, and not asked for.
    var isPublished: Bool { published != nil }

    var verdict: HandshakeVerdict {
        switch asked {
        case .some(let asked): asked.verdict
        case .none: observer.verdict
        }
    }

    /// Does what is due.
    ///
    /// - Throws: a `WireError` when the coordinator refuses the subscription.
    mutating func turn() throws {
        while let event = try monitor?.next() { observer.observe(event) }
        try asked?.turn()
    }

    /// The next message, or `nil` when there is none now.
    mutating func next() throws(ZeroMQError) -> WireBroadcast? {
        while let frames = try published?.receiveFrames() {
            // Other topics may begin with the same letters.
            guard frames.count == 2, topics.contains(String(decoding: frames[0], as: UTF8.self)),
                let message = try? WireBroadcast(frame: frames[1])
            else { continue }
            return message
        }
        return asked?.next()
    }
}

// Values that cannot be copied are lent by optional chaining, not by binding them.
extension Socket {
    fileprivate func unwatch(on thread: SocketThread) { thread.unwatch(self) }
}

extension SocketMonitor {
    fileprivate func unwatch(on thread: SocketThread) { thread.unwatch(socket) }
}
