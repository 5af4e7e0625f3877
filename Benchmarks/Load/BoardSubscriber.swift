import Messages
import ZeroMQ

/// A monitor of one population's board.
final class BoardSubscriber {
    private var socket: Socket
    private let population: String
    private var last: BoardHead?
    private(set) var boards = 0
    private(set) var bytes = 0
    private(set) var largest = 0
    /// Boards that did not arrive, by their counter.
    private(set) var missed = 0
    /// How many of the tracer's reports were on a board that arrived.
    var traces = 0

    init(_ place: Place, port: UInt16, population: String) throws {
        self.population = population
        // As the library's monitors do.
        socket = try Socket(
            .sub, in: place.context,
            options: [
                .receiveHighWaterMark(32), .maxMessageSize(2 * Limits.messageBytes),
                .reconnect(
                    interval: .milliseconds(100) * Double.random(in: 1...2), maximum: .seconds(5)),
                .heartbeat(
                    interval: .seconds(15), timeout: .seconds(30), timeToLive: .seconds(45)),
            ])
        if let keys = place.keys {
            try socket.encrypt(asClient: keys.client, server: keys.server.publicKey)
        }
        try socket.subscribe("\(population)/leaderboard")
        var address = place.address
        address.port = port
        try socket.connect(address.endpoint)
    }

    func file() throws -> CInt { try socket.file() }

    /// The sequence of the journal that the last board showed.
    var committed: UInt64 { last?.committed ?? 0 }
    var isHearing: Bool { last != nil }

    /// Counts from now on.
    func beginAnew() {
        (boards, bytes, largest, missed, traces) = (0, 0, 0, 0, 0)
    }

    /// - Returns: false when there is no board now.
    func takeBoard() throws -> Bool {
        guard let frames = try socket.receiveFrames() else { return false }
        guard frames.count == 2, let head = BoardHead(frames[1]) else {
            throw LoadError("A message of the broadcast was not a topic and a board.")
        }
        if let last {
            guard head.epoch == last.epoch else {
                throw LoadError("The coordinator was started anew meanwhile.")
            }
            guard head.counter > last.counter, head.committed >= last.committed else {
                throw LoadError("Board \(head.counter) came after board \(last.counter).")
            }
            missed += Int(head.counter - last.counter) - 1
        } else {
            try check(frames[1])
        }
        last = head
        boards += 1
        let size = frames[0].count + frames[1].count
        bytes += size
        largest = max(largest, size)
        return true
    }

    private func check(_ frame: [UInt8]) throws {
        guard case .leaderboard(let board) = try WireBroadcast(frame: frame).body,
            board.population == population
        else { throw LoadError("Something else came than the board of '\(population)'.") }
    }
}
