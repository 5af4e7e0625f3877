import Foundation
import Messages
import ZeroMQ

/// One connection, and those who train over it: each has a lease, and one report under way at most.
final class Line {
    var socket: Socket
    var trainees: [Trainee] = []
    private var lastID: UInt64 = 0
    /// Who waits for the answer to which request.
    private var waiting: [UInt64: Int] = [:]
    private(set) var acknowledged = 0
    private(set) var bytesSent = 0
    private(set) var bytesReceived = 0
    /// What the last answer says of the journal.
    private(set) var committed: UInt64 = 0

    enum Answer {
        /// To a report that left at `sent`.
        case directive(trainee: Int, sent: UInt64, exploits: Bool, switches: Bool)
        /// To a heartbeat, or to a report that was sent twice.
        case other
    }

    /// - Parameter source: the address on this machine to connect from; `nil` for any.
    /// - Parameter reconnect: between attempts to connect: the first pause, and the longest.
    /// - Parameter queue: messages that wait to be sent, at most.
    /// - Parameter connects: whether it does so at once, and not when it is told.
    init(
        _ place: Place, source: String? = nil,
        reconnect: ClosedRange<Duration> = .milliseconds(500) ... .seconds(2), queue: Int = 1000,
        connects: Bool = true
    ) throws {
        socket = try Socket(
            .dealer, in: place.context,
            options: [
                .sendHighWaterMark(queue), .receiveHighWaterMark(1000),
                .reconnect(interval: reconnect.lowerBound, maximum: reconnect.upperBound),
            ])
        if let keys = place.keys {
            try socket.encrypt(asClient: keys.client, server: keys.server.publicKey)
        }
        if connects { try connect(to: place, source: source) }
    }

    func connect(to place: Place, source: String?) throws {
        let endpoint = place.address.endpoint
        if let source {
            try socket.connect(endpoint.replacingOccurrences(of: "//", with: "//\(source):0;"))
        } else {
            try socket.connect(endpoint)
        }
    }

    /// - Parameter again: the id of the request that this one repeats.
    func send(
        _ body: WireRequest.OneOf_Body, for trainee: Int? = nil, again: UInt64? = nil
    ) throws {
        guard try queue(body, for: trainee, again: again) else {
            throw LoadError("A connection's queue is full; the server does not read.")
        }
    }

    /// - Returns: whether there was room.
    private func queue(
        _ body: WireRequest.OneOf_Body, for trainee: Int?, again: UInt64? = nil
    ) throws -> Bool {
        if again == nil { lastID += 1 }
        var request = WireRequest()
        request.id = again ?? lastID
        request.body = body
        if let trainee { waiting[request.id] = trainee }
        let frame = request.bytes
        bytesSent += frame.count
        return try socket.send(frame) == .sent
    }

    private func receive() throws -> [UInt8]? {
        guard let message = try socket.receive() else { return nil }
        bytesReceived += message.count
        return message.bytes
    }

    func awaitReply(seconds: Double) throws -> WireReply {
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        while monotonicNanoseconds() < end {
            if let frame = try receive() { return try WireReply(frame: frame) }
            usleep(500)
        }
        throw LoadError(
            "There is no answer within \(seconds) seconds; is the address right, with its secret?")
    }

    // MARK: Greeting

    /// Says Hello, unless an earlier one has not left yet.
    ///
    /// - Returns: its number.
    func greet() throws -> UInt64 {
        var hello = WireHello()
        hello.minVersion = WireVersion.min
        hello.maxVersion = WireVersion.max
        hello.client = "bench-load"
        _ = try queue(.hello(hello), for: nil)
        return lastID
    }

    /// Takes every answer that is there.
    ///
    /// - Returns: the number of the newest Hello that was welcomed, and how; `nil` when none was.
    func takeWelcome() throws -> (id: UInt64, reply: WireReply, welcome: WireWelcome)? {
        var newest: (UInt64, WireReply, WireWelcome)?
        while let frame = try receive() {
            let reply = try WireReply(frame: frame)
            guard case .welcome(let welcome) = reply.body else {
                throw LoadError("A client was not welcomed: \(reply.complaint)")
            }
            newest = (reply.id, reply, welcome)
        }
        return newest
    }

    // MARK: Joining

    func join(_ population: String, as trainee: Int) throws {
        var join = WireJoin()
        join.key = newKey()
        join.population = population
        join.worker = "bench"
        try send(.join(join), for: trainee)
    }

    /// - Returns: how many leases came.
    func takeLeases() throws -> Int {
        var count = 0
        while let frame = try receive() {
            let reply = try WireReply(frame: frame)
            guard case .directive(let directive) = reply.body,
                case .lease(let lease) = directive.assignment,
                let trainee = waiting.removeValue(forKey: reply.id)
            else { throw LoadError("A worker was given no member: \(reply.complaint)") }
            trainees[trainee].take(lease)
            count += 1
        }
        return count
    }

    // MARK: Reporting

    var isWaiting: Bool { trainees.contains { $0.sent != 0 } }

    func report(as number: Int) throws {
        trainees[number].sequence += 1
        trainees[number].train()
        try sendReport(of: number)
    }

    private func sendReport(of number: Int, isAgain: Bool = false) throws {
        let trainee = trainees[number]
        var report = WireReport()
        report.lease = trainee.lease
        report.sequence = trainee.sequence
        report.step = trainee.step
        report.score = trainee.score
        report.checkpoint = trainee.checkpoint
        report.effect = trainee.effect
        report.released = trainee.released
        trainees[number].sent = monotonicNanoseconds()
        try send(.report(report), for: number, again: isAgain ? trainee.request : nil)
        if !isAgain { trainees[number].request = lastID }
    }

    /// - Returns: how many reports were sent again that left before a time.
    func sendAgain(before time: UInt64) throws -> Int {
        var count = 0
        for number in trainees.indices
        where trainees[number].sent != 0 && trainees[number].sent < time {
            try sendReport(of: number, isAgain: true)
            count += 1
        }
        return count
    }

    func sendHeartbeat() throws {
        var heartbeat = WireHeartbeat()
        heartbeat.leases = trainees.map(\.lease)
        try send(.heartbeat(heartbeat))
    }

    /// - Returns: `nil` when there is no answer now.
    func takeAnswer(isFloor: Bool) throws -> Answer? {
        guard let frame = try receive() else { return nil }
        if isFloor { return echoed(try WireRequest(frame: frame)) }
        let reply = try WireReply(frame: frame)
        committed = reply.committed
        if case .alive(let alive) = reply.body {
            // One that a directive ended meanwhile is gone as well, and nobody's any more.
            guard !trainees.contains(where: { alive.gone.contains($0.lease) }) else {
                throw LoadError("A lease lapsed.")
            }
            return .other
        }
        guard let number = waiting.removeValue(forKey: reply.id) else { return .other }
        guard case .directive(let directive) = reply.body else {
            throw LoadError("A report was refused: \(reply.complaint)")
        }
        return .directive(
            trainee: number, sent: answered(number),
            exploits: trainees[number].take(directive.outcome),
            switches: try trainees[number].take(directive))
    }

    private func echoed(_ request: WireRequest) -> Answer {
        guard let number = waiting.removeValue(forKey: request.id) else { return .other }
        trainees[number].target += 1
        return .directive(
            trainee: number, sent: answered(number), exploits: false, switches: false)
    }

    private func answered(_ number: Int) -> UInt64 {
        acknowledged += 1
        defer { trainees[number].sent = 0 }
        return trainees[number].sent
    }
}

/// The key of a request that changes something.
func newKey() -> Data { Data((0..<Limits.keyBytes).map { _ in .random(in: 0...255) }) }

extension WireReply {
    /// What to say of an answer that was not expected.
    var complaint: String {
        switch body {
        case .error(let error): error.message
        case .directive: "there was nothing to train."
        case nil: "the answer was empty."
        default: "the answer was to something else."
        }
    }
}
