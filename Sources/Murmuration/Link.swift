import Messages
import ZeroMQ

/// One socket to a coordinator, with what is known of how it does.
struct Link: ~Copyable {
    private var socket: Socket
    private var monitor: SocketMonitor
    private var observer: HandshakeObserver
    let isVersion6: Bool

    /// What libzmq has not taken yet. It takes nothing for a moment after the handshake, and while its
    /// queue is full.
    private var unsent: [[UInt8]] = []

    /// Requests that are queued at most; one connection has a few under way.
    private static let queue = 1000
    /// libzmq's limit for a message counts what encryption adds.
    private static let encryptionBytes = 33

    init(
        to address: Address, keys: ClientKeys?, isVersion6: Bool, timing: ConnectionTiming
    ) throws(ZeroMQError) {
        let first = timing.reconnect.lowerBound * Double.random(in: 1...2)
        var socket = try Socket(
            .dealer, in: Context.client(),
            options: [
                .immediate(true), .ipv6(isVersion6),
                .sendHighWaterMark(Self.queue), .receiveHighWaterMark(Self.queue),
                .maxMessageSize(Limits.messageBytes + Self.encryptionBytes),
                .heartbeat(
                    interval: .seconds(15), timeout: .seconds(30), timeToLive: .seconds(45)),
                .reconnect(interval: first, maximum: timing.reconnect.upperBound),
            ])
        if let keys { try socket.encrypt(with: keys) }
        let monitor = try SocketMonitor(of: socket)
        try socket.connect(address.endpoint)
        self.isVersion6 = isVersion6
        self.socket = socket
        self.monitor = monitor
        observer = HandshakeObserver(isEncrypted: keys != nil)
    }

    func watch(on thread: SocketThread) {
        thread.watch(socket)
        thread.watch(monitor.socket)
    }

    func unwatch(on thread: SocketThread) {
        thread.unwatch(socket)
        thread.unwatch(monitor.socket)
    }

    var verdict: HandshakeVerdict { observer.verdict }
    var isConnected: Bool { observer.isConnected }
    var isBrokenOff: Bool { observer.isBrokenOff }

    mutating func nextEvent() throws(ZeroMQError) -> ConnectionEvent? {
        guard let event = try monitor.next() else { return nil }
        observer.observe(event)
        return event
    }

    mutating func receive() throws(ZeroMQError) -> [UInt8]? {
        try socket.receiveFrames()?.first
    }

    mutating func enqueue(_ frame: [UInt8]) { unsent.append(frame) }

    /// libzmq tells of a queue that is full no more by nothing that could be waited for.
    var hasUnsent: Bool { !unsent.isEmpty }

    /// Sends as much as libzmq takes.
    mutating func flush() throws(ZeroMQError) {
        var count = 0
        while count < unsent.count, try socket.send(unsent[count]) == .sent { count += 1 }
        unsent.removeFirst(count)
    }
}

extension Context {
    private static let shared = Result<Context, ZeroMQError> { () throws(ZeroMQError) in
        try Context(maxSockets: mostSockets)
    }

    /// Enough for thousands of workers in one process.
    private static let mostSockets = 16_384

    /// The one of all clients in this process, so that each costs no threads of libzmq's.
    static func client() throws(ZeroMQError) -> Context {
        try shared.get()
    }
}
