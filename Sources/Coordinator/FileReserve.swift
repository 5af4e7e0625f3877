import Logging
import ZeroMQ

/// Keeps some of this process's files free of connections, and says so when others have to wait.
///
/// While they are taken, the mark of the gate is the process's limit of open files: however many
/// come between two turns, libzmq gets no further. What is above it is for those that are queued
/// when the gate closes, and for others than connections.
///
/// Only Linux can have connections wait; elsewhere this makes more room at the mark, and says so.
struct FileReserve {
    enum Step { case hold, resume }

    private var gate: ConnectionGate
    private let logger: Logger
    /// When it is looked again: what can come in between is below the mark.
    private var nextLook: ContinuousClock.Instant?
    private var isHolding = false
    /// When it was last said that some have to wait.
    private var said: ContinuousClock.Instant?
    /// Whether it was said of this time.
    private var isSaid = false
    private var sentence = ""

    /// What does not change is said again after this long.
    private static let timeBetweenWarnings = Duration.seconds(60)
    /// Between two looks near the mark, where libzmq's thread spins in between.
    private static let shortWait = Duration.milliseconds(10)

    /// Raises the limit of open files as far as the system permits.
    init(logger: Logger) {
        self.logger = logger
        gate = ConnectionGate(limit: OpenFiles.raiseLimit() ?? Int(CInt.max), at: .now)
    }

    /// Connections that may wait to be accepted at each of several listening sockets.
    func connectionQueue(of listeners: Int) -> Int { gate.queue(of: listeners) }

    var longestWait: Duration {
        gate.isNearMark ? Self.shortWait : SocketThread.longestWait
    }

    /// - Returns: what to do with the listening sockets.
    mutating func look(at now: ContinuousClock.Instant) -> Step? {
        if let nextLook, now < nextLook { return nil }
        defer { nextLook = now + longestWait }
        let limit = gate.limit
        let step = gate.look(lowestFree: OpenFiles.lowestFree(), at: now) {
            OpenFiles.mark(leaving: $0, below: limit)
        }
        switch step {
        case .hold:
            isHolding = true
            return .hold
        case .resume(let mark):
            OpenFiles.setLimit(mark)
            isHolding = false
            if isSaid {
                logger.notice("there is room for workers and monitors that connect again")
            }
            isSaid = false
            return .resume
        case nil:
            if isHolding { say(at: now) }
            return nil
        }
    }

    /// Makes room for those that were queued before.
    ///
    /// - Parameter isPossible: whether the system holds connections.
    mutating func didHold(_ isPossible: Bool, at now: ContinuousClock.Instant) {
        OpenFiles.setLimit(gate.limit)
        sentence =
            isPossible
            ? "workers and monitors that connect now wait until others leave"
            : "the coordinator may be slow and keep workers and monitors waiting until some leave"
        say(at: now)
    }

    private mutating func say(at now: ContinuousClock.Instant) {
        if let said, now - said < Self.timeBetweenWarnings { return }
        said = now
        isSaid = true
        logger.error(
            """
            the limit of open files is reached: \(sentence); raise the limit (ulimit -n) and \
            start the coordinator again
            """)
    }
}
