import ClientMachine
import Messages
import ZeroMQ

/// Does for a ``ClientMachine`` what it wants done with sockets, and tells it what happens to them.
///
/// While the machine connects, libzmq tries again and again by itself, and this tries both families of
/// addresses. It belongs to the thread that it is made with.
struct MachineDriver: ~Copyable {
    private(set) var address: Address
    let timing: ConnectionTiming
    var machine: ClientMachine
    private let thread: SocketThread
    private let start = ContinuousClock.now
    private var link: Link?
    /// Derived on the thread, because it takes a while.
    private var keys: ClientKeys?
    /// When a link may be made while the machine connects.
    private var nextLink = ContinuousClock.now
    private(set) var linkCount: Int
    /// The last link found somebody, also when it is closed by now.
    private var foundSomebody = false
    private var outcomes: [ClientMachine.Action] = []

    /// When the address's file is looked at again.
    private var nextLook = ContinuousClock.now
    /// What was wrong with that file at the last look.
    private(set) var fault: AddressError?

    /// How often it is looked at while nobody is there.
    private static let look = Duration.seconds(1)

    /// - Parameter isVersion6: the family that is tried first, where there are two.
    init(
        to address: Address, timing: ConnectionTiming, on thread: SocketThread,
        isVersion6: Bool = false
    ) {
        self.address = address
        self.timing = timing
        self.thread = thread
        linkCount = isVersion6 ? 1 : 0
        machine = ClientMachine(
            timing: timing.machine, client: "murmuration-swift",
            chance: { Double.random(in: 0..<1) }, newKey: Limits.newKey)
    }

    /// The time as the machine counts it.
    var now: Duration { ContinuousClock.now - start }

    /// Takes what came, does what is due, and sends.
    mutating func turn() throws(ZeroMQError) {
        try readEvents()
        // Nothing is sent again before all that came was looked at.
        while let frame = try link?.receive() { perform(machine.received(frame, at: now)) }
        perform(machine.tick(at: now))
        lookAgain()
        try openLink()
        try link?.flush()
    }

    /// What the machine wants of whoever asks, since the last time.
    mutating func takeOutcomes() -> [ClientMachine.Action] {
        defer { outcomes = [] }
        return outcomes
    }

    mutating func perform(_ actions: [ClientMachine.Action]) {
        for action in actions {
            switch action {
            case .connect:
                nextLink = .now
                _ = follow()
            case .disconnect: closeLink()
            case .send(let frame): link?.enqueue(frame)
            case .ready:
                // The next link tries the family first that this one found somebody with.
                linkCount = isVersion6 ? 1 : 0
                outcomes.append(action)
            case .answered, .refused, .unavailable, .unasked, .leaseGone, .failed:
                outcomes.append(action)
            }
        }
    }

    // Values that cannot be copied are lent by a switch, not by optional chaining, while the driver
    // itself is lent.

    /// Whether the conversation is by version 6 of IP.
    var isVersion6: Bool {
        switch link {
        case .some(let link): link.isVersion6
        case .none: address.isVersion6(attempt: linkCount)
        }
    }

    var verdict: HandshakeVerdict {
        switch link {
        case .some(let link): link.verdict
        case .none: .pending
        }
    }

    /// Whether somebody listens, or did while there was a link.
    var isConnected: Bool {
        switch link {
        case .some(let link): link.isConnected
        case .none: foundSomebody
        }
    }

    /// How long there is nothing to do.
    var rest: Duration {
        switch link {
        case .some(let link): if link.hasUnsent { return timing.shortestWait }
        case .none:
            if machine.phase == .connecting, address.isKnown {
                return max(timing.shortestWait, nextLink - ContinuousClock.now)
            }
        }
        var rest = machine.due.map { $0 - now } ?? SocketThread.longestWait
        if isLooking { rest = min(rest, nextLook - ContinuousClock.now) }
        return max(timing.shortestWait, rest)
    }

    // MARK: - The address's file

    private var isLooking: Bool { machine.phase == .connecting && address.file != nil }

    /// Looks into the file while nobody is there.
    private mutating func lookAgain() {
        guard isLooking, ContinuousClock.now >= nextLook, follow() else { return }
        closeLink()
        nextLink = .now
    }

    /// Takes over what the file says.
    ///
    /// - Returns: whether that is new.
    private mutating func follow() -> Bool {
        guard address.file != nil else { return false }
        nextLook = ContinuousClock.now + Self.look
        do throws(AddressError) {
            let found = try address.current()
            fault = nil
            guard found != address else { return false }
            if found.credential != address.credential { keys = nil }
            address = found
            return true
        } catch {
            // It may be written at this moment.
            fault = error
            return false
        }
    }

    // MARK: - The link

    private mutating func openLink() throws(ZeroMQError) {
        guard machine.phase == .connecting, link == nil, ContinuousClock.now >= nextLink,
            address.isKnown
        else { return }
        if keys == nil, let credential = address.credential { keys = try ClientKeys(credential) }
        let link = try Link(
            to: address, keys: keys, isVersion6: address.isVersion6(attempt: linkCount),
            timing: timing)
        link.watch(on: thread)
        self.link = consume link
        linkCount += 1
    }

    private mutating func closeLink() {
        guard let link = self.link.take() else { return }
        foundSomebody = link.isConnected
        link.unwatch(on: thread)
    }

    /// Learns from libzmq how the link does.
    private mutating func readEvents() throws(ZeroMQError) {
        while let event = try link?.nextEvent() {
            switch event {
            case .handshakeSucceeded: perform(machine.shakenHands(at: now))
            case .disconnected where machine.phase != .connecting:
                perform(machine.broke(at: now))
            case .retried: tryOtherFamily()
            default: break
            }
        }
    }

    /// A host's name may have addresses of both families, of which libzmq looks at one.
    private mutating func tryOtherFamily() {
        guard address.hasTwoFamilies, link?.verdict != .accepted, link?.isBrokenOff != true
        else { return }
        closeLink()
        nextLink = ContinuousClock.now + timing.reconnect(attempt: linkCount)
    }
}
