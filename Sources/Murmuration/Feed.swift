import Messages
import ZeroMQ

/// Where a broadcast arrives: the socket that it is published on, or, for who may not read everything,
/// a connection over which it was asked for.
struct Feed: ~Copyable {
    private var published: Socket?
    private var monitor: SocketMonitor?
    private var observer: HandshakeObserver
    private var link: Link?
    private var subscribing: Subscribing

    private let topics: [String]
    private let timing: ConnectionTiming
    private let clock = ContinuousClock()

    /// How the subscription over a connection does.
    private struct Subscribing {
        var lastID: UInt64 = 0
        /// When to ask for it again.
        var next = ContinuousClock.now
        var lastHeard = ContinuousClock.now
        /// Within which this client comes back, once it was welcomed.
        var spread: Duration?
        var hellos = 0
    }

    /// Boards are whole and come again, and lineage that was missed is asked for, so that a few
    /// messages are enough.
    private static let queue = 32
    /// A board comes every second. After this long without one the coordinator does not know of the
    /// subscription, or refuses it.
    private static let silence = Duration.seconds(3)

    /// - Parameter address: with the port of the workers.
    /// - Parameter port: of the broadcast; `nil` to ask for it over a connection.
    init(
        of topics: [String], from address: Address, port: UInt16?, isVersion6: Bool,
        timing: ConnectionTiming
    ) throws(ZeroMQError) {
        self.topics = topics
        self.timing = timing
        subscribing = Subscribing()
        observer = HandshakeObserver(isEncrypted: address.credential != nil)
        var keys: ClientKeys?
        if let credential = address.credential { keys = try ClientKeys(credential) }
        guard let port else {
            link = try Link(to: address, keys: keys, isVersion6: isVersion6, timing: timing)
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
        if let keys { try socket.encrypt(with: keys) }
        for topic in topics { try socket.subscribe(topic) }
        monitor = try SocketMonitor(of: socket)
        var place = address
        place.port = port
        try socket.connect(place.endpoint)
        published = consume socket
    }

    func watch(on thread: SocketThread) {
        link?.watch(on: thread)
        published?.watch(on: thread)
        monitor?.watch(on: thread)
    }

    func unwatch(on thread: SocketThread) {
        link?.unwatch(on: thread)
        published?.unwatch(on: thread)
        monitor?.unwatch(on: thread)
    }

    var verdict: HandshakeVerdict {
        switch link {
        case .some(let link): link.verdict
        case .none: observer.verdict
        }
    }

    /// Does what is due.
    mutating func turn() throws(ZeroMQError) {
        while let event = try monitor?.next() { observer.observe(event) }
        try readLinkEvents()
        try askOverLink()
    }

    /// The next message, or `nil` when there is none now.
    ///
    /// - Throws: a `WireError` when the coordinator refuses the subscription.
    mutating func next() throws -> WireBroadcast? {
        while let frames = try published?.receiveFrames() {
            // Other topics may begin with the same letters.
            guard frames.count == 2, topics.contains(String(decoding: frames[0], as: UTF8.self)),
                let message = try? WireBroadcast(frame: frames[1])
            else { continue }
            return message
        }
        while let frame = try link?.receive() {
            guard let reply = try? WireReply(frame: frame) else { continue }
            switch reply.body {
            case .broadcast(let message):
                subscribing.lastHeard = clock.now
                if topics.contains(message.topic) { return message }
            case .welcome(let welcome) where reply.id == link?.helloID:
                link?.accept(welcome)
                subscribing.spread = .milliseconds(Int64(welcome.returnMilliseconds))
                subscribing.hellos = 0
                subscribing.next = clock.now
            case .subscribed(let subscribed) where reply.id == subscribing.lastID:
                subscribing.next = clock.now + .milliseconds(Int64(subscribed.milliseconds) / 3)
                subscribing.lastHeard = clock.now
            case .error(let error) where error.code != .unavailable: throw error
            default: break
            }
        }
        return nil
    }

    // MARK: Over a connection

    private mutating func readLinkEvents() throws(ZeroMQError) {
        while let event = try link?.nextEvent() {
            switch event {
            case .handshakeSucceeded:
                link?.nextHello = clock.now + timing.comeBack(within: subscribing.spread)
            case .disconnected: link?.forgetWelcome()
            default: break
            }
        }
    }

    private mutating func askOverLink() throws(ZeroMQError) {
        if let due = link?.nextHello, clock.now >= due {
            subscribing.lastID += 1
            try link?.sendHello(id: subscribing.lastID)
            // The next one is for when this one is lost.
            link?.nextHello = clock.now + timing.wait(attempt: subscribing.hellos)
            subscribing.hellos += 1
        }
        guard link?.welcome != nil else { return }
        let isSilent = clock.now - subscribing.lastHeard > Self.silence
        guard clock.now >= subscribing.next || isSilent else { return }
        subscribing.lastID += 1
        var request = WireRequest()
        request.id = subscribing.lastID
        request.subscribe.topics = topics
        guard try link?.send(request.bytes) == true else { return }
        subscribing.next = clock.now + timing.answer
        subscribing.lastHeard = clock.now
    }
}

extension WireBroadcast {
    /// What it is published under.
    fileprivate var topic: String {
        switch body {
        case .leaderboard(let board): "\(board.population)/leaderboard"
        case .lineage(let lineage): "\(lineage.population)/lineage"
        case nil: ""
        }
    }
}

// Values that cannot be copied are lent by optional chaining, not by binding them.
extension Socket {
    fileprivate func watch(on thread: SocketThread) { thread.watch(self) }
    fileprivate func unwatch(on thread: SocketThread) { thread.unwatch(self) }
}

extension SocketMonitor {
    fileprivate func watch(on thread: SocketThread) { thread.watch(socket) }
    fileprivate func unwatch(on thread: SocketThread) { thread.unwatch(socket) }
}
