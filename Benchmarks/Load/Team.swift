import Foundation
import Histogram
import Messages
import ZeroMQ

/// All connections of a load, driven by one thread.
final class Team {
    private let lines: [Line]
    private var watch: Watch
    private let isFloor: Bool
    /// Between two reports of a trainee; `nil` for none.
    private let pause: UInt64?
    /// Who reports next when there is a pause, in order. Each comes at the end again.
    private var queue: [(time: UInt64, line: Int, trainee: Int)] = []
    private var firstInQueue = 0
    private var nextLook: UInt64 = 0
    private var nextHeartbeat: UInt64 = 0
    private var isEnding = false
    private var count = Count()

    /// What was counted since the measurement began.
    struct Count {
        var reports = 0
        var exploits = 0
        var switches = 0
        var retries = 0
        var latencies = Histogram<UInt64>(
            highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
    }

    /// A report that had no answer for so long is sent again.
    private static let patience: UInt64 = 1_000_000_000
    private static let timeBetweenLooks: UInt64 = 100_000_000
    private static let timeBetweenHeartbeats: UInt64 = 10_000_000_000
    /// For joining, and for the last answers.
    private static let limit: UInt64 = 120_000_000_000

    init(
        _ place: Place, _ size: TeamSize, every: Double?, sources: Int, isFloor: Bool
    ) throws {
        self.isFloor = isFloor
        pause = every.map { UInt64($0 * 1e9) }
        watch = try Watch()
        lines = try (0..<size.connections).map { number in
            try Line(place, source: sources > 1 ? "127.0.0.\(2 + number % sources)" : nil)
        }
        for (number, line) in lines.enumerated() {
            try watch.add(line.socket.file(), number: number)
            line.trainees = (0..<size.leases).map { _ in Trainee(lease: .random(in: 1 ... .max)) }
        }
    }

    // MARK: Joining

    /// Gets a lease for everybody. The floor gives none, and answers to any.
    func join(_ population: String) throws {
        var missing = 0
        for line in lines {
            for trainee in line.trainees.indices {
                try line.join(population, as: trainee)
                missing += 1
            }
            missing -= try line.takeLeases()
        }
        let end = monotonicNanoseconds() + Self.limit
        while missing > 0 {
            guard monotonicNanoseconds() < end else {
                throw LoadError("\(missing) workers were not let in within two minutes.")
            }
            try watch.wait(milliseconds: 100) { number in
                missing -= try lines[number].takeLeases()
            }
        }
    }

    // MARK: Reporting

    /// Loads the server, first without counting.
    func measure(warmUp: Double, seconds: Double, server: ServerProcess) throws -> Outcome {
        let start = monotonicNanoseconds()
        try begin(at: start)
        try go(until: start + UInt64(warmUp * 1e9))
        count = Count()
        let (sent, received) = bytes
        let answered = acknowledged
        let (before, own) = (try server.processorTime(), ownProcessorTime())
        let begin = monotonicNanoseconds()
        try go(until: begin + UInt64(seconds * 1e9))
        let elapsed = Double(monotonicNanoseconds() - begin) / 1e9
        let (after, ownAfter) = (try server.processorTime(), ownProcessorTime())
        let measured = count
        let (sentAfter, receivedAfter) = bytes
        let reports = acknowledged - answered
        try finish()

        guard reports > 0 else { throw LoadError("No report was answered.") }
        func microseconds(_ percentile: Double) -> Double {
            Double(measured.latencies.valueAtPercentile(percentile)) / 1000
        }
        var outcome = Outcome()
        outcome.reports = reports
        outcome.seconds = elapsed
        outcome.reportsPerSecond = Double(reports) / elapsed
        outcome.p50 = microseconds(50)
        outcome.p99 = microseconds(99)
        outcome.p999 = microseconds(99.9)
        outcome.most = Double(measured.latencies.max) / 1000
        outcome.serverMicroseconds = (after - before) * 1e6 / Double(reports)
        outcome.loadMicroseconds = (ownAfter - own) * 1e6 / Double(reports)
        outcome.serverMebibytes = try server.memory(.now)
        outcome.exploits = measured.exploits
        outcome.switches = measured.switches
        outcome.retries = measured.retries
        outcome.acknowledged = acknowledged
        outcome.bytesPerReport = Double(sentAfter - sent) / Double(reports)
        outcome.bytesPerDirective = Double(receivedAfter - received) / Double(reports)
        return outcome
    }

    /// Everybody reports, and waits for everybody, so many times.
    ///
    /// - Returns: how many reports were answered.
    func report(rounds: Int) throws -> Int {
        isEnding = true
        for _ in 0..<rounds {
            try begin(at: monotonicNanoseconds())
            try finish()
        }
        return acknowledged
    }

    private var acknowledged: Int { lines.reduce(0) { $0 + $1.acknowledged } }

    private var bytes: (sent: Int, received: Int) {
        lines.reduce((0, 0)) { ($0.0 + $1.bytesSent, $0.1 + $1.bytesReceived) }
    }

    private func begin(at start: UInt64) throws {
        nextLook = start + Self.timeBetweenLooks
        nextHeartbeat = start + Self.timeBetweenHeartbeats
        let trainees = lines.indices.flatMap { line in
            lines[line].trainees.indices.map { (line, $0) }
        }
        guard let pause else {
            for (line, trainee) in trainees { try lines[line].report(as: trainee) }
            for line in lines.indices { try drain(line) }
            return
        }
        // Spread over the pause.
        for (place, trainee) in trainees.enumerated() {
            let time = start + pause / UInt64(trainees.count) * UInt64(place)
            queue.append((time, trainee.0, trainee.1))
        }
    }

    private func go(until end: UInt64) throws {
        while true {
            let now = monotonicNanoseconds()
            guard now < end else { return }
            try watch.wait(milliseconds: pause == nil ? 20 : 1) { try drain($0) }
            try reportDue()
            if now >= nextLook { try look(at: now) }
        }
    }

    /// Takes every answer that a connection has, which waiting for it again needs.
    private func drain(_ number: Int) throws {
        let line = lines[number]
        while let answer = try line.takeAnswer(isFloor: isFloor) {
            guard case .directive(let trainee, let sent, let exploits, let switches) = answer else {
                continue
            }
            count.reports += 1
            count.exploits += exploits ? 1 : 0
            count.switches += switches ? 1 : 0
            count.latencies.record(monotonicNanoseconds() - sent)
            if let pause {
                queue.append((monotonicNanoseconds() + pause, number, trainee))
            } else if !isEnding {
                try line.report(as: trainee)
            }
        }
    }

    private func reportDue() throws {
        guard !isEnding else { return }
        let now = monotonicNanoseconds()
        while firstInQueue < queue.count, queue[firstInQueue].time <= now {
            let (_, line, trainee) = queue[firstInQueue]
            firstInQueue += 1
            try lines[line].report(as: trainee)
            try drain(line)
        }
        if firstInQueue > 100_000 {
            queue.removeFirst(firstInQueue)
            firstInQueue = 0
        }
    }

    /// Sends again what had no answer, and heartbeats.
    private func look(at now: UInt64) throws {
        nextLook = now + Self.timeBetweenLooks
        let isBeat = now >= nextHeartbeat
        if isBeat { nextHeartbeat = now + Self.timeBetweenHeartbeats }
        for (number, line) in lines.enumerated() {
            if isBeat, !isFloor { try line.sendHeartbeat() }
            let retries = try line.sendAgain(before: now - Self.patience)
            count.retries += retries
            if isBeat || retries > 0 { try drain(number) }
        }
    }

    /// Lets what is under way be answered, so that what was acknowledged can be counted.
    private func finish() throws {
        isEnding = true
        let end = monotonicNanoseconds() + Self.limit
        while lines.contains(where: \.isWaiting) {
            guard monotonicNanoseconds() < end else {
                throw LoadError("Reports were not answered within two minutes.")
            }
            try go(until: monotonicNanoseconds() + 10_000_000)
        }
    }
}
