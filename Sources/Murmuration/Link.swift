import Messages
import ZeroMQ

/// One socket of a ``Connection``, with what is known of how it does.
struct Link: ~Copyable {
    private var socket: Socket
    private var monitor: SocketMonitor
    private var observer: HandshakeObserver
    let isVersion6: Bool

    private(set) var welcome: WireWelcome?
    /// The id of the last Hello.
    private(set) var helloID: UInt64?
    private(set) var helloIsOut = false
    /// When the next Hello is due; `nil` while nobody listens to it.
    var nextHello: ContinuousClock.Instant?
    var heartbeatsOut = 0

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

    /// - Returns: whether libzmq took it.
    mutating func send(_ frame: [UInt8]) throws(ZeroMQError) -> Bool {
        try socket.send(frame) == .sent
    }

    /// Says which versions this client speaks.
    mutating func sendHello(id: UInt64) throws(ZeroMQError) {
        var hello = WireHello()
        hello.minVersion = WireVersion.min
        hello.maxVersion = WireVersion.max
        hello.client = "murmuration-swift"
        var request = WireRequest()
        request.id = id
        request.hello = hello
        helloID = id
        helloIsOut = try send(request.bytes)
    }

    mutating func accept(_ welcome: WireWelcome) {
        self.welcome = welcome
        nextHello = nil
    }

    /// The connection broke; libzmq makes it again.
    mutating func forgetWelcome() {
        welcome = nil
        helloID = nil
        helloIsOut = false
        nextHello = nil
        heartbeatsOut = 0
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
