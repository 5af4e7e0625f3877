import Foundation
import Messages

/// A client's side of the wire: what it says, and when.
///
/// It has no socket, clock, thread or chance of its own. It is told what happens and when, and its
/// driver does what it answers, in that order. Times count from one moment, which any may be.
/// Recorded sessions drive it and its sister in Python alike (`Tests/Vectors/sessions`).
package struct ClientMachine {
    /// What the driver does.
    package enum Action: Equatable {
        /// Makes a link, and says when it has shaken hands.
        case connect
        /// Closes the link.
        case disconnect
        case send([UInt8])
        /// Ends a request.
        case answered(UInt64, WireReply)
        /// Ends a request; with `nil` by the error for which the driver called ``fail()``.
        case refused(UInt64, WireError?)
        /// The coordinator cannot answer now, at the first attempt; it is asked again.
        case unavailable(UInt64, WireError)
        /// Something came that nobody asked for.
        case unasked(WireReply)
        /// The coordinator welcomed this client, and what it holds is taken up again.
        case ready
        /// A lease that is held has ended: with this sentence, or because it lapsed or was ended.
        case leaseGone(UInt64, message: String?)
        /// Nothing can be asked of what is there. The driver says when to connect again.
        case failed(WireError)
    }

    package enum Phase {
        /// There is no link until its time comes, and somebody needs it. Next: `connecting`.
        case absent
        /// The link connects and shakes hands. Next: `greeting`, or `absent` when that fails.
        case connecting
        /// The Hello is due or under way. Next: `rejoining` if leases outlived a restart of the
        /// coordinator, else `ready`.
        case greeting
        /// Joins that take leases up again are under way. Next: `ready`.
        case rejoining
        /// Requests flow. Next: `greeting` at a new epoch, `absent` when the link is lost.
        case ready
    }

    /// When a link that is needed is made.
    enum Start {
        case atOnce
        /// After a refusal or a loss: whoever asks waits for it too.
        case after(Duration)
        /// After a failure, as the driver said: whoever asks wants to know now.
        case again(at: Duration?)
    }

    /// A request under way; every attempt sends the same bytes.
    struct Call {
        let frame: [UInt8]
        /// Of a Join that takes a lease up again: the lease.
        let lease: UInt64?
        var due: Duration
        var attempts: Int
        /// Attempts over this link that were not answered.
        var misses = 0
        /// What the coordinator said last, when it was there and could not answer.
        var refusal: WireError?
    }

    let timing: Timing
    let client: String
    let chance: () -> Double
    let newKey: () -> Data

    package internal(set) var phase = Phase.absent
    /// The last one, also of a link that is gone.
    package internal(set) var welcome: WireWelcome?
    var actions: [Action] = []
    private var lastID: UInt64 = 0
    var isWanted = false
    var start = Start.atOnce

    var calls: [UInt64: Call] = [:]
    /// A Hello, or Joins that take leases up again.
    var openings: [UInt64: Call] = [:]
    /// With the Join that takes it up again, when there is one.
    var held: [UInt64: WireJoin?] = [:]
    /// Those of the leases that are over.
    var gone: Set<UInt64> = []
    /// Leases to take up again since the coordinator was restarted.
    var untaken: Set<UInt64> = []

    /// 0 before the first welcome.
    var epoch: UInt64 = 0
    var spread = Duration.zero
    var interval = Self.usualInterval
    var nextHeartbeat = Duration.zero
    /// The last one; more than one when there are many leases.
    var heartbeats: Set<UInt64> = []
    /// Heartbeats in a row after which nothing came.
    var unheardHeartbeats = 0

    /// Handshakes in a row that failed.
    private var refusals = 0
    /// Links in a row that were given up because nobody answered.
    var losses = 0
    /// Hellos in a row without a welcome, over all links.
    var greetings = 0

    static let usualInterval = Duration.seconds(10)

    /// - Parameters:
    ///   - client: what the Hello calls it.
    ///   - chance: from 0 to 1, without 1.
    ///   - newKey: a key of a request, never the same.
    package init(
        timing: Timing, client: String, chance: @escaping () -> Double,
        newKey: @escaping () -> Data
    ) {
        self.timing = timing
        self.client = client
        self.chance = chance
        self.newKey = newKey
    }

    // MARK: - What is wanted

    /// A link is wanted, also while nothing is asked or held.
    package mutating func want() { isWanted = true }

    /// Has a request sent until it is answered or given up.
    ///
    /// - Returns: its id.
    /// - Throws: `LIMIT` when it is too long for a message.
    package mutating func ask(
        _ body: WireRequest.OneOf_Body, at now: Duration
    ) throws(WireError) -> UInt64 {
        let (id, call) = newCall(body, due: now)
        guard call.frame.count <= Limits.messageBytes else {
            throw WireError(
                .limit,
                """
                The request has \(call.frame.count) bytes and may have \(Limits.messageBytes); \
                send less at once.
                """)
        }
        calls[id] = call
        if case .again = start { start = .atOnce }
        return id
    }

    /// Nobody waits for the answer any more.
    package mutating func giveUp(_ id: UInt64) { calls[id] = nil }

    /// What the coordinator said last to a request that it could not answer.
    package func refusal(of id: UInt64) -> WireError? { calls[id]?.refusal }

    /// Keeps a lease alive.
    ///
    /// - Parameter rejoin: takes it up again after a restart of the coordinator.
    package mutating func hold(_ lease: UInt64, rejoin: WireJoin?, at now: Duration) {
        if live.isEmpty { nextHeartbeat = now + interval }
        held.updateValue(rejoin, forKey: lease)
        gone.remove(lease)
    }

    package mutating func forget(_ lease: UInt64) {
        held.removeValue(forKey: lease)
        gone.remove(lease)
        untaken.remove(lease)
    }

    /// All that are held, also those that are gone.
    package var leases: Dictionary<UInt64, WireJoin?>.Keys { held.keys }

    // MARK: - What happens

    /// The link connected, and both sides know each other.
    package mutating func shakenHands(at now: Duration) -> [Action] {
        guard phase == .connecting else { return [] }
        refusals = 0
        // Thousands may have lost it at one moment, and come back at one moment. All ways back lead
        // through here, and nothing else is sent before the greeting.
        greet(at: now + spread * chance())
        return []
    }

    package mutating func handshakeFailed(at now: Duration) -> [Action] {
        guard phase == .connecting else { return [] }
        refusals += 1
        disconnect(.after(now + timing.pause(refusals, chance())))
        return drain()
    }

    /// The link was lost.
    package mutating func broke(at now: Duration) -> [Action] {
        switch phase {
        case .absent: return []
        case .connecting: return handshakeFailed(at: now)
        case .greeting, .rejoining, .ready:
            // One that hangs up after every Hello is asked ever more rarely too.
            disconnect(.after(now + timing.pause(greetings, chance())))
            return drain()
        }
    }

    /// Ends all requests, and the link.
    package mutating func fail() -> [Action] {
        fail(nil)
        return drain()
    }

    /// Says when the next link is made, after a failure.
    package mutating func connectAgain(at time: Duration) { start = .again(at: time) }

    // MARK: - For the other files

    mutating func drain() -> [Action] {
        defer { actions = [] }
        return actions
    }

    mutating func newCall(
        _ body: WireRequest.OneOf_Body, due: Duration, lease: UInt64? = nil, attempts: Int = 0
    ) -> (id: UInt64, call: Call) {
        lastID += 1
        var request = WireRequest()
        request.id = lastID
        request.body = body
        let call = Call(frame: request.bytes, lease: lease, due: due, attempts: attempts)
        return (lastID, call)
    }

    /// In order.
    var live: [UInt64] {
        held.isEmpty ? [] : held.keys.filter { !gone.contains($0) }.sorted()
    }
}
