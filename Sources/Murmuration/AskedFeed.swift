import ClientMachine
import Messages
import ZeroMQ

/// A broadcast that is asked for over a connection, by who may not read everything.
struct AskedFeed: ~Copyable {
    private var driver: MachineDriver
    private let topics: [String]
    private let clock = ContinuousClock()
    /// The request for it that is under way.
    private var asked: UInt64?
    /// When to ask for it again.
    private var nextAsk = ContinuousClock.now
    private var lastHeard = ContinuousClock.now
    private var received: [WireBroadcast] = []

    /// A board comes every second. After this long without one the coordinator does not know of the
    /// subscription, or refuses it.
    private static let silence = Duration.seconds(3)
    /// A subscription is asked for again after this part of the time for which it lasts.
    private static let renewal = 3

    init(
        of topics: [String], from address: Address, isVersion6: Bool, timing: ConnectionTiming,
        on thread: SocketThread
    ) {
        self.topics = topics
        driver = MachineDriver(to: address, timing: timing, on: thread, isVersion6: isVersion6)
        driver.machine.want()
    }

    var verdict: HandshakeVerdict { driver.verdict }

    /// Does what is due.
    ///
    /// - Throws: a `WireError` when the coordinator refuses the subscription.
    mutating func turn() throws {
        try driver.turn()
        for outcome in driver.takeOutcomes() { try take(outcome) }
        guard driver.machine.phase == .ready, asked == nil else { return }
        let isSilent = clock.now - lastHeard > Self.silence
        if isSilent || clock.now >= nextAsk { try ask() }
    }

    /// The next message, or `nil` when there is none now.
    mutating func next() -> WireBroadcast? { received.isEmpty ? nil : received.removeFirst() }

    /// Ends it.
    mutating func close() { driver.perform(driver.machine.fail()) }

    private mutating func take(_ outcome: ClientMachine.Action) throws(WireError) {
        switch outcome {
        // What was asked for does not outlive the link, nor the coordinator.
        case .ready: nextAsk = clock.now
        case .unasked(let reply): try take(reply)
        case .answered(let id, let reply):
            guard id == asked else { return }
            asked = nil
            lastHeard = clock.now
            guard case .subscribed(let subscribed) = reply.body else { return }
            nextAsk = clock.now + .milliseconds(Int64(subscribed.milliseconds)) / Self.renewal
        case .refused(_, let error): if let error { throw error }
        case .failed(let error): throw error
        case .connect, .disconnect, .send, .unavailable, .leaseGone: break
        }
    }

    private mutating func take(_ reply: WireReply) throws(WireError) {
        switch reply.body {
        case .broadcast(let message):
            lastHeard = clock.now
            if topics.contains(message.topic) { received.append(message) }
        case .error(let error): throw error
        default: break
        }
    }

    private mutating func ask() throws(WireError) {
        var subscribe = WireSubscribe()
        subscribe.topics = topics
        asked = try driver.machine.ask(.subscribe(subscribe), at: driver.now)
        lastHeard = clock.now
        nextAsk = clock.now + driver.timing.answer
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
