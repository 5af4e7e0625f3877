/// Decides when a process has no room for more connections: each takes a file, and where none is
/// left libzmq's thread spins.
///
/// Some are always left over: half of this reserve for what is queued when the gate closes, the
/// other half for all that is not a connection.
public struct ConnectionGate: Sendable {
    /// What to do.
    public enum Step: Hashable, Sendable {
        /// Have new connections wait.
        case hold
        /// Take them while a number below the mark is free.
        case resume(mark: Int)
    }

    private enum State {
        /// Connections are taken. Next: `closed`, when all numbers below the mark are in use.
        case open(mark: Int)
        /// They wait. Next: `open`, from this moment on and when a number is free beside the
        /// reserve.
        case closed(until: ContinuousClock.Instant)
    }

    /// The files that this process may have.
    public let limit: Int
    public let reserve: Int
    private var state: State
    /// Whether connections may come to the mark before anybody looks again.
    public private(set) var isNearMark = false

    /// Who comes at once when one leaves would otherwise open and close it all the time.
    static let pause = Duration.seconds(1)

    /// A gate that opens when it is looked at.
    public init(limit: Int, at now: ContinuousClock.Instant) {
        self.limit = limit
        reserve = min(max(64, min(4096, limit / 4)), limit / 2)
        state = .closed(until: now)
    }

    /// How many connections may wait to be accepted at each of several listening sockets.
    public func queue(of listeners: Int) -> Int {
        max(1, reserve / 2 / listeners)
    }

    /// - Parameters:
    ///   - lowestFree: the lowest number that is free, if any is.
    ///   - findMark: the highest number from which on so many are free, if so many are. It is asked
    ///     seldom.
    public mutating func look(
        lowestFree: Int?, at now: ContinuousClock.Instant, findMark: (_ reserve: Int) -> Int?
    ) -> Step? {
        switch state {
        case .open(let mark):
            if let lowestFree, lowestFree < mark {
                isNearMark = lowestFree + reserve >= mark
                return nil
            }
            isNearMark = false
            state = .closed(until: now + Self.pause)
            return .hold
        case .closed(let until):
            guard now >= until, let lowestFree else { return nil }
            guard let mark = findMark(reserve), lowestFree < mark else {
                state = .closed(until: now + Self.pause)
                return nil
            }
            isNearMark = true
            state = .open(mark: mark)
            return .resume(mark: mark)
        }
    }
}
